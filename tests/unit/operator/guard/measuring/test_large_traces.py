"""Traces that are too large to be read: of their frames nothing is known, and of all others as much as ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

import pytest
from frame_tracking import FrameID
from frametrace_api.status_tracing import AuditResult
from frametrace_operator.guard.jaeger.base import Found, JaegerAt
from frametrace_operator.guard.jaeger.memory import MemoryJaegers
from frametrace_operator.guard.measuring.turnover import Turnover, turnover

from tests.unit.operator.guard.measuring.test_watch import FPS, Site, journey

AT = JaegerAt("http://jaeger")


async def swollen(site: Site, seconds: int, large: Callable[[FrameID], bool]) -> None:
    """Let so much time pass in which some frames have traces that are too large."""
    for _ in range(seconds):
        await site.go(1)
        site.jaegers.swell(*(frame.trace_id for frame in site.frames[-FPS:] if large(frame)))


def asked_of(site: Site) -> Counter[str]:
    """How often each trace is asked for, from now on."""
    asked, journeys = Counter[str](), site.jaegers.journeys

    async def counting(at: JaegerAt, trace_ids: Collection[str]) -> Found:
        asked.update(trace_ids)
        return await journeys(at, trace_ids)

    site.jaegers.journeys = counting  # type: ignore[method-assign]
    return asked


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_frame_whose_trace_is_too_large_is_unknown_alone(site: Site) -> None:
    asked = asked_of(site)
    async with site.running():
        await swollen(site, 120, lambda frame: frame.sequence % 300 == 0)

    assert [(a.result, a.checked, a.missing, a.unknown) for a in site.audits] == [(AuditResult.COMPLETE, 300, 0, 1)] * 3
    for number, audit in enumerate(site.audits):
        trace_id = site.frames[300 * number + 299].trace_id
        assert audit.reason == f"Jaeger's answer to trace {trace_id} alone cannot be read: it answers too much"
        assert asked[trace_id] == 1, "it bears no witness for the next window, either"


async def test_a_loss_beside_traces_that_are_too_large_is_told_and_those_are_not_asked_for_again(site: Site) -> None:
    site.loses, asked = lambda frame: frame.sequence % 20 == 0, asked_of(site)
    async with site.running():
        await swollen(site, 120, lambda frame: frame.sequence % 100 == 50)

    assert [(a.result, a.checked, a.missing, a.unknown) for a in site.audits] == [(AuditResult.MISSING, 300, 15, 3)] * 3
    assert {frame.frame_id.sequence % 20 for audit in site.audits for frame in audit.frames} == {0}
    assert [asked[frame.trace_id] for frame in site.frames[:900] if frame.sequence % 100 == 50] == [1] * 9
    assert [asked[frame.trace_id] for frame in site.frames[:900] if site.loses(frame)] == [2] * 45


async def test_where_all_traces_are_too_large_the_window_is_unknown(site: Site) -> None:
    async with site.running():
        await swollen(site, 120, lambda _: True)

    assert [(a.result, a.unknown) for a in site.audits] == [(AuditResult.UNKNOWN, 300)] * 3
    assert {a.reason for a in site.audits} == {"Jaeger was silent: of too many traces alone it answers too much"}


async def test_a_sample_all_of_which_is_too_large_is_unknown(site: Site) -> None:
    site.in_a_fleet()
    async with site.running():
        await swollen(site, 120, lambda _: True)

    assert {(a.result, a.unknown == a.checked < 20) for a in site.audits} == {(AuditResult.UNKNOWN, True)}
    assert all("alone cannot be read" in audit.reason for audit in site.audits)


async def test_a_witness_that_is_too_large_is_there(site: Site) -> None:
    site.loses = lambda frame: frame.sequence > 300 and frame.sequence % 2 == 0
    async with site.running():
        while not site.audits:
            await site.go(1)
        site.jaegers.swell(*(frame.trace_id for frame in site.frames[:300]))
        await site.go(45)

    assert [(a.result, a.missing) for a in site.audits[:2]] == [(AuditResult.COMPLETE, 0), (AuditResult.MISSING, 150)]


class Pause:
    """A clock on which something happens while it is slept."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self._happens = happens

    def now(self) -> float:
        return 0.0

    def wall(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        assert seconds == 9.0
        self._happens()


@pytest.mark.parametrize(("lost", "found"), [(False, Turnover.NO), (True, Turnover.YES)])
@pytest.mark.parametrize("grows", ["before", "meanwhile"])
async def test_a_recent_trace_that_is_too_large_is_there_until_it_is_given_up(
    site: Site, *, lost: bool, found: Turnover, grows: str
) -> None:
    await site.go(1)
    recent, jaegers = site.frames[:2], MemoryJaegers()
    jaegers.put(AT.url, *map(journey, recent))
    ids = [frame.trace_id for frame in recent]
    if grows == "before":
        jaegers.swell(*ids)

    def happens() -> None:
        jaegers.swell(*ids)
        if lost:
            jaegers.lose(AT.url)

    assert await turnover(jaegers, AT, recent, 9.0, Pause(happens)) is found
