"""Passes from time to time: every pipeline once a period, and no more than some in a second."""

import pytest
from frametrace_api.status import CameraPipelineStatus
from frametrace_operator import workers
from frametrace_operator.fleet import Fleet
from frametrace_operator.keys import PipelineKey
from frametrace_operator.workqueue import WorkQueue
from prometheus_client import CollectorRegistry, Gauge

CONDITION = {
    "type": "Ready",
    "status": "True",
    "reason": "Flowing",
    "message": "",
    "lastTransitionTime": "2026-01-01T00:00:00Z",
}


class EnoughError(Exception):
    """A period was waited for."""


class Queue(WorkQueue[PipelineKey]):
    """Keeps when each key is to be handled."""

    def __init__(self) -> None:
        super().__init__()
        self.added: dict[PipelineKey, float] = {}

    def add(self, key: PipelineKey, *, after: float = 0.0, first: bool = False) -> None:  # noqa: ARG002 (nobody waits for these)
        self.added[key] = after


def fleet_of(pipelines: int) -> tuple[Fleet, Gauge]:
    gauge = Gauge("pipelines", "Pipelines.", ("ready", "reason"), registry=CollectorRegistry())
    fleet = Fleet(gauge)
    for number in range(pipelines):
        fleet.saw(PipelineKey("ns", f"p{number}"), CameraPipelineStatus())
    return fleet, gauge


@pytest.mark.parametrize(("pipelines", "period"), [(0, 60.0), (300, 60.0), (1000, 200.0)])
async def test_a_large_fleet_is_looked_at_more_seldom(
    pipelines: int, period: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        raise EnoughError

    monkeypatch.setattr(workers.asyncio, "sleep", sleep)
    queue, (fleet, _) = Queue(), fleet_of(pipelines)
    with pytest.raises(EnoughError):
        await workers.resync(queue, fleet, 60.0)

    assert waited == [period]
    assert set(queue.added) == set(fleet.pipelines())
    assert all(0 <= after <= period for after in queue.added.values())
    assert max(queue.added.values(), default=period) > period / 2


def test_pipelines_are_counted_by_how_they_stand_and_a_state_without_any_is_gone() -> None:
    fleet, gauge = fleet_of(3)
    ready = CameraPipelineStatus.model_validate({"conditions": [CONDITION]})

    def told() -> dict[tuple[str, str], float]:
        samples = next(iter(gauge.collect())).samples
        return {(sample.labels["ready"], sample.labels["reason"]): sample.value for sample in samples}

    assert told() == {("Unknown", ""): 3}
    fleet.saw(PipelineKey("ns", "p0"), ready)
    fleet.saw(PipelineKey("ns", "p0"), ready)
    assert told() == {("Unknown", ""): 2, ("True", "Flowing"): 1}
    fleet.forget(PipelineKey("ns", "p0"))
    fleet.forget(PipelineKey("ns", "p0"))
    assert told() == {("Unknown", ""): 2}
