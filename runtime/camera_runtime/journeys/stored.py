"""Journeys in a Jaeger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from frame_tracking import Attribute, FrameID, FrameQuery, InvalidFrameIDError, Journey, now

from camera_runtime.journeys.base import newest
from camera_runtime.journeys.jaeger import Jaeger, Search

__all__ = ["JaegerJourneys"]

_LOOK_BACK: Final = timedelta(days=7)
_LOOKED_THROUGH: Final = 1500
"""Traces that are looked through for a part of an ID that Jaeger cannot search for."""


class JaegerJourneys:
    """Journeys in a Jaeger: by the trace ID that a frame ID gives, with no need of a service's name.

    Methods raise `camera_runtime.journeys.base.JaegerUnavailableError` when it does not answer.
    """

    def __init__(self, jaeger: Jaeger) -> None:
        self._jaeger = jaeger
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
        tags = {Attribute.CAMERA_ID.value: query.word} if query.word else {}
        if query.sequence is not None:
            tags[Attribute.FRAME_SEQUENCE.value] = str(query.sequence)
        journeys = self._matching(query, tags, limit)
        if not journeys and query.word and not query.session:
            tags.pop(Attribute.CAMERA_ID.value)
            journeys = self._matching(query, tags, _LOOKED_THROUGH)
        return newest(journeys, limit)

    def _matching(self, query: FrameQuery, tags: dict[str, str], limit: int) -> tuple[Journey, ...]:
        begin, end = _window(query)
        searched = _LOOKED_THROUGH if query.session else limit
        found = self._jaeger.search(Search(tags, begin, end, searched))
        return tuple(journey for journey in found if _matches(query, journey))


def _window(query: FrameQuery) -> tuple[datetime, datetime]:
    """Return the times to search between; Jaeger looks at when a span began, which is a little after the frame's own."""
    if query.begin is None or query.end is None:
        return now() - _LOOK_BACK, now() + timedelta(minutes=1)
    least = datetime(1970, 1, 2, tzinfo=UTC)
    return max(query.begin, least) - timedelta(seconds=2), query.end + timedelta(seconds=2)


def _matches(query: FrameQuery, journey: Journey) -> bool:
    try:
        return query.matches(FrameID(journey.frame_id or ""))
    except InvalidFrameIDError:
        return False
