"""A Jaeger in memory for tests of the analyzer: it answers as the real one does, and fails as it is told."""

from __future__ import annotations

from collections.abc import Iterable

from frame_tracking import Journey

from camera_runtime.journeys.base import JaegerUnavailableError
from camera_runtime.journeys.jaeger import Found, Search
from camera_runtime.journeys.memory import MemoryJaeger

__all__ = ["MemoryStore"]


class MemoryStore(MemoryJaeger):
    """Journeys, of which some answers are lost.

    Attributes:
        services_failing: what asking for the services ends in.
        failing: what a search ends in, by its number from 0; `asked` has no such.
    """

    def __init__(self, journeys: Iterable[Journey]) -> None:
        super().__init__(journeys)
        self._looks = -1
        self.services_failing: JaegerUnavailableError | None = None
        self.failing: dict[int, JaegerUnavailableError] = {}

    def services(self) -> tuple[str, ...]:
        """See `Store.services`."""
        if self.services_failing is not None:
            raise self.services_failing
        return super().services()

    def look(self, search: Search) -> Found:
        """See `Store.look`."""
        self._looks += 1
        if self._looks in self.failing:
            raise self.failing[self._looks]
        return super().look(search)
