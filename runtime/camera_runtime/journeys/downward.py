"""Traces of a Jaeger from the newest downward, slice by slice of time, until enough of them are what is wanted.

A Jaeger gives so many traces of a time and no more, and which ones is its own affair: Badger gives those that began last, a
Jaeger in memory those that it *got* last, in the batches in which processes send them. So an answer that is not full is all
that there is of its time; of a full one only the begins count: what began since one of the last of them is asked for again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from frame_tracking import Journey

from camera_runtime.journeys.base import AnswerTooLargeError
from camera_runtime.journeys.jaeger import EARLIEST, LATEST, Search, microseconds

__all__ = ["Bounds", "Downward", "Searched", "Walked", "at_first", "began"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NARROWED: Final = 12
"""Times that one slice is made shorter; each leaves half of what was there, and the next one half of that share."""
_LONGER: Final = 20.0
"""How much longer the next slice may be than one before it. After one with nothing in it comes all the rest: a Jaeger in memory
looks at every trace that it has, however short the time."""
_MORE: Final = 4
"""How many times as much is asked for, slice by slice: a full answer is of no use but to tell how dense traces are."""
_FIRST_LEAST: Final = 60
_SPARE: Final = 1.5
_LEAST_SLICE: Final = 16
"""Traces that a slice is meant to have: half as many again as are missing, but not so few that a request is not worth it."""
_FEW: Final = 8
"""Traces asked for at once, below which an answer that is too large is told."""


class Searched(Protocol):
    """What is searched. Its method raises `camera_runtime.journeys.base.JaegerUnavailableError`."""

    def search(self, search: Search) -> tuple[Journey, ...]:
        """Return traces, whole ones, in no order."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be looked through: a slice is begun only within them."""

    requests: int = 12
    traces: int = 3000
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Walked:
    """What was found.

    Attributes:
        journeys: the wanted ones that began last, newest first.
        looked: traces that were looked through; 0, if Jaeger takes too long.
        since_us: all that began since then was seen, in microseconds since 1970.
        ended: whether there is nothing before it that was not looked through.
    """

    journeys: tuple[Journey, ...]
    looked: int
    since_us: int
    ended: bool


class Downward:
    """One walk.

    Args:
        jaeger: what is searched.
        search: for what, and from when to when; its limit is that of the first request.
        first: how long the first slice is; by default all of the time.
        bounds: how much may be looked through.
        most: limit of later requests; by default that of the first.
        monotonic: gives seconds.
    """

    def __init__(
        self,
        jaeger: Searched,
        search: Search,
        first: timedelta | None = None,
        bounds: Bounds | None = None,
        most: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jaeger, self._search, self._limit = jaeger, search, search.limit
        self._most = max(most, search.limit)
        self._begin, self._end = microseconds(search.begin), microseconds(search.end)
        whole = self._end - self._begin
        self._width = whole if first is None else min(whole, max(1, first // timedelta(microseconds=1)))
        self._bounds, self._monotonic = bounds or Bounds(), monotonic
        self._requests = self._looked = 0
        self._overfull = False
        self._until = monotonic() + self._bounds.seconds

    def take(self, count: int, wanted: Callable[[Journey], bool]) -> Walked:
        """Return the newest `count` that are wanted, or all that there are within the bounds.

        Raises:
            JaegerUnavailableError: if Jaeger does not answer.
        """
        taken: list[Journey] = []
        while self._end > self._begin and len(taken) < count and self._may_go_on():
            since, found, whole = self._slice(self._worth(count - len(taken), len(taken)))
            if not whole:
                break
            taken += [journey for journey in found if wanted(journey)]
            self._looked += len(found)
            self._plan(self._end - since, len(found), self._worth(count - len(taken), len(taken)))
            self._end = since
        return Walked(tuple(taken[:count]), self._looked, self._end, self._end <= self._begin and not self._overfull)

    def _plan(self, width: int, found: int, enough: int) -> None:
        """Plan the next slice so that it has about enough traces: half of what is asked for, as it may have more."""
        meant = max(_LEAST_SLICE, round(_SPARE * enough))
        self._limit = min(self._most, _MORE * self._limit, max(_FIRST_LEAST, 2 * meant))
        rest = self._end - self._begin
        self._width = round(width * min(_LONGER, min(meant, self._limit / 2) / found)) if found else rest

    def _may_go_on(self) -> bool:
        within = self._requests < self._bounds.requests and self._looked < self._bounds.traces
        return within and self._has_time()

    def _has_time(self) -> bool:
        return self._monotonic() < self._until

    def _worth(self, missing: int, taken: int) -> int:
        """Return how many traces are likely to have those that are missing, by what was looked through so far."""
        return missing if not self._looked else missing * self._looked // max(1, taken)

    def _slice(self, enough: int) -> tuple[int, list[Journey], bool]:
        """Return a slice's begin, all that began in it, newest first, and whether the time was enough to tell.

        They are about `enough`, where there are too many.
        """
        since = max(self._begin, self._end - max(1, self._width))
        found = self._ask(since)
        for times in range(1, _NARROWED + 1):
            if len(found) < self._limit:
                break
            if not self._has_time():
                return since, [], False
            later = self._later(found, since, min(enough, self._limit >> times))
            if later == since:  # more at one moment than may be asked for
                self._overfull = True
                break
            since = later
            found = self._ask(since)
        return since, [journey for _, journey in self._of_slice(found, since)], True

    def _later(self, found: tuple[Journey, ...], since: int, enough: int) -> int:
        """Return since when enough of those that were given began."""
        begins = [start for start, _ in self._of_slice(found, since)]
        last = begins[: max(1, enough)]
        return next((start for start in reversed(last) if start > since), since)

    def _of_slice(self, found: tuple[Journey, ...], since: int) -> list[tuple[int, Journey]]:
        """Return what began in it with its begin, newest first; others have a span in it, and began before."""
        begun = ((began(journey, self._search), journey) for journey in found)
        inside = [(start, journey) for start, journey in begun if start is not None and since <= start < self._end]
        return sorted(inside, key=lambda each: (each[0], each[1].trace_id), reverse=True)

    def _ask(self, since: int) -> tuple[Journey, ...]:
        while True:
            self._requests += 1
            asked = replace(self._search, begin=_time(since), end=_time(self._end), limit=self._limit)
            try:
                return self._jaeger.search(asked)
            except AnswerTooLargeError:
                if self._limit < _FEW:
                    raise
                self._limit //= _MORE
                self._most = self._limit


def at_first(count: int, most: int) -> int:
    """Return the limit of the first request, where `count` are wanted and `most` may be asked for."""
    return min(most, max(_FIRST_LEAST, 2 * count))


def began(journey: Journey, search: Search) -> int | None:
    """Return when a journey's first span began that is searched for, in microseconds since 1970; None if none is."""
    return min((span.start_us for span in journey.spans if search.is_for(span)), default=None)


def _time(microseconds: int) -> datetime:
    return min(max(_EPOCH + timedelta(microseconds=microseconds), EARLIEST), LATEST)
