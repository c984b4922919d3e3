"""Passes from time to time: one pipeline after the other, each once in so many seconds, and no more than some in a second."""

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
    """The time is over."""


class Resynced(WorkQueue[PipelineKey]):
    """Keeps when each key came, by a time that only those who sleep move; ends the loop after so many seconds."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self.now, self.until = 0.0, until
        self.added: list[tuple[float, PipelineKey]] = []

    def add(self, key: PipelineKey, *, after: float = 0.0, first: bool = False) -> None:
        assert (after, first) == (0.0, False)
        self.added.append((self.now, key))

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now > self.until + 1e-6:
            raise EnoughError

    def at(self, key: PipelineKey) -> list[float]:
        return [moment for moment, each in self.added if each == key]


def fleet_of(pipelines: int) -> tuple[Fleet, Gauge]:
    gauge = Gauge("pipelines", "Pipelines.", ("ready", "reason"), registry=CollectorRegistry())
    fleet = Fleet(gauge)
    for number in range(pipelines):
        fleet.saw(PipelineKey("ns", f"p{number}"), CameraPipelineStatus())
    return fleet, gauge


async def resynced(fleet: Fleet, seconds: float, monkeypatch: pytest.MonkeyPatch) -> Resynced:
    """What the loop does with a period of a minute, in so many seconds."""
    queue = Resynced(seconds)
    monkeypatch.setattr(workers.asyncio, "sleep", queue.sleep)
    with pytest.raises(EnoughError):
        await workers.resync(queue, fleet, 60.0)
    return queue


@pytest.mark.parametrize(("pipelines", "period"), [(1, 60.0), (300, 60.0), (1000, 200.0)])
async def test_each_is_looked_at_once_a_period_and_a_large_fleet_takes_longer(
    pipelines: int, period: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet, _ = fleet_of(pipelines)
    queue = await resynced(fleet, 3 * period, monkeypatch)

    moments = [moment for moment, _ in queue.added]
    assert len(moments) == 3 * pipelines
    assert min(later - one for one, later in zip([0.0, *moments], moments, strict=False)) >= 0.2 - 1e-6
    for key in fleet.pipelines():
        first, second, third = queue.at(key)
        assert (second - first, third - second) == pytest.approx((period, period))


async def test_who_is_left_of_a_large_fleet_need_not_wait_for_those_that_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fleet, _ = fleet_of(1000)
    first, *_, last = fleet.pipelines()
    sleep = Resynced.sleep

    async def and_most_are_gone(queue: Resynced, seconds: float) -> None:
        await sleep(queue, seconds)
        for key in fleet.pipelines()[1:-1]:
            fleet.forget(key)

    monkeypatch.setattr(Resynced, "sleep", and_most_are_gone)
    queue = await resynced(fleet, 120.0, monkeypatch)

    assert queue.at(first)[0] == pytest.approx(0.2)
    assert queue.at(last)[0] == pytest.approx(30.2)


async def test_the_first_pipeline_of_all_is_found_within_a_period(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet, _ = fleet_of(0)
    sleep, key = Resynced.sleep, PipelineKey("ns", "new")

    async def and_one_is_made(queue: Resynced, seconds: float) -> None:
        fleet.saw(key, CameraPipelineStatus())
        await sleep(queue, seconds)

    monkeypatch.setattr(Resynced, "sleep", and_one_is_made)
    assert (await resynced(fleet, 120.0, monkeypatch)).at(key) == [120.0]


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
