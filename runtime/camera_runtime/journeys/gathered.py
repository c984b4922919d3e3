"""Frames that a search has found so far, and what it could not look through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from frame_tracking import CAPTURE_SERVICE, FrameID, InvalidFrameIDError, Journey

from camera_runtime.journeys.base import Matches, newest
from camera_runtime.journeys.downward import Walked

__all__ = ["Gathered", "frame_id_of"]


class Gathered:
    """Gathers.

    Args:
        limit: most frames that are wanted.
        wanted: tells which are.
    """

    def __init__(self, limit: int, wanted: Callable[[Journey], bool]) -> None:
        self.limit, self.wanted = limit, wanted
        self._looked, self._cut, self._answered = 0, False, False
        self.unnamed = False
        """Whether it is not known which services there are."""
        self._journeys: dict[str, Journey] = {}

    def __len__(self) -> int:
        return len(self._journeys)

    @property
    def full(self) -> bool:
        """Whether there are as many as are wanted."""
        return len(self) >= self.limit

    @property
    def oldest(self) -> datetime | None:
        """The time of the last frame that will be told, if there are enough of them; others may be newer than that one."""
        last = newest(self._journeys.values(), self.limit)[-1:] if self.full else ()
        frame_id = frame_id_of(last[0]) if last else None
        return frame_id.time if frame_id else None

    @property
    def session(self) -> str | None:
        """The session of one of them."""
        frame_id = frame_id_of(next(iter(self._journeys.values()))) if self._journeys else None
        return frame_id.session if frame_id else None

    @property
    def latest(self) -> datetime | None:
        """The time of the newest of them."""
        newest_one = newest(self._journeys.values(), 1)
        frame_id = frame_id_of(newest_one[0]) if newest_one else None
        return frame_id.time if frame_id else None

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages that they passed, of which a whole trace tells."""
        services = {span.service for each in self._journeys.values() for span in each.spans if span.is_hop}
        return tuple(sorted(services - {CAPTURE_SERVICE}))

    def add(self, journeys: Iterable[Journey]) -> None:
        """Take those of an answer that are wanted."""
        self._answered = True
        self._journeys |= {each.trace_id: each for each in journeys if self.wanted(each)}

    def looked(self, walked: Walked) -> None:
        """Take what a walk found, if it got any answer: nothing is one, too."""
        if walked.ended or walked.looked:
            self.add(walked.journeys)

    def walked(self, walked: Walked) -> None:
        """Take what a walk found, and note what it left."""
        self.looked(walked)
        if not walked.ended and len(walked.journeys) <= self.limit:
            self._cut = True
            self._looked += walked.looked

    @property
    def too_slow(self) -> bool:
        """Whether nothing is known, because Jaeger took too long for the first answer."""
        return self._cut and not self._answered

    def matches(self, reach: timedelta | None, unasked: int) -> Matches:
        """Return the newest of them."""
        more = len(self) > self.limit
        found = newest(self._journeys.values(), self.limit)
        return Matches(found, more, self._cut, self._looked, reach, unasked, self.unnamed)


def frame_id_of(journey: Journey) -> FrameID | None:
    """Return the frame ID that a journey's spans carry; None if it is none."""
    try:
        return FrameID(journey.frame_id or "")
    except InvalidFrameIDError:
        return None
