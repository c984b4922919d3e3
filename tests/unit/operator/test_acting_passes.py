"""A rollback in the cluster in memory: the order of its writes, captures a tenth at a time, and an operator that dies at each."""

from __future__ import annotations

from typing import Any

import pytest
from frame_tracking import TracingNow
from frametrace_api.group import ROLLBACK_TRACING
from frametrace_operator.errors import LeadershipLostError, RetryError
from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT, PIPELINE

from tests.unit.operator.conftest import NAMESPACE, World

CAMERAS = [{"id": f"cam{number:02}", "source": {"url": "rtsp://cameras.example/one"}} for number in range(1, 13)]


def ask(world: World) -> None:
    def write(body: dict[str, Any]) -> None:
        body["metadata"]["annotations"] = {ROLLBACK_TRACING: "2026-01-01T00:00:00Z"}

    world.kube.edit(PIPELINE, NAMESPACE, "yard", write)


def tracing(world: World) -> dict[str, Any]:
    return dict(world.resource()["status"]["tracing"])


def disabled(world: World, role: str) -> list[str]:
    """What the Deployments of a role say of the SDK."""
    bodies = [
        body for body in world.kube.objects(DEPLOYMENT) if body["metadata"]["labels"]["frametrace.dev/role"] == role
    ]
    containers = [body["spec"]["template"]["spec"]["containers"][0] for body in bodies]
    return [env["value"] for one in containers for env in one["env"] if env["name"] == "OTEL_SDK_DISABLED"]


def reports(world: World) -> list[str]:
    bodies = world.kube.objects(CONFIG_MAP)
    return [
        body["metadata"]["name"] for body in bodies if body["metadata"]["labels"]["frametrace.dev/role"] == "report"
    ]


def kinds(writes: list[str]) -> list[str]:
    """The writes without the Events, which are news and no steps."""
    return [" ".join(write.split()[:2]) for write in writes if not write.startswith("event")]


async def roll_out(world: World, *, passes: int = 30) -> None:
    """Passes while pods come to be what their Deployments say, until tracing is out and cleared."""
    for _ in range(passes):
        await world.reconcile()
        world.run_pods()
        await world.book.refresh()
        world.later(16)
        last = tracing(world).get("lastRollback", {})
        if tracing(world)["state"] == "RolledBack" and last["purge"] == "Done":
            return
    raise AssertionError(tracing(world))


async def test_the_switch_comes_first_then_the_report_then_pods_and_the_purge_last(world: World) -> None:
    await world.ready()
    ask(world)
    before = len(world.kube.writes)
    await world.reconcile()
    assert kinds(world.kube.writes[before:])[:5] == [
        "status CameraPipeline",
        "apply ConfigMap",
        "annotate Pod",
        "annotate Pod",
        "apply ConfigMap",
    ]
    assert disabled(world, "capture") == ["false"]
    assert len(reports(world)) == 1
    await roll_out(world)
    assert disabled(world, "capture") == disabled(world, "stage") == ["true"]
    writes = kinds(world.kube.writes[before:])
    assert writes.count("apply Deployment") == 3, "a capture, a stage, and Jaeger once"
    jaeger = world.deployment("jaeger")["spec"]["template"]["metadata"]["annotations"]
    assert jaeger["frametrace.dev/purge-generation"] == "1"


async def test_captures_go_a_tenth_at_a_time_and_stages_at_once(world: World) -> None:
    await world.ready(cameras=CAMERAS)
    ask(world)
    out: list[int] = []
    for _ in range(30):
        await world.reconcile()
        out.append(disabled(world, "capture").count("true"))
        if out[-1]:
            assert disabled(world, "stage") == ["true"]
        world.run_pods()
        await world.book.refresh()
        world.later(16)
    assert sorted(set(out)) == [0, 2, 4, 6, 8, 10, 12]


async def test_pods_that_cannot_be_told_of_it_are_replaced_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> Any:
        raise RetryError("the API server answered 500: failed calling webhook")

    await world.ready()
    for role, item, hop in (("capture", "cam01", "capture"), ("stage", "motion", "motion")):
        world.ledgers.put(world.ip(role, item), world.ledger(hop, ("cam01",), tracing=TracingNow.ON))
    monkeypatch.setattr(world.kube, "annotate", fail)
    ask(world)
    await roll_out(world)
    assert disabled(world, "capture") == disabled(world, "stage") == ["true"]


async def test_an_operator_that_dies_before_any_of_its_writes_leaves_one_rollback_to_the_next() -> None:
    count, died = 0, True
    while died:
        count += 1
        world = World()
        await world.ready()
        ask(world)
        died = await _dies_at(world, count)
        world.restart()
        await roll_out(world)
        assert disabled(world, "capture") == disabled(world, "stage") == ["true"]
        assert len(reports(world)) == 1
        assert tracing(world)["lastRollback"]["purgeGeneration"] == 1
    assert count > 10, "no write was disturbed"


async def _dies_at(world: World, count: int) -> bool:
    """Let passes go on until the write of that number is to be made; whether it came to that."""
    left = count

    def may_write() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise LeadershipLostError("killed")

    world.may_write = may_write
    try:
        await roll_out(world)
    except LeadershipLostError:
        return True
    finally:
        world.may_write = lambda: None
    return False
