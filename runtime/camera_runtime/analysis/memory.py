"""A Jaeger in memory for tests of the analyzer: it answers as the real one does, and fails as it is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from frame_tracking import Journey

from camera_runtime.journeys.base import AnswerTooLargeError, JaegerUnavailableError
from camera_runtime.journeys.jaeger import Found, Search
from camera_runtime.journeys.memory import MemoryJaeger

__all__ = ["MemoryStore"]


class MemoryStore:
    """Journeys that are searched for as `MemoryJaeger` does it.

    Attributes:
        services_failing: what asking for the services ends in.
        failing: what a search ends in, by its number from 0.
        largest: traces of an answer; more of them are too large.
        asked: every search that it was not told to fail.
    """

    name = "memory"

    def __init__(self, journeys: Iterable[Journey]) -> None:
        self._journeys = tuple(journeys)
        self._jaeger = MemoryJaeger(self._journeys)
        self._looks = -1
        self.services_failing: JaegerUnavailableError | None = None
        self.failing: dict[int, JaegerUnavailableError] = {}
        self.largest: int | None = None
        self.asked: list[Search] = []

    def services(self) -> tuple[str, ...]:
        """See `Store.services`."""
        if self.services_failing is not None:
            raise self.services_failing
        return tuple(sorted({span.service for journey in self._journeys for span in journey.spans}))

    def look(self, search: Search) -> Found:
        """See `Store.look`."""
        self._looks += 1
        if self._looks in self.failing:
            raise self.failing[self._looks]
        self.asked.append(search)
        found = self._jaeger.search(replace(search, without=frozenset()))
        if self.largest is not None and len(found) > self.largest:
            raise AnswerTooLargeError("an answer is too large")
        left = tuple(each for each in found if not search.without & {span.service for span in each.spans})
        return Found(left, len(found))
