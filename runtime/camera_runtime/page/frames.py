"""The frames of a pipeline in order of their begin, newest first, a page at a time: none twice, none left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from frame_tracking import CAPTURE_SERVICE, Attribute, FrameID, Journey, JourneySpan

from camera_runtime.journeys.base import JaegerUnavailableError
from camera_runtime.journeys.downward import Bounds, Downward, Walked, at_first
from camera_runtime.journeys.jaeger import EARLIEST, LATEST, Search
from camera_runtime.journeys.stored import Traces
from camera_runtime.journeys.windows import LOOK_BACK, Window
from camera_runtime.page.belonging import Belonging
from camera_runtime.page.request import Cursor

__all__ = ["MOST", "Frames", "Listed", "cursor_of"]

MOST: Final = 1000
"""Traces asked for at once: some 3 MB."""
_MICROSECOND: Final = timedelta(microseconds=1)
_AROUND: Final = timedelta(seconds=2)
_NEAR: Final = 200
"""Traces around a frame that are looked through for its neighbours."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = "0" * 32
"""Before all trace IDs."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Frames, newest first; `older` is where the next ones begin, None at the end.

    Attributes:
        looked: where there would be more, but so many traces were looked through: those of others, who use the same Jaeger; else 0.
    """

    journeys: tuple[Journey, ...]
    older: Cursor | None = None
    looked: int = 0


class Frames:
    """The frames whose root spans are stored.

    Args:
        jaeger: where they are.
        pipeline: whose frames.
        keep_seconds: how long traces are kept, and nothing older is looked for; 0: nobody here knows.
        now: the time, in UTC.
        most: traces that may be asked for at once: a Jaeger in memory refuses more than it could hold.
        bounds: how much may be looked through for a page.
    """

    def __init__(
        self,
        jaeger: Traces,
        pipeline: Belonging,
        keep_seconds: float,
        now: Callable[[], datetime],
        most: int = MOST,
        bounds: Bounds | None = None,
    ) -> None:
        self._jaeger, self._pipeline, self._now, self._most, self._bounds = jaeger, pipeline, now, most, bounds
        self._keep = timedelta(seconds=keep_seconds) if keep_seconds else LOOK_BACK

    def newest(self, count: int, camera: str = "", before: Cursor | None = None) -> Listed:
        """Return at most `count` frames, of one camera if it is named.

        Raises:
            JaegerUnavailableError: if Jaeger does not answer.
        """
        window = Window.ever(self._now(), self._keep)
        if before is not None:
            window = window.until(_time(before.start_us) + _MICROSECOND)
        if window.end <= window.begin:
            return Listed(())
        search = self._search(camera, window.begin, window.end, at_first(count + 1, self._most))

        def is_shown(journey: Journey) -> bool:
            earlier = before is None or cursor_of(journey) < before
            return earlier and self._pipeline.owns(journey) and _is_of(journey, camera)

        walked = Downward(self._jaeger, search, window.first, self._bounds, self._most).take(count + 1, is_shown)
        if not walked.ended and not walked.looked:
            raise JaegerUnavailableError(f"Jaeger at {self._jaeger.name} takes too long to answer")
        return _page(walked, count)

    def around(self, frame_id: FrameID) -> tuple[Journey, ...]:
        """Return frames of the same camera that began within two seconds of it, in no order.

        Raises:
            JaegerUnavailableError: if Jaeger does not answer.
        """
        time = min(max(frame_id.time, EARLIEST + _AROUND), LATEST - _AROUND)
        found = self._jaeger.search(self._search(frame_id.camera, time - _AROUND, time + _AROUND, _NEAR))
        return tuple(journey for journey in found if self._pipeline.owns(journey))

    def _search(self, camera: str, begin: datetime, end: datetime, limit: int) -> Search:
        tags = {Attribute.PIPELINE_NAME.value: self._pipeline.name}
        if camera:
            tags[Attribute.CAMERA_ID.value] = camera
        return Search(tags, begin, end, min(limit, self._most))


def _page(walked: Walked, count: int) -> Listed:
    """Return a page and where the next one begins: after its last frame, or after all that was looked through."""
    shown = walked.journeys[:count]
    if len(walked.journeys) > count:
        return Listed(shown, cursor_of(shown[-1]))
    if walked.ended:
        return Listed(shown)
    return Listed(shown, Cursor(walked.since_us, _FIRST), walked.looked)


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


def _time(microseconds: int) -> datetime:
    return min(max(_EPOCH + timedelta(microseconds=microseconds), EARLIEST), LATEST)
