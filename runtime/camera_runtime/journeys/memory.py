"""A Jaeger in memory for tests: it searches as the real one does with either storage, and notes what it was asked."""

from __future__ import annotations

from collections.abc import Iterable

from frame_tracking import Journey, JourneySpan

from camera_runtime.journeys.base import AnswerTooLargeError, JaegerUnavailableError
from camera_runtime.journeys.jaeger import Found, Search, microseconds

__all__ = ["MemoryJaeger"]


class MemoryJaeger:
    """Journeys in the order in which it got them.

    Args:
        journeys: that it has.
        by_start: of too many it gives those that began last, as the real one does with Badger; else those that it got last, as
            with memory storage.

    Attributes:
        broken: why it does not answer; empty: it does.
        largest: most traces of one answer; more are too large.
        asked: every search.
    """

    def __init__(self, journeys: Iterable[Journey] = (), *, by_start: bool = False) -> None:
        self.name = "memory"
        self.broken = ""
        self.largest = 1_000_000
        self.asked: list[Search] = []
        self.by_start = by_start
        self._journeys = {journey.trace_id: journey for journey in journeys}

    def put(self, journey: Journey) -> None:
        """Take a trace."""
        self._journeys[journey.trace_id] = journey

    def services(self) -> tuple[str, ...]:
        """See `Traces.services`."""
        self._require()
        return tuple(sorted({span.service for journey in self._journeys.values() for span in journey.spans}))

    def journey(self, trace_id: str) -> Journey | None:
        """See `Traces.journey`."""
        self._require()
        return self._journeys.get(trace_id)

    def search(self, search: Search) -> tuple[Journey, ...]:
        """See `Traces.search`."""
        return self.look(search).journeys

    def look(self, search: Search) -> Found:
        """Give as many as are asked for; one span must have all that is searched for."""
        self._require()
        self.asked.append(search)
        fitting = [(_last(each, search), each) for each in reversed(self._journeys.values())]
        found = [(start, each) for start, each in fitting if start is not None]
        if self.by_start:
            found.sort(key=lambda each: each[0], reverse=True)
        given = [each for _, each in found[: search.limit]]
        if len(given) > self.largest:
            raise AnswerTooLargeError("Jaeger at memory answered too much")
        left = tuple(each for each in given if not search.without & {span.service for span in each.spans})
        return Found(left, len(given))

    def _require(self) -> None:
        if self.broken:
            raise JaegerUnavailableError(self.broken)


def _last(journey: Journey, search: Search) -> int | None:
    """Return when its last span began that is searched for; None if none is."""
    return max((span.start_us for span in journey.spans if _fits(span, search)), default=None)


def _fits(span: JourneySpan, search: Search) -> bool:
    return microseconds(search.begin) <= span.start_us <= microseconds(search.end) and search.is_for(span)
