"""The single searches that a look-up is made of, each within bounds of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from frame_tracking import CAPTURE_SERVICE, Attribute, Journey

from camera_runtime.journeys.base import AnswerTooLargeError
from camera_runtime.journeys.downward import Bounds, Downward, Searched, Walked, at_first
from camera_runtime.journeys.gathered import Gathered
from camera_runtime.journeys.jaeger import Search
from camera_runtime.journeys.windows import Window

__all__ = ["FEW", "MANY", "SOME", "Rounds"]

MANY: Final = Bounds(requests=12, traces=1000)
SOME: Final = Bounds(requests=12, traces=600)
FEW: Final = Bounds(requests=4, traces=300)
_SECONDS: Final = 20.0
"""For all searches together: none is begun later."""
_AT_ONCE: Final = 500
"""Traces asked for at once, at the most: a quarter of a second, and it may be in vain."""
_ONE: Final = 10
"""Traces asked for at once where one is wanted."""
_EXPECTED: Final = 300
"""More traces than have what few have: a hundred cameras' sessions."""


class Rounds:
    """Searches of one look-up.

    Args:
        jaeger: what is searched.
        tags: what every search is for.
        owns: tells whether a journey may be found at all.
        most: traces that may be asked for at once.
        gathered: takes what is found.
    """

    def __init__(
        self,
        jaeger: Searched,
        tags: Mapping[str, str],
        owns: Callable[[Journey], bool],
        most: int,
        gathered: Gathered,
    ) -> None:
        self._jaeger, self._tags, self._owns, self._most, self.gathered = jaeger, tags, owns, most, gathered
        self._until = time.monotonic() + _SECONDS

    def of_camera(self, camera: str | None) -> dict[str, str]:
        """Return the tags of a camera's frames, or of all."""
        return {**self._tags, **({Attribute.CAMERA_ID.value: camera} if camera else {})}

    def walk(
        self, window: Window, tags: Mapping[str, str], bounds: Bounds = MANY, service: str = CAPTURE_SERVICE
    ) -> None:
        """Look for the newest frames of a time, and note it where not all could be looked through."""
        self.gathered.walked(self._walked(window, tags, bounds, service))

    def look(self, window: Window, tags: Mapping[str, str]) -> None:
        """Look for frames where few can be; that there may be others is not noted."""
        self.gathered.looked(self._walked(window, tags, FEW, CAPTURE_SERVICE))

    def glance(self, window: Window, tags: Mapping[str, str]) -> None:
        """Take what one request gives of a time."""
        limit = at_first(0, self._most)
        self.gathered.add(self._jaeger.search(Search(tags, window.begin, window.end, limit)))

    def last(self, window: Window, tags: Mapping[str, str]) -> Journey | None:
        """Return the newest frame of a time, whatever it is."""
        search = Search(tags, window.begin, window.end, min(_ONE, self._most))
        walk = Downward(self._jaeger, search, window.first, self._left(FEW), monotonic=time.monotonic)
        return next(iter(walk.take(1, self._owns).journeys), None)

    def newest(self, window: Window, tags: Mapping[str, str]) -> tuple[Journey, ...]:
        """Return the newest frames of a time that may be found, as many as may be looked through."""
        most = min(_AT_ONCE, self._most)
        search = Search(tags, window.begin, window.end, most)
        walk = Downward(self._jaeger, search, window.first, self._left(MANY), monotonic=time.monotonic)
        return walk.take(MANY.traces, self._owns).journeys

    def all_of(self, window: Window, tags: Mapping[str, str]) -> bool:
        """Take all frames that have what few have; tells whether these were all."""
        found = self.every(window, tags)
        if found is not None:
            self.gathered.add(found)
        return found is not None

    def every(self, window: Window, tags: Mapping[str, str]) -> tuple[Journey, ...] | None:
        """Return all frames that have what few have and may be found, in no order; None if they are too many."""
        limit = min(self._most, _EXPECTED)
        try:
            found = self._jaeger.search(Search(tags, window.begin, window.end, limit))
        except AnswerTooLargeError:
            return None
        return tuple(each for each in found if self._owns(each)) if len(found) < limit else None

    def _walked(self, window: Window, tags: Mapping[str, str], bounds: Bounds, service: str) -> Walked:
        count = self.gathered.limit + 1
        search = Search(tags, window.begin, window.end, at_first(count, min(_AT_ONCE, self._most)), service)
        walk = Downward(
            self._jaeger, search, window.first, self._left(bounds), min(_AT_ONCE, self._most), time.monotonic
        )
        return walk.take(count, self.gathered.wanted)

    def _left(self, bounds: Bounds) -> Bounds:
        return replace(bounds, seconds=self._until - time.monotonic())
