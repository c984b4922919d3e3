"""A suspended pipeline lets its cameras go, handles what is in flight, and then has no pods; and it comes back."""

from datetime import timedelta
from typing import Any

import pytest
from frametrace_api.group import SUSPEND
from frametrace_operator.kube.kinds import DEPLOYMENT, PIPELINE, POD
from frametrace_operator.pace import FLOW_SECONDS

NAMESPACE = "site-a"
ROLES = ("capture", "stage", "redis", "jaeger")


def replicas(world: Any) -> dict[str, int]:
    bodies = world.kube.objects(DEPLOYMENT)
    return {body["metadata"]["labels"]["frametrace.dev/role"]: body["spec"].get("replicas", 1) for body in bodies}


async def look(world: Any, seconds: float = 0.0, **says: Any) -> dict[str, int]:
    """Time passes, the stage says how it stands, and the operator looks."""
    world.later(seconds)
    if says:
        world.ledgers.put(world.ip("stage", "motion"), world.ledger("motion", ("cam01",), last=True, **says))
    await world.book.refresh()
    await world.settle()
    world.run_pods()
    return replicas(world)


async def test_each_step_waits_for_the_one_before_it(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    assert await look(world) == {"capture": 0, "stage": 1, "redis": 1, "jaeger": 1}
    assert world.condition("Ready") == ("False", "Suspended")
    assert world.condition("Reconciling") == ("True", "Draining")
    assert (await look(world, FLOW_SECONDS + 1, waiting={"cam01": 3}))["stage"] == 1
    assert world.resource()["status"]["stages"][0]["reason"] == "Draining"
    assert (await look(world, 3, waiting={"cam01": 0}))["stage"] == 1
    assert await look(world, 7, waiting={"cam01": 0}) == {"capture": 0, "stage": 0, "redis": 1, "jaeger": 1}
    assert await look(world) == dict.fromkeys(ROLES, 0)
    await look(world)
    assert world.condition("Reconciling") == ("False", "UpToDate")
    assert world.resource()["status"]["stages"][0]["state"] == "Suspended"


async def test_it_looks_again_while_it_drains_and_writes_nothing_once_it_rests(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    await world.settle()
    assert (await world.reconcile()).look_again == 3.0
    for _ in range(5):
        await look(world, FLOW_SECONDS + 1)
    before = list(world.kube.writes)
    assert (await world.reconcile()).look_again is None
    assert world.kube.writes == before


async def test_frames_that_still_move_keep_the_stages(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    await look(world)
    world._frames += 5
    assert (await look(world, FLOW_SECONDS + 1, waiting={"cam01": 0}))["stage"] == 1


async def test_a_stage_that_cannot_say_is_waited_for_only_as_long_as_pictures_are_kept(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    await look(world)
    world.ledgers.silence(world.ip("stage", "motion"))
    assert (await look(world, 60))["stage"] == 1
    assert (await look(world, 60 + 30))["stage"] == 0


CHAIN = [{"name": "motion", "handler": "motion"}, {"name": "deep", "handler": "archive", "input": "motion"}]


def stages(world: Any) -> list[int]:
    return [world.deployment("stage", stage["name"])["spec"].get("replicas", 1) for stage in CHAIN]


async def drain_chain(world: Any, seconds: int) -> list[int]:
    """Both stages of a chain work a backlog off, which the first one passes on, a look every three seconds."""
    for waits in range(seconds, 0, -3):
        world.later(3)
        world._frames += 6
        first = world.ledger("motion", ("cam01",), waiting={"cam01": max(0, waits - 100)})
        world.ledgers.put(world.ip("stage", "motion"), first)
        second = world.ledger("deep", ("cam01",), last=True, waiting={"cam01": waits})
        world.ledgers.put(world.ip("stage", "deep"), second)
        await world.book.refresh()
        await world.settle()
        world.run_pods()
        if stages(world) != [1, 1]:
            break
    return stages(world)


async def test_a_chain_of_stages_may_hold_frames_as_long_as_each_may_renew_them(world: Any) -> None:
    await world.ready(stages=CHAIN)
    world.change(mode="Suspended")
    await world.settle()
    world.run_pods()

    assert await drain_chain(world, 170) == [1, 1], "longer than pictures are kept in one queue, 90 s"
    assert await drain_chain(world, 60) == [0, 0], "more than twice as long: these pictures are gone"


async def test_a_broken_stage_of_a_chain_is_waited_for_no_longer(world: Any) -> None:
    await world.ready(stages=CHAIN)
    world.change(mode="Suspended")
    await world.settle()
    world.run_pods()
    assert await drain_chain(world, 60) == [1, 1]

    world.ledgers.silence(world.ip("stage", "deep"))
    await look(world, 33)

    assert stages(world) == [0, 0]


async def test_a_frame_that_a_capture_sent_as_it_ended_is_handled(world: Any) -> None:
    await world.ready(capture={"framesPerSecond": "0.05"})
    await look(world, 30, waiting={"cam01": 0})
    world.change(mode="Suspended")
    await world.settle()
    # It sends one more and ends; the stage counts what waits for it every five seconds, and tells it when it is asked.
    world.run_pods(only="capture")
    assert (await look(world, 1))["stage"] == 1
    assert (await look(world, 5, waiting={"cam01": 1}))["stage"] == 1
    assert (await look(world, 30, waiting={"cam01": 1}))["stage"] == 1
    assert (await look(world, 3, waiting={"cam01": 0}))["stage"] == 0


async def test_what_a_stage_said_before_is_not_believed_of_the_last_frames(world: Any) -> None:
    await world.ready(capture={"framesPerSecond": "0.05"})
    await look(world, 30, waiting={"cam01": 0})
    world.change(mode="Suspended")
    await world.settle()
    world.run_pods(only="capture")
    await world.settle()
    told = world.ledger("motion", ("cam01",), last=True, waiting={"cam01": 1})
    world.ledgers.put(world.ip("stage", "motion"), told)

    world.later(10)
    await world.settle()  # no round of readings came between

    assert replicas(world)["stage"] == 1


async def test_a_frame_in_a_slow_handlers_hands_is_waited_for(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    await look(world)
    counts = world.ledger("motion", ("cam01",), last=True, waiting={"cam01": 0})
    [hop] = counts.hops
    busy = counts.model_copy(update={"hops": (hop.model_copy(update={"entered": hop.entered + 1}),)})
    world.ledgers.put(world.ip("stage", "motion"), busy)
    for _ in range(4):
        assert (await look(world, FLOW_SECONDS + 1))["stage"] == 1
    assert (await look(world, FLOW_SECONDS + 1, waiting={"cam01": 0}))["stage"] == 0


async def test_it_comes_back(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    for _ in range(4):
        await look(world, FLOW_SECONDS + 1)
    world.change(mode="Running")
    assert await look(world) == dict.fromkeys(ROLES, 1)
    world.flow()
    await look(world)
    assert world.condition("Ready") == ("True", "FramesFlowing")


async def test_one_that_is_made_suspended_never_runs(world: Any) -> None:
    world.apply(mode="Suspended")
    await world.settle()
    assert replicas(world) == dict.fromkeys(ROLES, 0)


async def test_a_stage_that_was_scaled_to_zero_is_waited_for(world: Any) -> None:
    await world.ready()
    stage = world.deployment("stage", "motion")["metadata"]["name"]
    world.kube.edit(DEPLOYMENT, NAMESPACE, stage, lambda body: body["spec"].update(replicas=0))
    world.change(mode="Suspended")
    assert await look(world, FLOW_SECONDS + 1) == {"capture": 0, "stage": 0, "redis": 1, "jaeger": 1}
    assert await look(world, FLOW_SECONDS + 1) == {"capture": 0, "stage": 0, "redis": 1, "jaeger": 1}
    assert world.condition("Reconciling") == ("True", "Draining")


async def test_a_frame_that_was_given_back_is_not_waited_for(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    ledger = world.ledger("motion", ("cam01",), last=True, waiting={"cam01": 0})
    [hop] = ledger.hops
    gave = hop.model_copy(update={"entered": hop.entered + 1, "given_back": 1})
    for _ in range(8):
        if replicas(world)["stage"]:
            world.ledgers.put(world.ip("stage", "motion"), ledger.model_copy(update={"hops": (gave,)}))
        await look(world, 3)

    assert replicas(world)["stage"] == 0


def annotate(world: Any, value: str | None) -> None:
    def write(body: dict[str, Any]) -> None:
        body["metadata"]["annotations"] = {} if value is None else {SUSPEND: value}

    world.kube.edit(PIPELINE, NAMESPACE, "yard", write)


async def test_an_annotation_suspends_and_its_removal_wakes_though_the_spec_stays(world: Any) -> None:
    await world.ready()
    spec, generation = world.resource()["spec"], world.resource()["metadata"]["generation"]
    annotate(world, "2026-01-01T00:00:00Z")
    for _ in range(4):
        await look(world, FLOW_SECONDS + 1)
    assert replicas(world) == dict.fromkeys(ROLES, 0)
    assert world.condition("Ready") == ("False", "Suspended")
    assert world.resource()["status"]["mode"] == "Suspended"
    assert world.message("Ready") == (
        "suspended by the annotation frametrace.dev/suspend since 2026-01-01T00:00:00Z, until it is removed"
    )
    annotate(world, None)
    assert await look(world) == dict.fromkeys(ROLES, 1)
    world.flow()
    await look(world)
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert world.resource()["status"]["mode"] == "Running"
    assert (world.resource()["spec"], world.resource()["metadata"]["generation"]) == (spec, generation)


async def test_an_annotation_that_is_no_time_stamp_suspends_nothing_and_is_told(world: Any) -> None:
    await world.ready()
    annotate(world, "false")
    world.later(600)
    world.flow()
    await look(world)
    assert replicas(world) == dict.fromkeys(ROLES, 1)
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert "the annotation frametrace.dev/suspend is refused: 'false' is no time stamp" in world.message("Ready")


async def test_an_annotation_cannot_wake_what_the_spec_suspends(world: Any) -> None:
    world.apply(mode="Suspended")
    annotate(world, None)
    await world.settle()
    assert replicas(world) == dict.fromkeys(ROLES, 0)
    assert world.message("Ready").startswith("spec.mode is Suspended")


def strand(world: Any, role: str) -> Any:
    """The pod of a role is to end in half a minute, and its node is lost: the pod stays."""
    pod = next(body for body in world.kube.objects(POD) if body["metadata"]["labels"]["frametrace.dev/role"] == role)
    ends = (world.now + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    stranded = pod | {
        "metadata": pod["metadata"] | {"deletionTimestamp": ends},
        "spec": pod["spec"] | {"nodeName": "n1"},
    }
    world.kube.put(stranded)
    return stranded


@pytest.mark.parametrize("role", ["capture", "stage"])
async def test_a_pod_on_a_lost_node_is_waited_for_a_while_and_then_named(world: Any, role: str) -> None:
    await world.ready()
    world.change(mode="Suspended")
    for _ in range(10):
        if world.deployment(role, "cam01" if role == "capture" else "motion")["spec"].get("replicas", 1) == 0:
            break
        await world.settle()
        world.later(11)
        world.ledgers.put(world.ip("stage", "motion"), world.ledger("motion", ("cam01",), last=True))
        await world.book.refresh()
        world.run_pods(only="capture" if role == "stage" else "redis")
    stranded = strand(world, role)
    waits = []
    for _ in range(20):
        world.later(10)
        await world.book.refresh()
        await world.settle()
        waits.append(world.condition("Reconciling"))
        world.run_pods()
        world.kube.put(stranded)

    name = stranded["metadata"]["name"]
    assert waits[7] == ("True", "Draining")
    assert replicas(world) == dict.fromkeys(ROLES, 0)
    assert world.condition("Reconciling") == ("False", "UpToDate")
    assert f"pod {name} (node n1) was to end by 2026-01-01" in world.message("Ready")
    assert f"kubectl delete pod {name} -n site-a --force" in world.message("Ready")
    assert world.resource()["status"]["stages"][0]["state"] == "Suspended"
    before = list(world.kube.writes)
    world.later(60)
    assert (await world.reconcile()).look_again is None
    assert world.kube.writes == before
