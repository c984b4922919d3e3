"""Children that somebody else keeps changing back: repaired ever more slowly, whatever wakes the passes."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frametrace_operator.errors import GoneError, OperatorError, RetryError
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.kinds import DEPLOYMENT
from frametrace_operator.manifests import Child
from frametrace_operator.naming import Role
from frametrace_operator.rewrites import Rewrites

NAMESPACE = "site-a"
YARD = PipelineKey(NAMESPACE, "yard")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def stage(world: Any) -> str:
    return str(world.deployment("stage", "motion")["metadata"]["name"])


def image(world: Any) -> str:
    return str(world.deployment("stage", "motion")["spec"]["template"]["spec"]["containers"][0]["image"])


def take_over(world: Any) -> None:
    """Another controller writes its image."""

    def write(body: Any) -> None:
        body["spec"]["template"]["spec"]["containers"][0]["image"] = "theirs:1"

    world.kube.edit(DEPLOYMENT, NAMESPACE, stage(world), write)


def repairs(world: Any) -> int:
    return int(world.kube.writes.count(f"apply Deployment {stage(world)}"))


async def test_what_is_undone_at_once_is_looked_at_ever_more_seldom(world: Any) -> None:
    await world.ready()
    original = world.kube.apply

    async def rewritten(body: Any) -> Any:
        body = copy.deepcopy(body)
        if body["kind"] == "Deployment":
            body["spec"]["template"]["spec"]["containers"][0]["image"] = "mirror.example/image:1"
        return await original(body)

    world.kube.apply = rewritten
    take_over(world)
    waits = []
    for _ in range(12):
        waits.append((await world.reconcile()).look_again)
        world.later(waits[-1])
    assert waits[:5] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert waits[-1] == 300.0
    world.kube.apply = original
    await world.settle()
    assert image(world) == "rt:1"
    assert (await world.reconcile()).look_again is None


async def test_the_others_writes_which_are_events_hurry_no_repair(world: Any) -> None:
    await world.ready()
    before = repairs(world)
    for _ in range(150):
        take_over(world)
        result = await world.reconcile()
        world.later(2)
    assert repairs(world) - before <= 9
    assert 0 < result.look_again <= 300
    assert world.condition("Reconciling") == ("True", "Applying"), "it is not as it should be, and will be written"
    assert f"somebody keeps changing Deployment {stage(world)} back" in world.message("Reconciling")
    assert f"kubectl get deployment {stage(world)} -n {NAMESPACE} -o yaml --show-managed-fields" in world.message(
        "Reconciling"
    )


@pytest.mark.parametrize("error", [RetryError("failed calling webhook"), GoneError("replaced meanwhile")])
async def test_what_is_undone_at_once_rests_also_where_another_childs_write_ends_each_pass(
    world: Any, error: OperatorError
) -> None:
    await world.ready()
    original, capture = world.kube.apply, world.deployment("capture", "cam01")["metadata"]["name"]

    async def fail(body: Any) -> Any:
        if body["metadata"]["name"] == capture:
            raise error
        return await original(body)

    world.kube.apply = fail
    world.kube.remove(DEPLOYMENT, NAMESPACE, capture)
    before = repairs(world)
    for _ in range(150):
        take_over(world)
        await world.reconcile()
        world.later(2)
    assert 0 < repairs(world) - before <= 9


async def test_what_is_undone_at_once_rests_also_where_the_status_cannot_be_written(world: Any) -> None:
    await world.ready()

    async def fail(*_: Any, **__: Any) -> Any:
        raise RetryError("the API server answered 500")

    world.kube.replace_status = fail
    before = repairs(world)
    for _ in range(150):
        take_over(world)
        await world.reconcile()
        world.later(2)
    assert 0 < repairs(world) - before <= 9


async def test_a_repair_whose_time_has_come_is_made(world: Any) -> None:
    await world.ready()
    for _ in range(4):
        take_over(world)
        wait = (await world.reconcile()).look_again
    assert image(world) == "theirs:1"
    world.later(wait)
    await world.reconcile()
    assert image(world) == "rt:1"


async def test_something_else_that_is_to_be_written_does_not_wait(world: Any) -> None:
    await world.ready()
    for _ in range(4):
        take_over(world)
        await world.reconcile()
    assert image(world) == "theirs:1"
    world.change(stages=[{"name": "motion", "handler": "motion", "maxDeliveries": 9}])
    await world.reconcile()
    assert image(world) == "rt:1"


async def test_a_child_that_is_fought_over_keeps_no_other_waiting(world: Any) -> None:
    await world.ready()
    for _ in range(4):
        take_over(world)
        await world.reconcile()
    capture = world.deployment("capture", "cam01")["metadata"]["name"]
    world.kube.remove(DEPLOYMENT, NAMESPACE, capture)
    await world.reconcile()
    assert world.deployment("capture", "cam01")["metadata"]["name"] == capture


async def test_a_child_that_is_deleted_again_and_again_is_made_again_each_time(world: Any) -> None:
    await world.ready()
    for _ in range(12):
        world.kube.remove(DEPLOYMENT, NAMESPACE, stage(world))
        await world.reconcile()
        assert image(world) == "rt:1"
        world.later(5)
    take_over(world)
    await world.reconcile()
    assert image(world) == "rt:1", "none of those was a fight"


async def test_a_fight_keeps_no_pipeline_from_being_suspended(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    waits = []
    for _ in range(6):
        take_over(world)
        waits.append((await world.reconcile()).look_again)
        world.later(waits[-1])
    assert max(waits) <= 3.0, "it drains"


def child(image: str = "rt:1", role: str = "stage") -> Child:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "one"}, "spec": {"image": image}}
    return Child(role, "one", body)


def fight(rewrites: Rewrites, *, times: int) -> None:
    for _ in range(times):
        rewrites.made(YARD, [child()], NOON)


def test_after_minutes_of_peace_the_first_repair_is_made_at_once_again() -> None:
    rewrites = Rewrites()
    fight(rewrites, times=4)
    assert rewrites.resting(YARD, NOON).keys() == {child().key}
    assert rewrites.resting(YARD, NOON + timedelta(seconds=4)) == {}
    rewrites.made(YARD, [child()], NOON + timedelta(seconds=4 + 300))
    assert rewrites.resting(YARD, NOON + timedelta(seconds=4 + 300)).keys() == {child().key}, "not for long enough"
    rewrites.resting(YARD, NOON + timedelta(hours=1))
    rewrites.made(YARD, [child()], NOON + timedelta(hours=1))
    assert rewrites.resting(YARD, NOON + timedelta(hours=1)) == {}


def test_another_manifest_of_the_child_begins_anew() -> None:
    rewrites = Rewrites()
    fight(rewrites, times=4)
    rewrites.made(YARD, [child("rt:2")], NOON)
    assert rewrites.resting(YARD, NOON) == {}
    assert rewrites.wait(YARD, [child().key], NOON) == 1.0


def test_a_clock_that_goes_back_keeps_nothing_waiting() -> None:
    rewrites = Rewrites()
    fight(rewrites, times=12)
    assert rewrites.resting(YARD, NOON - timedelta(hours=1)) == {}


def test_the_live_switch_rests_for_seconds_at_most() -> None:
    rewrites = Rewrites()
    live = child(role=Role.LIVE)
    for _ in range(20):
        rewrites.made(YARD, [live], NOON)
    assert rewrites.wait(YARD, [live.key], NOON) == 5.0
    assert rewrites.resting(YARD, NOON + timedelta(seconds=5)) == {}
