"""The frames of a pipeline in order of their begin, newest first, a page at a time: none twice, none left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from frame_tracking import CAPTURE_SERVICE, Attribute, FrameID, Journey, JourneySpan

from camera_runtime.journeys.jaeger import EARLIEST, LATEST, Search
from camera_runtime.journeys.stored import Traces
from camera_runtime.page.belonging import Belonging
from camera_runtime.page.request import Cursor

__all__ = ["MOST", "Frames", "Listed", "cursor_of"]

MOST: Final = 1000
"""Traces asked for at once: some 3 MB."""
_LEAST: Final = timedelta(milliseconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_AROUND: Final = timedelta(seconds=2)
_NEAR: Final = 200
"""Traces around a frame that are looked through for its neighbours."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """Frames, newest first; `older` is where the next ones begin, None at the end."""

    journeys: tuple[Journey, ...]
    older: Cursor | None = None


class Frames:
    """The frames whose root spans are stored.

    A Jaeger in memory gives the traces that it *got* last, which is another order than that of their begin. So what it gives
    says only how far back to look; then all that began since then is asked for, and that is put in order.

    Args:
        jaeger: where they are.
        pipeline: whose frames.
        keep_seconds: how long traces are kept; nothing older is looked for.
        now: the time, in UTC.
        most: traces that may be asked for at once: a Jaeger in memory refuses more than it could hold.
    """

    def __init__(
        self,
        jaeger: Traces,
        pipeline: Belonging,
        keep_seconds: float,
        now: Callable[[], datetime],
        most: int = MOST,
    ) -> None:
        self._jaeger, self._pipeline, self._now, self._most = jaeger, pipeline, now, most
        self._keep = timedelta(seconds=keep_seconds)

    def newest(self, count: int, camera: str = "", before: Cursor | None = None) -> Listed:
        """Return at most `count` frames, of one camera if it is named.

        Raises:
            JaegerUnavailableError: if Jaeger does not answer.
        """
        now = self._now()
        end = now + timedelta(minutes=1) if before is None else _time(before.start_us) + _MICROSECOND
        begin = now - self._keep
        if end <= begin:
            return Listed(())
        count = max(1, min(count, self._most - 2))
        asked = count + 2  # the one that `before` names is found again, and one more tells whether there are others
        first = self._search(camera, begin, end, asked)
        more = len(first) >= asked
        found = self._slice(camera, min(_start(journey) for journey in first), end) if more else first
        older = sorted(
            (each for each in found if before is None or cursor_of(each) < before), key=cursor_of, reverse=True
        )
        own = tuple(journey for journey in older if self._pipeline.owns(journey) and _is_of(journey, camera))
        return Listed(own[:count], self._rest(own, older, count, more=more))

    def around(self, frame_id: FrameID) -> tuple[Journey, ...]:
        """Return frames of the same camera that began within two seconds of it, in no order.

        Raises:
            JaegerUnavailableError: if Jaeger does not answer.
        """
        time = min(max(frame_id.time, EARLIEST + _AROUND), LATEST - _AROUND)
        found = self._search(frame_id.camera, time - _AROUND, time + _AROUND, _NEAR)
        return tuple(journey for journey in found if self._pipeline.owns(journey))

    def _slice(self, camera: str, begin: datetime, end: datetime) -> tuple[Journey, ...]:
        """Return all that began from some time on: `begin`, or as much later as it takes for them not to be too many."""
        since = begin
        while True:
            found = self._search(camera, since, end, self._most)
            if len(found) >= self._most and end - since > _LEAST:
                since = end - (end - since) / 2
            elif found or since <= begin:
                return found
            else:  # all of them are before
                since, end = begin, since

    def _search(self, camera: str, begin: datetime, end: datetime, limit: int) -> tuple[Journey, ...]:
        tags = {Attribute.PIPELINE_NAME.value: self._pipeline.name}
        if camera:
            tags[Attribute.CAMERA_ID.value] = camera
        return self._jaeger.search(Search(tags, begin, end, min(limit, self._most)))

    @staticmethod
    def _rest(own: tuple[Journey, ...], seen: Iterable[Journey], count: int, *, more: bool) -> Cursor | None:
        """Return where the next page begins: after the last frame shown, or, if there were only others', after those."""
        if len(own) > count:
            return cursor_of(own[count - 1])
        return min(map(cursor_of, seen), default=None) if more else None


def cursor_of(journey: Journey) -> Cursor:
    """Return a frame's place among all: by the begin of its root, which is what Jaeger searches by."""
    root = _root(journey)
    return Cursor(root.start_us if root else 0, journey.trace_id)


def _root(journey: Journey) -> JourneySpan | None:
    of_capture = (span for span in journey.spans if span.service == CAPTURE_SERVICE)
    return next((span for span in of_capture if Attribute.PIPELINE_NAME in span.attributes), None)


def _is_of(journey: Journey, camera: str) -> bool:
    """Tell whether it is of a camera: a Jaeger that is searched by its v3 API may overlook what is asked for."""
    root = _root(journey)
    return not camera or (root is not None and root.attributes.get(Attribute.CAMERA_ID) == camera)


def _start(journey: Journey) -> datetime:
    return _time(cursor_of(journey).start_us)


def _time(microseconds: int) -> datetime:
    return min(max(_EPOCH + timedelta(microseconds=microseconds), EARLIEST), LATEST)
