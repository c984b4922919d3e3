"""Journeys of a Jaeger, slice by slice of time, so that neither it nor we hold more than some hundred at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final, Protocol

from frame_tracking import CAPTURE_SERVICE, Journey

from camera_runtime.analysis.patience import Patience
from camera_runtime.analysis.slices import MOST, Slices
from camera_runtime.journeys.base import AnswerTooLargeError, JaegerUnavailableError
from camera_runtime.journeys.downward import began
from camera_runtime.journeys.jaeger import Found, Search, microseconds

__all__ = ["Store", "StoredJourneys"]

_PROBED: Final = (20, 1)
"""Traces that are asked for of a service of which nothing is known yet, fewer if those are too large; if none of them is of a
frame, the service is another program's."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Store(Protocol):
    """A Jaeger. Methods raise `camera_runtime.journeys.base.JaegerUnavailableError`."""

    name: str
    """Where it is, without credentials."""

    def services(self) -> tuple[str, ...]:
        """Return the services that it has spans of."""

    def look(self, search: Search) -> Found:
        """Search, and tell as well how many traces there were before some were passed over."""


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
        tags: what one span of a journey must carry.
        patience: how a Jaeger is waited for that answered, and then does not.

    Attributes:
        unreadable: always 0; an answer that cannot be read is an error.
        until_us: `end`.
    """

    def __init__(
        self,
        jaeger: Store,
        begin: datetime,
        end: datetime,
        *,
        of_capture: bool = False,
        tags: Mapping[str, str] = _NONE,
        patience: Patience | None = None,
    ) -> None:
        self._jaeger, self._tags = jaeger, tags
        self._begin, self._end = begin, end
        self._of_capture = of_capture
        self._patience = patience or Patience(time.sleep)
        self._hops: set[str] = set()
        self._read: datetime | None = None
        self._cut = 0
        self._broken = ""
        self.name = f"Jaeger at {jaeger.name}"
        self.unreadable = 0
        self.until_us = microseconds(end)

    @property
    def shortfall(self) -> str:
        """What Jaeger did not give, in a sentence."""
        cut = f"in {self._cut} milliseconds it had {MOST} traces or more each, and gave no more of them"
        return "; ".join(each for each in (self._broken, cut if self._cut else "") if each)

    def journeys(self, progress: Callable[[float], None]) -> Iterator[Journey]:
        """Yield each trace once; `progress` is told the share of the time that was read.

        Raises:
            JaegerUnavailableError: if it never answers; if it answered and then does not any more, `shortfall` tells so.
        """
        services = self._services()
        try:
            yield from self._of_services(services, progress)
        except JaegerUnavailableError as error:
            if self._read is None:
                raise
            rest = f"journeys that began after {self._read:%Y-%m-%dT%H:%M:%SZ} were not read"
            lost = "of those whose capture lost its spans not all were read"
            self._broken = f"{error}; {rest if self._read < self._end else lost}"
        progress(1.0)

    def _services(self) -> tuple[str, ...]:
        """Return those that are asked for. Asking which there are tells, too, whether this is a Jaeger that may be waited for."""
        try:
            services = _capture_first(self._jaeger.services())
        except JaegerUnavailableError:
            if not self._of_capture:  # a Jaeger without the older query API can still be searched
                raise
        else:
            self._patience.renew()
        return (CAPTURE_SERVICE,) if self._of_capture else services

    def _of_services(self, services: tuple[str, ...], progress: Callable[[float], None]) -> Iterator[Journey]:
        whole = self._end - self._begin
        for number, service in enumerate(services):
            if service != CAPTURE_SERVICE and not self._of_frames(service):
                continue
            for journey, read in self._of_service(service, frozenset(services[:number])):
                self._read = max(self._read or read, read)
                progress((number + (read - self._begin) / whole) / len(services))
                if journey is not None:
                    self._hops |= {span.service for span in journey.spans}
                    yield journey

    def _of_frames(self, service: str) -> bool:
        """Tell whether a service is a stage: others' traces are not read only to be passed over."""
        if service in self._hops:
            return True
        for limit in _PROBED:
            search = Search(self._tags, self._begin, self._end, limit, service)
            try:
                found = self._patience.ask(partial(self._jaeger.look, search))
            except AnswerTooLargeError:
                continue
            return any(journey.frame_id is not None for journey in found.journeys)
        return False  # no frame has so large a trace

    def _of_service(self, service: str, counted: frozenset[str]) -> Iterator[tuple[Journey | None, datetime]]:
        slices = Slices(self._begin, self._end)
        while (asked := slices.next()) is not None:
            search = Search(self._tags, *asked, MOST, service, counted)
            found = self._answer(search, slices)
            if found is None or not slices.take(found.traces):
                continue
            self._cut += found.traces >= MOST
            yield None, search.end
            for journey in found.journeys:
                if _is_of(began(journey, search), search):
                    yield journey, search.end

    def _answer(self, search: Search, slices: Slices) -> Found | None:
        """Ask; None if a shorter slice is to be asked for instead."""
        try:
            found = self._jaeger.look(search)
        except AnswerTooLargeError:
            if not slices.shorten():
                raise
            return None
        except JaegerUnavailableError as error:
            self._patience.lose(error)
            slices.shorten()
            return None
        self._patience.renew()
        return found


def _capture_first(services: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(services, key=lambda name: (name != CAPTURE_SERVICE, name)))


def _is_of(start_us: int | None, search: Search) -> bool:
    """Whether a journey that began then began in this slice."""
    return start_us is not None and microseconds(search.begin) <= start_us < microseconds(search.end)
