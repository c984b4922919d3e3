"""Passes with the guard in them: what a person asks for, and what was measured, comes about in the cluster and is said."""

from __future__ import annotations

from typing import Any

from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_operator.guard.evidence import BackendHealth, Evidence
from frametrace_operator.kube.kinds import CONFIG_MAP, EVENT, PIPELINE, POD

from tests.unit.operator.conftest import NAMESPACE, World
from tests.unit.operator.guard.site import audit


def tracing(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.resource()["status"]["tracing"]
    return found


def condition(world: World, kind: str) -> tuple[str, str, str]:
    found = next(one for one in world.resource()["status"]["conditions"] if one["type"] == kind)
    return found["status"], found["reason"], found["message"]


def annotate(world: World, name: str, value: str) -> None:
    def write(body: dict[str, Any]) -> None:
        body["metadata"].setdefault("annotations", {})[name] = value

    world.kube.edit(PIPELINE, NAMESPACE, "yard", write)


def sdk_disabled(world: World) -> set[str]:
    bodies = (world.deployment("capture", "cam01"), world.deployment("stage", "motion"))
    containers = [body["spec"]["template"]["spec"]["containers"][0] for body in bodies]
    return {env["value"] for one in containers for env in one["env"] if env["name"] == "OTEL_SDK_DISABLED"}


def events(world: World) -> list[str]:
    return [body["reason"] for body in world.kube.objects(EVENT)]


async def rolled_out(world: World) -> None:
    """Passes, while pods come to be what their Deployments say, until all is quiet."""
    for _ in range(4):
        await world.settle()
        world.run_pods()
        await world.book.refresh()
        world.later(20)
    world.flow()
    await world.book.refresh()
    await world.settle()


async def test_a_person_takes_tracing_out_and_brings_it_back(world: World) -> None:
    await world.ready()
    annotate(world, ROLLBACK_TRACING, "2026-01-01T00:00:00Z")

    await rolled_out(world)

    assert tracing(world)["state"] == "RolledBack"
    assert tracing(world)["hold"] == "Requested"
    assert sdk_disabled(world) == {"true"}
    status, reason, message = condition(world, "TracingRolledBack")
    assert (status, reason) == ("True", "Requested")
    assert "kubectl frametrace reenable" in message
    assert condition(world, "TracesFlowing")[1] == "TracingRolledBack"
    assert {"TracingRollbackBegun", "TracingRolledBack"} <= set(events(world))

    annotate(world, REENABLE_TRACING, "2026-01-01T01:00:00Z")
    await rolled_out(world)

    assert tracing(world)["state"] == "Probation"
    assert sdk_disabled(world) == {"false"}
    assert condition(world, "TracingRolledBack")[1] == "Probation"
    assert "TracingProbation" in events(world)


async def test_missing_traces_roll_back_and_the_report_names_them(world: World) -> None:
    await world.ready()
    world.evidence = Evidence(audits=(audit(world.now, 100), audit(world.now, 120)))

    await rolled_out(world)

    assert tracing(world)["state"] == "RolledBack"
    assert tracing(world)["nextAttemptTime"]
    assert sdk_disabled(world) == {"true"}
    assert condition(world, "TracingRolledBack")[:2] == ("True", "TracesMissing")
    notes = [body["note"] for body in world.kube.objects(EVENT) if body["reason"] == "TracesMissing"]
    assert len(notes) == 1
    assert "20260301T120000000000_cam0_aaaaa_000000" in notes[0]
    name = tracing(world)["lastRollback"]["reportName"]
    assert any(body["metadata"]["name"] == name for body in world.kube.objects(CONFIG_MAP))
    assert condition(world, "Ready")[0] == "True"


async def test_the_decision_is_in_the_status_before_anything_is_done_for_it(world: World) -> None:
    await world.ready()
    annotate(world, ROLLBACK_TRACING, "2026-01-01T00:00:00Z")
    before = len(world.kube.writes)

    await world.reconcile()

    written = world.kube.writes[before:]
    first = next(place for place, write in enumerate(written) if "status" in str(write).lower())
    assert first == 0


async def test_a_lost_status_does_not_bring_tracing_in(world: World) -> None:
    await world.ready()
    annotate(world, ROLLBACK_TRACING, "2026-01-01T00:00:00Z")
    await rolled_out(world)
    world.kube.edit(PIPELINE, NAMESPACE, "yard", lambda body: body.pop("status"))

    await rolled_out(world)

    assert tracing(world)["state"] == "RolledBack"
    assert tracing(world)["hold"] == "Requested"
    assert sdk_disabled(world) == {"true"}


async def test_a_request_that_is_no_time_is_refused_where_people_see_it(world: World) -> None:
    await world.ready()
    annotate(world, ROLLBACK_TRACING, "please")

    await world.settle()

    assert tracing(world)["state"] == "Healthy"
    assert "'please' is no time stamp" in condition(world, "TracingRolledBack")[2]
    assert events(world).count("RequestRefused") == 1


async def test_alarm_only_says_so_and_changes_no_pod(world: World) -> None:
    await world.ready(tracing={"guard": {"rollback": "AlarmOnly"}})
    world.evidence = Evidence(audits=(audit(world.now, 100), audit(world.now, 120)))

    await rolled_out(world)

    assert tracing(world)["state"] == "Suspect"
    assert sdk_disabled(world) == {"false"}
    assert condition(world, "TracesFlowing")[:2] == ("False", "TracesMissing")
    assert condition(world, "TracingRolledBack")[:2] == ("False", "Alarm")
    assert events(world).count("TracesMissing") == 1
    writes = len(world.kube.writes)
    for _ in range(5):
        world.later(30)
        world.evidence = Evidence(audits=(*world.evidence.audits, audit(world.now, 90))[-20:])
        world.flow()
        await world.book.refresh()
        await world.settle()
    assert len(world.kube.writes) == writes


async def test_a_pods_role_says_which_hop_it_is(world: World) -> None:
    await world.ready()
    await world.settle()

    assert world.watched is not None
    assert {target.hop for target in world.watched.targets} == {"capture", "motion"}


async def test_a_jaeger_alone_on_its_node_is_held_excused_for_as_long_as_kubernetes_needs(world: World) -> None:
    await world.ready()
    name = f"{world.deployment('jaeger')['metadata']['name']}-1"
    world.kube.edit(POD, NAMESPACE, name, lambda body: body["spec"].update(nodeName="n1"))

    async def excuse(failed: int) -> str:
        world.evidence = Evidence(backends=(BackendHealth(world.now, failed_probes=failed, excused_probes=failed),))
        await world.reconcile()
        assert world.watched is not None
        return world.watched.excuse

    assert [bool(await excuse(failed)) for failed in (0, 2, 3, 12, 13)] == [False, False, True, True, False]
