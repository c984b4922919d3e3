"""Which frames to take when fewer are wanted than the camera sends. Pure: times are passed in."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Self

__all__ = ["Pace"]

_SECOND: Final = 1_000_000_000


class Pace:
    """Lets at most so many frames a second through, evenly spread.

    Args:
        interval_ns: nanoseconds between two frames; 0 lets all through.
    """

    def __init__(self, interval_ns: int = 0) -> None:
        self._interval = interval_ns
        self._due = 0

    @classmethod
    def of(cls, frames_per_second: str) -> Self:
        """Read a rate such as `10`, `0.5` or `30000/1001`; empty takes all frames.

        Raises:
            ValueError: if it is no positive number.
        """
        if not frames_per_second:
            return cls()
        try:
            rate = Fraction(frames_per_second)
        except (ValueError, ZeroDivisionError):
            rate = Fraction(0)
        if rate <= 0:
            raise ValueError(f"framesPerSecond {frames_per_second!r} is not a positive number")
        return cls(int(_SECOND / rate))

    @property
    def interval_seconds(self) -> float:
        """Seconds between two frames; 0 where all are let through."""
        return self._interval / _SECOND

    def takes(self, now_ns: int) -> bool:
        """Tell whether to take the frame that came at `now_ns`.

        A tenth of an interval early is on time: a camera's own jitter must not halve the rate. A clock that was set
        back begins anew: no frame is due later than an interval and that tenth after the one before.
        """
        if not self._interval:
            return True
        early = self._due - now_ns
        if self._interval // 10 < early <= self._interval * 2:
            return False
        begun = self._due if abs(early) < self._interval else now_ns
        self._due = begun + self._interval
        return True
