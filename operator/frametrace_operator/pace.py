"""Pace: how fast a pipeline's frames may come, and how long a slow stage lets each camera wait for its turn. Pure.

A handler may take an hour, and one process serves many cameras in turn. What it takes is measured, so that a stage that is
fast is missed as soon as it stops, and a slow one that works is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil
from typing import Final

from frame_tracking import CAPTURE_HOP, HopCount, Outcome

__all__ = ["FLOW_SECONDS", "Hands", "Pace", "Step", "flow_seconds", "gone", "turns", "well_ended"]

FLOW_SECONDS: Final = 10.0
"""A frame seen so long ago still counts as flowing, where frames come often enough."""

_FRAMES: Final = 3  # of a slow camera, before it counts as silent
_UNEVEN: Final = 2.0
"""A turn may take so many times what the slowest frame lately took."""


def flow_seconds(frames_per_second: float | None) -> float:
    """How long ago a frame may have been seen, for cameras of which so many frames a second are taken (None: all)."""
    return FLOW_SECONDS if frames_per_second is None else max(FLOW_SECONDS, _FRAMES / frames_per_second)


@dataclass(frozen=True, slots=True)
class Step:
    """A stage: the hop that it reads, and seconds that its handler may take for a frame."""

    input: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Pace:
    """What a spec says of its frames' pace.

    Attributes:
        seconds: how long ago a frame of any camera may have been seen to count as flowing.
        cameras: how many cameras share each stage.
        steps: the stages.
        kept: seconds that a frame is kept while it waits.
    """

    seconds: float = FLOW_SECONDS
    cameras: int = 1
    steps: Mapping[str, Step] = field(default_factory=dict)
    kept: float = 60.0

    def readers(self, hop: str) -> Iterable[str]:
        """The stages that read what a hop hands on."""
        return (stage for stage, step in self.steps.items() if step.input == hop)

    def way_to(self, hop: str) -> Iterable[str]:
        """The stage and those before it: where one is slow, frames come late to all after it."""
        while hop != CAPTURE_HOP and hop in self.steps:
            yield hop
            hop = self.steps[hop].input


@dataclass(slots=True)
class Hands:
    """What one process has in its hands at one stage, from one reading to the next.

    Attributes:
        moved_at: when a frame last came into its hands or left them.
        through_at: when a frame last went on or ended well, or when work began after a rest.
        full: whether a frame is in them.
        slowest: seconds that the slowest frame took lately.
    """

    moved_at: float
    through_at: float
    full: bool
    slowest: float
    _slowest_at: float
    _counts: _Counts
    _well: bool = True
    _timed: bool = False

    @classmethod
    def first_seen(cls, hops: Iterable[HopCount], timeout: float, now: float) -> Hands:
        """What can be told from one reading: cameras that take turns show by their last frames what a frame takes."""
        counts = _Counts.of(hops)
        last = {hop.camera: hop.last_frame for hop in sorted(hops, key=lambda hop: hop.last_frame)}
        times = [min(now, time) for time in last.values() if time]
        at = max((now - timeout, *times)) if times else now
        gaps = [later - earlier for earlier, later in pairwise(times)]
        slowest = max((gap for gap in gaps if gap <= timeout), default=0.0)  # a longer one was no turn
        return cls(at, now, counts.entered > counts.gone, slowest, now, counts)

    def see(self, hops: Iterable[HopCount], cameras: int, now: float) -> None:
        """Take the next reading. The slowest frame is remembered until each of the cameras has had its turn."""
        was, self._counts = self._counts, _Counts.of(hops)
        was_full, self.full = self.full, self._counts.entered > self._counts.gone
        if self._counts.gone > was.gone:
            self._well = self._counts.through > was.through
        if self._counts.through > was.through or (self.full and not was_full and self._well):
            self.through_at = now
        if self._counts != was:
            timed, self._timed = self._timed and was_full, True  # of the first nobody saw when it came
            took = (now - self.moved_at) / max(1, self._counts.gone - was.gone) if timed else 0.0
            if took >= self.slowest or now - self._slowest_at > _UNEVEN * cameras * self.slowest:
                self.slowest, self._slowest_at = took, now
            self.moved_at = now

    def frame_takes(self, timeout: float, now: float) -> float:
        """Seconds that a frame takes in these hands; 0 if they rest, or have got none through in a handler's time."""
        age = now - self.moved_at
        if now - self.through_at > timeout + FLOW_SECONDS or (age > FLOW_SECONDS and not self.full):
            return 0.0
        return min(timeout, max(self.slowest, age if self.full else 0.0))


@dataclass(frozen=True, slots=True)
class _Counts:
    """Frames that came into the hands, left them in any way, and went on or ended well."""

    entered: int
    gone: int
    through: int

    @classmethod
    def of(cls, hops: Iterable[HopCount]) -> _Counts:
        sums = [(hop.entered, gone(hop), hop.left + well_ended(hop)) for hop in hops]
        return cls(*(sum(column) for column in zip((0, 0, 0), *sums, strict=True)))


def turns(hands: Iterable[Hands], step: Step, cameras: int, now: float) -> float:
    """Seconds in which every camera gets its turn at a stage; 0 if nobody works there."""
    takes = [seconds for each in hands if (seconds := each.frame_takes(step.timeout, now))]
    return _UNEVEN * ceil(cameras / len(takes)) * max(takes) if takes else 0.0


def gone(hop: HopCount) -> int:
    """Frames that entered here and are in these hands no more; what ended in the queue never was in them."""
    return hop.left + sum(hop.ended.values()) - hop.ended_waiting + hop.given_back


def well_ended(hop: HopCount) -> int:
    """Frames that ended here as they should."""
    return sum(count for outcome, count in hop.ended.items() if outcome.partition(":")[0] == Outcome.COMPLETED)
