"""Captures that are not ready in a rollout's time: a camera that is away is told as that, and a pod that is stuck as that."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.flow_memory import FIRST_SECONDS
from frametrace_operator.kube.kinds import DEPLOYMENT

from tests.unit.operator.conftest import NAMESPACE, World

TWO = [{"id": name, "source": {"url": f"rtsp://cameras.example/{name}"}} for name in ("cam01", "cam02")]
NOT_READY = [{"type": "Ready", "status": "False"}]
RUNNING = {"running": {"startedAt": "2025-12-31T23:00:00Z"}}


async def overdue(world: World, state: Any = None, *, phase: str = "Running") -> None:
    """Of two cameras, one's capture has not become ready in the ten minutes that Kubernetes gives it."""
    await world.ready(cameras=TWO)
    name = world.deployment("capture", "cam02")["metadata"]["name"]
    ip = world.ip("capture", "cam02")
    words = {"reason": "ProgressDeadlineExceeded", "message": f'ReplicaSet "{name}-5d" has timed out progressing.'}
    status = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "unavailableReplicas": 1}
    status["conditions"] = [{"type": "Progressing", "status": "False", **words}]
    world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda live: live.update(status=status))
    containers = [{"restartCount": 0, "state": state or RUNNING}]
    told = {"phase": phase, "conditions": NOT_READY, "containerStatuses": containers}
    world.pod(name, status=told | ({"podIP": ip} if phase == "Running" else {}))
    world.later(12)
    world.flow(cameras=("cam01", "cam02") if phase == "Running" else ("cam01",))


async def look(world: World) -> None:
    await world.book.refresh()
    await world.settle()


@pytest.mark.parametrize("reason", ["Unreachable", "Unauthorized"])
async def test_a_camera_that_is_away_at_a_rollout_is_told_and_nothing_is_stalled(world: World, reason: str) -> None:
    await overdue(world)
    world.camera_says("cam02", reason=reason, message="the camera says no")

    await look(world)

    assert world.condition("Stalled") == ("False", "NotStalled")
    assert world.condition("Ready") == ("False", "CamerasUnavailable")
    assert world.condition("CaptureAvailable") == ("False", reason)
    assert f"cam02: {reason}: the camera says no" in world.message("Ready")


async def test_the_cameras_word_goes_before_that_of_a_pod_that_is_over(world: World) -> None:
    await overdue(world)
    world.camera_says("cam02", reason="Unreachable", message="no route")
    over = world.pods(f"{world.deployment('capture', 'cam02')['metadata']['name']}-1")[0]
    ended = {"terminated": {"reason": "Error", "exitCode": 137}}
    status = {"phase": "Failed", "reason": "Evicted", "containerStatuses": [{"restartCount": 0, "state": ended}]}
    world.kube.put({**over, "metadata": {**over["metadata"], "name": "over", "uid": "over"}, "status": status})

    await look(world)

    assert world.condition("CaptureAvailable") == ("False", "Unreachable")
    assert world.condition("Stalled") == ("False", "NotStalled")


async def test_a_capture_that_runs_and_does_not_answer_is_unknown_and_nothing_is_stalled(world: World) -> None:
    await overdue(world)
    world.ledgers.silence(world.ip("capture", "cam02"))

    await world.book.refresh()
    world.later(FIRST_SECONDS)
    world.flow(cameras=("cam01",))
    await look(world)

    assert world.condition("Stalled") == ("False", "NotStalled")
    assert world.condition("CaptureAvailable") == ("Unknown", "Unknown")


@pytest.mark.parametrize(
    ("state", "phase", "says"),
    [
        ({"waiting": {"reason": "ContainerCreating"}}, "Pending", "ProgressDeadlineExceeded"),
        ({"waiting": {"reason": "CrashLoopBackOff"}}, "Running", "CrashLoopBackOff"),
    ],
)
async def test_a_capture_that_does_not_run_is_stuck_as_before(world: World, state: Any, phase: str, says: str) -> None:
    await overdue(world, state, phase=phase)

    await look(world)

    assert world.condition("Stalled") == ("True", "RolloutStuck")
    assert says in world.message("Stalled")
    assert world.condition("CaptureAvailable") == ("False", "PodUnavailable")
