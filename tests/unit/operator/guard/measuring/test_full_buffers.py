"""A receiver too slow for a pod's spans: the buffer stays full, and what there is no room for is lost for certain."""

from __future__ import annotations

from collections import deque

from frame_tracking import FrameID, Journey, Outcome
from frametrace_api.guard import Guard
from frametrace_operator.guard.deciding.judge import judge
from frametrace_operator.guard.evidence import Cause

from tests.unit.operator.guard.measuring.test_watch import FPS, Site, journey

CAPACITY = 428
DRAINED = 9.5
"""Spans a second, of 20: what is in the buffer stays there for 45 seconds."""


class Slow(Site):
    """The stage's spans wait in a buffer that empties slowly."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: deque[FrameID] = deque()
        self.turned_away: list[FrameID] = []
        self._room = 0.0

    def _end(self, frame: FrameID) -> None:
        self.motion.book.enter(frame, "motion", traced=True)
        self.motion.book.end(frame, "motion", (Outcome.COMPLETED, None), at=1.0)
        for pod in (self.capture, self.motion):
            pod.spans["created"] += 2
        self.capture.spans["exported"] += 2
        self.jaegers.put(self.at.url, Journey(frame.trace_id, journey(frame).spans[:1]))
        if 2 * len(self.waiting) < CAPACITY:
            self.waiting.append(frame)
        else:
            self.turned_away.append(frame)
            self.motion.dropped["queue_full"] = self.motion.dropped.get("queue_full", 0) + 2
        self._drain()

    def _drain(self) -> None:
        self._room = min(self._room + DRAINED / FPS, 2.0)
        while self._room >= 2 and self.waiting:
            self._room -= 2
            self.motion.spans["exported"] += 2
            self.jaegers.put(self.at.url, journey(self.waiting.popleft()))


async def test_frames_that_a_full_buffer_turned_away_are_missing_and_those_that_wait_in_it_are_not() -> None:
    site = Slow()
    async with site.running():
        await site.go(240)

    missing = [audit for audit in site.audits if audit.missing]
    assert len(missing) >= 3
    for audit in missing:
        begin, end = audit.window_start, audit.window_end
        lost = {frame for frame in site.turned_away if begin <= frame.time < end}
        assert {frame.frame_id for frame in audit.frames} == lost
        assert (audit.hop, audit.cause, audit.unknown) == ("motion", Cause.BUFFER_FULL, 0)
    assert judge(site.evidence, Guard(), None, None)[0].certain


async def test_a_loss_is_told_within_two_seconds_of_when_the_pods_have_sent_what_they_held() -> None:
    site = Site()
    site.loses = lambda frame: frame.sequence % 20 == 0
    site.motion.spans["created"] += 300  # they leave in 15 s, which end 3 s after the second look's first reading
    async with site.running():
        await site.go(49)

    assert [(audit.missing, audit.unknown) for audit in site.audits] == [(15, 0)]
