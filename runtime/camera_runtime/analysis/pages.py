"""Journeys of a Jaeger, slice by slice of time, so that neither it nor we hold more than some hundred at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from frame_tracking import CAPTURE_SERVICE, Journey

from camera_runtime.analysis.slices import MOST, Slices
from camera_runtime.journeys.jaeger import Jaeger, Search, microseconds

__all__ = ["StoredJourneys"]


class StoredJourneys:
    """Journeys of a Jaeger that began in a time.

    Jaeger searches by service and by the start of a span, so a journey is found in several slices and under several services. It
    counts under the capture, or, without a span of it, under the first of the other services by name, and in the one slice in which
    its first span of that service began. Under all others it is passed over as soon as it is known to be one that has counted.

    Args:
        jaeger: where they are.
        begin: and `end`, between which they began.
        of_capture: only those that have a span of the capture. Others, whose capture's spans were lost, can only be found by
            asking for the other services' journeys as well, of which nearly all have counted: Jaeger gives whole traces only.

    Attributes:
        unreadable: always 0; an answer that cannot be read is an error.
        cut: times of which Jaeger has more traces in a millisecond than it gives at once.
    """

    def __init__(self, jaeger: Jaeger, begin: datetime, end: datetime, *, of_capture: bool = False) -> None:
        self._jaeger = jaeger
        self._begin, self._end = begin, end
        self._of_capture = of_capture
        self.name = f"Jaeger at {jaeger.name}"
        self.unreadable = 0
        self.cut: list[datetime] = []

    def journeys(self, progress: Callable[[float], None]) -> Iterator[Journey]:
        """Yield each trace once; `progress` is told the share of the time that was read.

        Raises:
            JaegerUnavailableError: if it does not answer.
        """
        services = (CAPTURE_SERVICE,) if self._of_capture else _capture_first(self._jaeger.services())
        for number, service in enumerate(services):
            for journey, share in self._of_service(service, frozenset(services[:number])):
                progress((number + share) / len(services))
                if journey is not None:
                    yield journey

    def _of_service(self, service: str, counted: frozenset[str]) -> Iterator[tuple[Journey | None, float]]:
        whole, slices = self._end - self._begin, Slices(self._begin, self._end)
        while (asked := slices.next()) is not None:
            begin, end = asked
            found = self._jaeger.look(Search({}, begin, end, MOST, service, counted))
            if not slices.take(found.traces):
                continue
            if found.traces >= MOST:
                self.cut.append(begin)
            yield None, (end - self._begin) / whole
            for journey in found.journeys:
                if _began(journey, service, begin, end):
                    yield journey, (end - self._begin) / whole


def _capture_first(services: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(services, key=lambda name: (name != CAPTURE_SERVICE, name)))


def _began(journey: Journey, service: str, begin: datetime, end: datetime) -> bool:
    """Whether the journey's first span of the service began in this slice."""
    first = next((span for span in journey.spans if span.service == service), None)
    return first is not None and microseconds(begin) <= first.start_us < microseconds(end)
