"""The times that a search for frames looks at. Pure.

Jaeger looks at when a span began. A capture's begins a moment after its frame's time, at most a second before or after it:
frame IDs keep to the monotonic clock until the two differ by more. A stage's begins when the frame has come through its queue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from frame_tracking import FrameQuery

from camera_runtime.journeys.jaeger import EARLIEST, LATEST

__all__ = ["APART", "LOOK_BACK", "Window"]

LOOK_BACK: Final = timedelta(days=366)
"""How far frames are looked for whose time nobody told, where it is not known how long traces are kept: the longest that may be asked for."""
APART: Final = timedelta(seconds=1, milliseconds=100)
"""The most that a capture's span and its frame's time are apart."""
_USUAL: Final = timedelta(milliseconds=5)
_NEARBY: Final = timedelta(milliseconds=50)
_RECENT: Final = timedelta(seconds=10)
_AHEAD: Final = timedelta(minutes=1)
"""A camera's node may be ahead of this one."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time.

    Attributes:
        told: whether it was told; else it reaches back from now.
        first: how long the newest part is that is looked at before the rest; None: all of it.
    """

    begin: datetime
    end: datetime
    told: bool = True
    first: timedelta | None = None

    @classmethod
    def ever(cls, now: datetime, reach: timedelta) -> Self:
        """Return all times within reach, of which the newest come first."""
        return cls(max(now - reach, EARLIEST), now + _AHEAD, told=False, first=_AHEAD + _RECENT)

    @classmethod
    def of(cls, query: FrameQuery, ever: Self) -> Self:
        """Return the time of a query's frames, if it tells one."""
        if query.begin is None or query.end is None:
            return ever
        begin, end = (min(max(time, EARLIEST + APART), LATEST - APART) for time in (query.begin, query.end))
        return cls(begin, end)

    @property
    def usual(self) -> Self:
        """Where the capture's spans are, as long as no clock drifts."""
        return self if not self.told else self.wider(_USUAL, _USUAL)

    @property
    def beside(self) -> tuple[tuple[Self, ...], ...]:
        """Where they may be besides: close by, and as far as they can be."""
        near = min(max(self.end - self.begin, _NEARBY), APART)
        steps = ((_USUAL, near), (near, APART))
        return tuple(self._around(least, most) for least, most in steps if least < most) if self.told else ()

    @property
    def whole(self) -> Self:
        """All of it at once, as far as the capture's spans can be: for what few spans have."""
        return self.late(APART)

    def late(self, after: timedelta) -> Self:
        """Return when spans can have begun that come so long after the frame, to be looked at at once."""
        return replace(self.wider(APART, after) if self.told else self, first=None)

    def wider(self, before: timedelta, after: timedelta) -> Self:
        """Return it with a margin."""
        begin, end = max(self.begin - before, EARLIEST), min(self.end + after, LATEST)
        return replace(self, begin=begin, end=end)

    def since(self, begin: datetime) -> Self:
        """Return what of it is after a time."""
        return replace(self, begin=min(max(self.begin, begin), self.end))

    def until(self, end: datetime) -> Self:
        """Return what of it is before a time, the end of it looked at first."""
        return replace(self, end=max(min(self.end, end), self.begin), first=_RECENT)

    def _around(self, least: timedelta, most: timedelta) -> tuple[Self, ...]:
        after = replace(self, begin=self.end + least, end=self.end + most)
        return after, replace(self, begin=self.begin - most, end=self.begin - least)
