"""The single searches that a look-up is made of, each within bounds of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from frame_tracking import CAPTURE_SERVICE, Attribute, Journey

from camera_runtime.journeys.base import AnswerTooLargeError
from camera_runtime.journeys.downward import Bounds, Downward, Searched, Walked
from camera_runtime.journeys.gathered import Gathered
from camera_runtime.journeys.jaeger import Search
from camera_runtime.journeys.windows import Window

__all__ = ["FEW", "MANY", "Rounds"]

MANY: Final = Bounds(requests=12, traces=1500)
FEW: Final = Bounds(requests=4, traces=500)
_SECONDS: Final = 20.0
"""For all searches together: none is begun later."""
_LEAST: Final = 100
"""Traces asked for at once, however few are wanted: as many as take no longer than a few."""
_OF_ONE_WANTED: Final = 5
"""Traces asked for at once for each frame that is wanted: the more of them, the sooner it is known since when there are enough."""
_AT_A_TIME: Final = 500
"""Traces asked for at once where most are of no use."""
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
        limit = min(self._most, max(_LEAST, _OF_ONE_WANTED * self.gathered.limit))
        self.gathered.walked(self._walked(window, tags, bounds, service, limit))

    def look(self, window: Window, tags: Mapping[str, str], bounds: Bounds = FEW) -> None:
        """Look for frames where few can be; that there may be others is not noted."""
        self.gathered.add(self._walked(window, tags, bounds, CAPTURE_SERVICE, _AT_A_TIME).journeys)

    def look_through(self, window: Window, tags: Mapping[str, str]) -> None:
        """Look through frames of which most are not wanted."""
        self.gathered.walked(self._walked(window, tags, MANY, CAPTURE_SERVICE, _AT_A_TIME))

    def all_of(self, window: Window, tags: Mapping[str, str]) -> bool:
        """Take all frames that have what few have; tells whether these were all."""
        found = self.every(window, tags)
        self.gathered.add(found or ())
        return found is not None

    def every(self, window: Window, tags: Mapping[str, str]) -> tuple[Journey, ...] | None:
        """Return all frames that have what few have and may be found, in no order; None if they are too many."""
        limit = min(self._most, _EXPECTED)
        try:
            found = self._jaeger.search(Search(tags, window.begin, window.end, limit))
        except AnswerTooLargeError:
            return None
        return tuple(each for each in found if self._owns(each)) if len(found) < limit else None

    def _walked(self, window: Window, tags: Mapping[str, str], bounds: Bounds, service: str, limit: int) -> Walked:
        search = Search(tags, window.begin, window.end, min(limit, self._most), service)
        left = replace(bounds, seconds=self._until - time.monotonic())
        walk = Downward(self._jaeger, search, window.first, left, self._most, time.monotonic)
        return walk.take(self.gathered.limit + 1, self.gathered.wanted)
