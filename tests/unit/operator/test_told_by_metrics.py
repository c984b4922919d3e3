"""What Prometheus is told of a pipeline in trouble: by the operator, as the process that is dead tells nothing."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.kube.kinds import DEPLOYMENT

PLACE = {"namespace": "site-a", "pipeline": "yard"}


def told(world: Any, name: str, **labels: str) -> float | None:
    value: float | None = world.metrics.registry.get_sample_value(f"frametrace_pipeline_{name}", PLACE | labels)
    return value


def crashing(container: str = "main") -> Any:
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}
    return {"phase": "Running", "containerStatuses": [{"name": container, "state": {"waiting": waiting}}]}


async def fails(world: Any, role: str, item: str = "") -> None:
    """The pods of a role crash, and their Deployment has none that is ready."""
    name = world.deployment(role, item)["metadata"]["name"]
    world.pod(name, status=crashing())
    world.kube.edit(
        DEPLOYMENT, "site-a", name, lambda body: body["status"].update(readyReplicas=0, availableReplicas=0)
    )
    world.later(20)
    await world.book.refresh()
    await world.settle()


async def test_a_pipeline_whose_frames_flow(world: Any) -> None:
    await world.ready()

    assert told(world, "ready", reason="FramesFlowing") == 1
    assert (told(world, "broker_available"), told(world, "unavailable_stages")) == (1, 0)


@pytest.mark.parametrize(("role", "item", "broker", "stages"), [("stage", "motion", 1, 1), ("redis", "", 0, 0)])
async def test_a_dead_stage_and_a_dead_broker(world: Any, role: str, item: str, broker: int, stages: int) -> None:
    await world.ready()
    await fails(world, role, item)

    assert told(world, "ready", reason=world.condition("Ready")[1]) == 0
    assert (told(world, "broker_available"), told(world, "unavailable_stages")) == (broker, stages)


async def test_a_spec_that_cannot_be_carried_out(world: Any) -> None:
    await world.ready()
    world.change(cameras=[{"id": "cam01", "source": {"url": "http://nothing"}}])
    await world.settle()

    assert told(world, "ready", reason="Stalled") == 0
    assert told(world, "ready", reason="FramesFlowing") is None
