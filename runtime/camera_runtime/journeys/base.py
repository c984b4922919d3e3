"""The seam of looking journeys up. Implementations: `files`, `stored` (a Jaeger); both are real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from frame_tracking import FrameID, FrameQuery, Journey

__all__ = [
    "AnswerTooLargeError",
    "JaegerUnavailableError",
    "JourneySource",
    "Matches",
    "SpanFileError",
    "newest",
]


class JaegerUnavailableError(Exception):
    """Jaeger did not answer, or not as its query API does; the message is one line, without credentials."""


class AnswerTooLargeError(JaegerUnavailableError):
    """Jaeger's answer is larger than what is read, or than what it gives; fewer traces may be asked for."""


class SpanFileError(Exception):
    """A span file cannot be read; the message is one line."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Frames that match, and what else may match and was not looked at.

    Attributes:
        journeys: the newest ones, newest first.
        more: whether there may be older ones, which the limit left out.
        cut: whether not all could be looked through.
        looked: how many traces were then, the newest ones; 0: Jaeger was too slow for any.
        reach: how far back frames were looked for; None where the time was told, or all that there is was looked at.
        unasked: services whose spans were not searched.
        unnamed: whether Jaeger did not tell which services it has, so that none but the capture's spans were searched.
    """

    journeys: tuple[Journey, ...] = ()
    more: bool = False
    cut: bool = False
    looked: int = 0
    reach: timedelta | None = None
    unasked: int = 0
    unnamed: bool = False

    def caveats(self) -> tuple[str, ...]:
        """Say in parts of a sentence why other frames may match."""
        return tuple(self._caveats())

    def _caveats(self) -> Iterator[str]:
        if self.cut and not self.looked:
            yield "not all could be looked through, for Jaeger takes too long"
        elif self.cut:
            yield f"looked through the newest {self.looked:,} traces that may match"
        if self.reach is not None:
            yield f"looked for frames of the last {_length(self.reach)}"
        if self.unasked:
            yield f"did not look at the spans of {self.unasked} more services"
        if self.unnamed:
            yield "did not look at the spans of stages, for Jaeger does not tell which services it has"


class JourneySource(Protocol):
    """Where journeys are looked up."""

    name: str
    """What it is, for people."""
    unreadable: int
    """How many entries the last look-up met that could not be read."""

    def journey(self, frame_id: FrameID) -> Journey | None:
        """Return a frame's journey; None if nothing of it is there."""

    def find(self, query: FrameQuery, limit: int) -> Matches:
        """Return the journeys of the newest frames that match."""


def newest(journeys: Iterable[Journey], limit: int) -> tuple[Journey, ...]:
    """Return at most `limit` of them, the newest frame first."""
    found = sorted(journeys, key=lambda journey: journey.frame_id or "", reverse=True)
    return tuple(found[:limit])


def _length(time: timedelta) -> str:
    for unit, size in (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1))):
        if time >= 2 * size:
            return f"{time // size} {unit}"
    return f"{time // timedelta(seconds=1)} seconds"
