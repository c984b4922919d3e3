"""Probes, and the operator's own lag: what it did not hear because it was late itself is held against no Jaeger."""

from __future__ import annotations

import asyncio

import pytest
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.jaeger.memory import MemoryJaegers
from frametrace_operator.guard.measuring.lag import Lag
from frametrace_operator.guard.measuring.probes import Probes

AT = JaegerAt("http://jaeger")


class Late:
    """A clock whose sleepers wake when a test says so, however late."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self._sleeping: list[asyncio.Future[None]] = []

    def now(self) -> float:
        return self.seconds

    def wall(self) -> float:
        raise AssertionError("nothing is dated here")

    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        future = asyncio.get_running_loop().create_future()
        self._sleeping.append(future)
        await future

    async def wake(self, after: float) -> None:
        self.seconds += after
        sleeping, self._sleeping = self._sleeping, []
        for future in sleeping:
            future.set_result(None)
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
def clock() -> Late:
    return Late()


async def test_lag_is_known_while_it_lasts_and_afterwards(clock: Late) -> None:
    lag = Lag(clock)
    task = asyncio.ensure_future(lag.run())
    await asyncio.sleep(0)
    await clock.wake(1.0)
    assert not lag.since(0.0)

    clock.seconds += 2.5  # nobody was woken in time
    assert lag.since(clock.seconds)
    await clock.wake(0.0)
    assert lag.since(1002.0)
    assert not lag.since(clock.seconds + 0.1)
    await clock.wake(1.0)
    assert not lag.since(clock.seconds)
    task.cancel()


async def _failing_probes(clock: Late, *beats: float) -> Probes:
    """Three probes that a silent Jaeger fails, with so long a beat of the loop before each."""
    jaegers = MemoryJaegers()
    jaegers.put(AT.url)
    jaegers.silence(AT.url)
    probes = Probes(jaegers, clock, frozenset, lambda _: None)
    task = asyncio.ensure_future(probes.lag.run())
    await asyncio.sleep(0)
    for beat in beats:
        clock.seconds += beat
        await probes.probe(AT)
        await clock.wake(0.0)
    task.cancel()
    return probes


async def test_three_probes_that_fail_while_the_operator_is_late_are_unknown_and_not_failed(clock: Late) -> None:
    probes = await _failing_probes(clock, 4.0, 4.0, 4.0)

    assert probes.of(AT).failed == 0
    assert probes.of(AT).failed_at == clock.seconds, "nothing is missing that was looked for meanwhile"
    assert "too busy" in probes.of(AT).error


async def test_probes_that_fail_in_time_count(clock: Late) -> None:
    probes = await _failing_probes(clock, 1.0, 1.0, 1.0)

    assert probes.of(AT).failed == 3
    assert probes.of(AT).error == "no answer in time"
