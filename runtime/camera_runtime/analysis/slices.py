"""Slices of time, each of which holds fewer traces than Jaeger gives at once. Pure.

An answer that is cut off is worth nothing but for its number, so a slice that is known to hold too many is not asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

__all__ = ["MOST", "Slices"]

MOST: Final = 400
"""Traces asked for at once; a slice with as many may have more, and is cut in two."""
_FIRST: Final = timedelta(seconds=8)
_LEAST: Final = timedelta(milliseconds=1)
_SEVERAL: Final = 8


class Slices:
    """The slices of a time from its begin to its end, longer where there are few traces.

    Call `next` for what to ask, and after the answer `take` with the number of traces in it.
    """

    def __init__(self, begin: datetime, end: datetime) -> None:
        self._begin, self._end = begin, end
        self._asked = begin
        self._length = _FIRST
        self._longest, self._few = end - begin, 0
        self._full_until, self._known = begin, 0

    def next(self) -> tuple[datetime, datetime] | None:
        """Return the begin and the end of the next slice; None after the last one."""
        if self._begin >= self._end:
            return None
        while self._known >= MOST and self._begin + self._length >= self._full_until and self._length > _LEAST:
            self._length /= 2
        self._asked = min(self._begin + self._length, self._end)
        return self._begin, self._asked

    def take(self, traces: int) -> bool:
        """Tell whether the answer with so many traces is whole; if it may be cut off, a shorter slice comes next in its stead."""
        length = self._asked - self._begin
        if traces >= MOST and length > _LEAST:
            self._full_until, self._known = self._asked, traces
            self._longest = self._length = length / 2
            self._few = 0
            return False
        self._begin = self._asked
        # What is left of a slice that was full has the others.
        self._known = self._known - traces if self._begin < self._full_until else 0
        self._grow(length, few=traces < MOST // 4)
        return True

    def shorten(self) -> bool:
        """Tell that no answer came, as the slice may be too much for Jaeger: a shorter one comes next, if there is any."""
        length = self._asked - self._begin
        if length <= _LEAST:
            return False
        self._longest = self._length = max(length / 2, _LEAST)
        self._few = 0
        return True

    def _grow(self, length: timedelta, *, few: bool) -> None:
        """Make the next slice as long, or longer after one with few traces; where one was too long lately, only after several."""
        self._few = self._few + 1 if few else 0
        if self._few == _SEVERAL:
            self._longest, self._few = self._longest * 2, 0
        self._length = min(length * 2, self._longest) if few else length
