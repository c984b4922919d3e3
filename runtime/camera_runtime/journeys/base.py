"""The seam of looking journeys up. Implementations: `files`, `stored` (a Jaeger); both are real."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from frame_tracking import FrameID, FrameQuery, Journey

__all__ = ["AnswerTooLargeError", "JaegerUnavailableError", "JourneySource", "SpanFileError", "newest"]


class JaegerUnavailableError(Exception):
    """Jaeger did not answer, or not as its query API does; the message is one line, without credentials."""


class AnswerTooLargeError(JaegerUnavailableError):
    """Jaeger's answer is larger than what is read; fewer traces may be asked for."""


class SpanFileError(Exception):
    """A span file cannot be read; the message is one line."""


class JourneySource(Protocol):
    """Where journeys are looked up."""

    name: str
    """What it is, for people."""
    unreadable: int
    """How many entries the last look-up met that could not be read."""

    def journey(self, frame_id: FrameID) -> Journey | None:
        """Return a frame's journey; None if nothing of it is there."""

    def find(self, query: FrameQuery, limit: int) -> tuple[Journey, ...]:
        """Return the journeys of the newest frames that match, newest first."""


def newest(journeys: Iterable[Journey], limit: int) -> tuple[Journey, ...]:
    """Return at most `limit` of them, the newest frame first."""
    found = sorted(journeys, key=lambda journey: journey.frame_id or "", reverse=True)
    return tuple(found[:limit])
