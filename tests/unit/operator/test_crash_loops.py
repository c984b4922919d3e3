"""Pods that end again and again: who waits for them is told so all the time, and who does not need them is not harmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from frametrace_operator.kube.kinds import DEPLOYMENT, POD

from tests.real.kstatus import kstatus
from tests.unit.operator.conftest import NAMESPACE, World

Status = dict[str, Any]
ENDED = {"reason": "OOMKilled", "exitCode": 137}


def life(began: datetime, ended: datetime) -> Status:
    return {"terminated": ENDED | {"startedAt": stamp(began), "finishedAt": stamp(ended)}}


def stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(state: Status, last: Status, *, ready: bool = False) -> Status:
    containers = [{"restartCount": 5, "state": state, "lastState": last}]
    ready_words = [{"type": "Ready", "status": str(ready)}]
    return {"phase": "Running", "podIP": "10.9.9.9", "conditions": ready_words, "containerStatuses": containers}


def in_loop(now: datetime, second: int, *, runs: int, waits: int) -> Status:
    """What the kubelet says in this second of a container that runs, ends, is seen to have ended, and waits."""
    begun = now - timedelta(seconds=second)
    before = begun - timedelta(seconds=waits)
    last = life(before - timedelta(seconds=runs), before)
    if second < runs:
        return pod({"running": {"startedAt": stamp(begun)}}, last, ready=True)
    ended = life(begun, begun + timedelta(seconds=runs))
    if second == runs:
        return pod(ended, last)
    return pod({"waiting": {"reason": "CrashLoopBackOff", "message": f"back-off {waits}s"}}, ended)


def runs_since(now: datetime, *, seconds: int, waited: int, before: int) -> Status:
    """A container that began so many seconds ago, after it had waited for so long after a life of `before` seconds."""
    begun = now - timedelta(seconds=seconds)
    ended = begun - timedelta(seconds=waited)
    running = {"running": {"startedAt": stamp(begun)}}
    return pod(running, life(ended - timedelta(seconds=before), ended), ready=True)


async def look(world: World, name: str, status: Status) -> None:
    """The pod of a Deployment is so, frames flow, and the operator looks twice."""
    world.pod(name, status=status)
    world.flow()
    await world.book.refresh()
    await world.reconcile()
    await world.reconcile()


def conditions(world: World, *kinds: str) -> tuple[tuple[str, str], ...]:
    return tuple(world.condition(kind) for kind in kinds)


def said(world: World) -> list[str]:
    """Writes to the status, and Events."""
    return [write for write in world.kube.writes if write.startswith(("status", "event"))]


async def test_a_jaeger_that_ends_again_and_again_leaves_ready_alone_and_is_told_of_once(world: World) -> None:
    await world.ready()
    name = world.deployment("jaeger")["metadata"]["name"]
    await look(world, name, in_loop(world.now, 0, runs=20, waits=60))
    before, seen = said(world), set()
    for second in range(5, 400, 5):
        world.later(5)
        await look(world, name, in_loop(world.now, second % 80, runs=20, waits=60))
        seen.add(conditions(world, "Ready", "Stalled", "Reconciling", "TracesFlowing"))
    assert seen == {
        (("True", "FramesFlowing"), ("True", "RolloutStuck"), ("False", "UpToDate"), ("Unknown", "BackendUnavailable"))
    }
    assert said(world) == before, "its first look has said all"
    told = f"pod {name}-1: CrashLoopBackOff: (it ended with OOMKilled, code 137); see: kubectl logs {name}-1"
    assert told in world.message("Stalled")
    assert told in world.message("TracesFlowing")
    assert kstatus(world.resource()) == "Failed", "a person must act, though frames flow"


async def test_a_pod_that_has_run_for_as_long_as_it_waited_is_well_and_looked_at_then(world: World) -> None:
    await world.ready()
    name = world.deployment("jaeger")["metadata"]["name"]
    await look(world, name, in_loop(world.now, 19, runs=20, waits=60))
    assert world.condition("Stalled") == ("True", "RolloutStuck")
    assert (await world.reconcile()).look_again == 41
    world.later(41)
    world.flow()
    await world.book.refresh()
    await world.reconcile()
    assert world.condition("Stalled") == ("False", "NotStalled")
    assert world.condition("TracesFlowing") == ("True", "SpansExported")
    assert (await world.reconcile()).look_again is None


@pytest.mark.parametrize(
    ("waited", "before"), [(1, 3600), (1, 2), (400, 3600)], ids=["began anew", "began anew twice", "its node was down"]
)
async def test_a_pod_that_began_anew_and_runs_is_no_news(world: World, waited: int, before: int) -> None:
    await world.ready()
    name = world.deployment("jaeger")["metadata"]["name"]
    writes = list(world.kube.writes)
    await look(world, name, runs_since(world.now, seconds=0, waited=waited, before=before))
    assert world.kube.writes == writes


async def test_an_image_of_jaeger_that_cannot_be_had_stalls_and_leaves_ready_alone(world: World) -> None:
    await world.ready()
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "not found"}}
    await look(world, world.deployment("jaeger")["metadata"]["name"], pod(waiting, {}))
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert world.condition("Stalled") == ("True", "ImageUnavailable")


async def test_one_bad_pod_of_a_stage_stalls_and_leaves_ready_alone_and_the_only_one_does_not(world: World) -> None:
    await world.ready(stages=[{"name": "motion", "handler": "motion", "replicas": 2}])
    name = world.deployment("stage", "motion")["metadata"]["name"]
    bad = in_loop(world.now, 70, runs=20, waits=60)
    [good] = world.pods(f"{name}-1")
    world.kube.put(good | {"metadata": good["metadata"] | {"name": f"{name}-2", "uid": "second"}, "status": bad})
    await look(world, name, good["status"])
    assert conditions(world, "Ready", "Stalled") == (("True", "FramesFlowing"), ("True", "RolloutStuck"))
    world.kube.remove(POD, NAMESPACE, f"{name}-1")
    await world.reconcile()
    assert conditions(world, "Ready", "Stalled") == (("False", "Stalled"), ("True", "RolloutStuck"))


async def test_what_frames_wait_for_is_told_before_what_they_do_not(world: World) -> None:
    await world.ready()
    for role, item in (("jaeger", ""), ("stage", "motion")):
        world.pod(world.deployment(role, item)["metadata"]["name"], status=in_loop(world.now, 70, runs=20, waits=60))
    await world.reconcile()
    assert world.message("Stalled").startswith("stage motion: ")
    assert world.message("Ready") == world.message("Stalled")


async def test_a_deployment_of_somebody_else_under_our_name_is_none_of_the_pipelines(world: World) -> None:
    await world.ready()
    name = world.deployment("redis")["metadata"]["name"]
    world.kube.remove(DEPLOYMENT, NAMESPACE, name)
    labels = {"frametrace.dev/role": "theirs"}
    theirs = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 7}}
    world.kube.put(theirs | {"metadata": {"name": name, "namespace": NAMESPACE, "labels": labels}})
    await world.reconcile()
    assert conditions(world, "Ready", "Stalled") == (("False", "Stalled"), ("True", "OwnerConflict"))
