"""Journeys in a Jaeger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol

from frame_tracking import Attribute, FrameID, FrameQuery, InvalidFrameIDError, Journey, now

from camera_runtime.journeys.base import newest
from camera_runtime.journeys.jaeger import EARLIEST, LATEST, Search

__all__ = ["JaegerJourneys", "Traces"]

_LOOK_BACK: Final = timedelta(days=7)
_LOOKED_THROUGH: Final = 1500
"""Traces that are looked through for a part of an ID that Jaeger cannot search for."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Traces(Protocol):
    """The traces of a Jaeger. Methods raise `camera_runtime.journeys.base.JaegerUnavailableError`."""

    name: str
    """Where it is, without credentials."""

    def journey(self, trace_id: str) -> Journey | None:
        """Return a trace; None if it has no such."""

    def search(self, search: Search) -> tuple[Journey, ...]:
        """Return traces, whole ones, in no order."""


class JaegerJourneys:
    """Journeys in a Jaeger: by the trace ID that a frame ID gives, with no need of a service's name.

    Methods raise `camera_runtime.journeys.base.JaegerUnavailableError` when it does not answer.

    Args:
        jaeger: where they are.
        tags: what a capture's root span carries of every frame that is searched for; a look-up by ID does without.
        clock: gives the time, in UTC.
        most: traces that may be asked for at once.
    """

    def __init__(
        self,
        jaeger: Traces,
        tags: Mapping[str, str] = _NONE,
        clock: Callable[[], datetime] = now,
        most: int = _LOOKED_THROUGH,
    ) -> None:
        self._jaeger, self._tags, self._now, self._most = jaeger, tags, clock, most
        self.name = f"Jaeger at {jaeger.name}"
        self.unreadable = 0

    def journey(self, frame_id: FrameID) -> Journey | None:
        """See `JourneySource.journey`."""
        return self._jaeger.journey(frame_id.trace_id)

    def find(self, query: FrameQuery, limit: int) -> tuple[Journey, ...]:
        """See `JourneySource.find`. A word alone is looked for as a camera first, then as a session."""
        if query.exact is not None:
            found = self.journey(query.exact)
            return () if found is None else (found,)
        tags = dict(self._tags)
        if query.word:
            tags[Attribute.CAMERA_ID.value] = query.word
        if query.sequence is not None:
            tags[Attribute.FRAME_SEQUENCE.value] = str(query.sequence)
        journeys = self._matching(query, tags, limit)
        if not journeys and query.word and not query.session:
            tags.pop(Attribute.CAMERA_ID.value)
            journeys = self._matching(query, tags, self._most)
        return newest(journeys, limit)

    def _matching(self, query: FrameQuery, tags: dict[str, str], limit: int) -> tuple[Journey, ...]:
        begin, end = _window(query, self._now())
        searched = self._most if query.session else min(limit, self._most)
        found = self._jaeger.search(Search(tags, begin, end, searched))
        return tuple(journey for journey in found if _matches(query, journey))


def _window(query: FrameQuery, now: datetime) -> tuple[datetime, datetime]:
    """Return the times to search between; Jaeger looks at when a span began, which is a little after the frame's own."""
    if query.begin is None or query.end is None:
        return now - _LOOK_BACK, now + timedelta(minutes=1)
    begin, end = (min(max(time, EARLIEST), LATEST) for time in (query.begin, query.end))
    return begin - timedelta(seconds=2), end + timedelta(seconds=2)


def _matches(query: FrameQuery, journey: Journey) -> bool:
    try:
        return query.matches(FrameID(journey.frame_id or ""))
    except InvalidFrameIDError:
        return False
