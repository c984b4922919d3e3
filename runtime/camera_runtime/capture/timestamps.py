"""When a frame was captured, as its metadata says: by the wall clock, or by the stream's own clock. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final

__all__ = ["StreamClock"]

_MAX_APART: Final = 1.0
"""Seconds."""


class StreamClock:
    """Turns presentation time stamps into times of day.

    The first picture of a connection is taken for now; from there on the stream's own clock counts, which shows the
    spacing of the pictures as the camera took them, without the network's jitter. Once both are more than a second
    apart (a wrap, a jump, a drifting camera), it begins anew.
    """

    def __init__(self) -> None:
        self._begun: tuple[datetime, Fraction] | None = None

    def restart(self) -> None:
        """Begin anew with the next picture: a new connection counts from elsewhere."""
        self._begun = None

    def time_of(self, pts: int | None, time_base: Fraction | None, received_ns: int) -> datetime:
        """Return a picture's time; without a time stamp, the time of receipt."""
        received = datetime.fromtimestamp(received_ns / 1e9, UTC)
        if pts is None or not time_base:
            return received
        elapsed = pts * time_base
        if self._begun is not None:
            begun, first = self._begun
            seconds = float(elapsed - first)  # of a hostile stream they may be more than a time can hold
            if abs(seconds - (received - begun).total_seconds()) <= _MAX_APART:
                return begun + timedelta(seconds=seconds)
        self._begun = (received, elapsed)
        return received
