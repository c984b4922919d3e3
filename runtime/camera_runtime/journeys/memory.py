"""A Jaeger in memory for tests: it searches as the real one with memory storage does, and notes what it was asked."""

from __future__ import annotations

from collections.abc import Iterable

from frame_tracking import Journey, JourneySpan

from camera_runtime.journeys.base import JaegerUnavailableError
from camera_runtime.journeys.jaeger import Search, microseconds

__all__ = ["MemoryJaeger"]


class MemoryJaeger:
    """Journeys in the order in which it got them.

    Attributes:
        broken: why it does not answer; empty: it does.
        asked: every search.
    """

    def __init__(self, journeys: Iterable[Journey] = ()) -> None:
        self.name = "memory"
        self.broken = ""
        self.asked: list[Search] = []
        self._journeys = {journey.trace_id: journey for journey in journeys}

    def put(self, journey: Journey) -> None:
        """Take a trace."""
        self._journeys[journey.trace_id] = journey

    def journey(self, trace_id: str) -> Journey | None:
        """See `Traces.journey`."""
        self._require()
        return self._journeys.get(trace_id)

    def search(self, search: Search) -> tuple[Journey, ...]:
        """Return those that it got last, as many as are asked for; one span must have all that is searched for."""
        self._require()
        self.asked.append(search)
        newest = reversed(self._journeys.values())
        found = [each for each in newest if any(_fits(span, search) for span in each.spans)][: search.limit]
        return tuple(each for each in found if not search.without & {span.service for span in each.spans})

    def _require(self) -> None:
        if self.broken:
            raise JaegerUnavailableError(self.broken)


def _fits(span: JourneySpan, search: Search) -> bool:
    told = {**span.resource, **span.attributes}
    return (
        span.service == search.service
        and microseconds(search.begin) <= span.start_us <= microseconds(search.end)
        and all(str(told.get(key)) == value for key, value in search.tags.items())
    )
