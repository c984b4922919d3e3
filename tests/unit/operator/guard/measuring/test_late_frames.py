"""Frames that are still on their way when their window is looked up: they belong to it, and a window counts once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from frame_tracking import FrameID
from frametrace_api.guard import Guard
from frametrace_operator.guard.deciding.judge import Judgement, judge

from tests.unit.operator.guard.measuring import test_watch
from tests.unit.operator.guard.measuring.test_watch import BEGIN, Site

LATE_BY = 45.0


class Slow(Site):
    """Frames for which `slow` holds take so long that their window is looked up before they end."""

    def __init__(self, slow: Callable[[int], bool], loses: Callable[[int], bool]) -> None:
        super().__init__()
        self._slow, self._waiting = slow, list[tuple[float, FrameID]]()
        self.loses = lambda frame: loses(frame.sequence)

    def frame(self) -> None:
        while self._waiting and self.time.now() >= self._waiting[0][0]:
            super()._end(self._waiting.pop(0)[1])
        super().frame()

    def _end(self, frame: FrameID) -> None:
        if self._slow(frame.sequence):
            self._waiting.append((self.time.now() + LATE_BY, frame))
        else:
            super()._end(frame)

    async def judged(self, seconds: int) -> list[Judgement]:
        """What the windows say of missing traces, every other second."""
        found = []
        async with self.running():
            for _ in range(seconds // 2):
                await self.go(2)
                found.append(judge(self.evidence, Guard(), None, None)[0])
        return found


@pytest.fixture
def frames_a_second(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    return lambda fps: monkeypatch.setattr(test_watch, "FPS", fps)


async def test_a_window_that_loses_a_frame_in_time_and_a_late_one_is_one_bad_window(
    frames_a_second: Callable[[float], None],
) -> None:
    frames_a_second(1)
    site = Slow(slow=lambda n: n == 75, loses=lambda n: n in (70, 75))
    judged = await site.judged(260)

    assert max(each.bad for each in judged) == 1
    assert judged[-1].clean >= 1


async def test_windows_that_lose_late_frames_too_add_up_to_an_alarm(frames_a_second: Callable[[float], None]) -> None:
    frames_a_second(0.5)
    site = Slow(slow=lambda n: n % 15 in range(7, 10), loses=lambda n: n % 15 in range(5, 10))
    judged = await site.judged(260)

    assert any(each.certain for each in judged)


async def test_windows_that_lose_late_frames_alone_are_bad_ones_in_a_row() -> None:
    late = range(200, 210)
    site = Slow(slow=lambda n: n % 300 in late, loses=lambda n: n % 300 in late)
    judged = await site.judged(170)

    assert [(audit.expected, audit.missing) for audit in site.audits[:2]] == [(300, 10)] * 2
    assert any(each.certain for each in judged)


async def test_an_alarm_does_not_wait_for_late_frames_and_its_window_is_told_whole_later() -> None:
    site = Slow(slow=lambda n: n % 300 in range(200, 210), loses=lambda n: n % 10 == 0)
    async with site.running():
        await site.go(50)
        first = site.audits
        await site.go(50)

    whole = [audit for audit in site.audits if audit.window_start.timestamp() == BEGIN]
    assert [(audit.expected, audit.missing) for audit in first] == [(290, 29)]
    assert [(audit.expected, audit.missing, audit.windows) for audit in whole] == [(290, 29, 1), (300, 30, 0)]
    assert judge(site.evidence, Guard(), None, None)[0].bad == len({audit.window_start for audit in site.audits})
