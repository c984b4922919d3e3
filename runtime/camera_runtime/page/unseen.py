"""What is known of a frame that has no span here: by its ID, by how its camera is traced now, and by its neighbours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from frame_tracking import FrameID
from frametrace_api.contract import LiveContract
from telemetry.sampling import Sampling, is_sampled

from camera_runtime.page.pictures import PictureState

__all__ = ["Neighbours", "Unseen", "neighbours_of", "why_unseen"]

_SOON: Final = timedelta(seconds=10)
"""Spans leave a pod a second after their hop ended, and the last hop ends when it does."""
_LONG: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A frame without a span, and the circumstances.

    Attributes:
        keep_seconds: how long traces are kept; 0: nobody here knows.
        live: how the pipeline traces now.
        picture: what there is of its picture.
    """

    frame_id: FrameID
    now: datetime
    keep_seconds: int
    live: LiveContract
    picture: PictureState


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest frames of the same session that are there, before and after."""

    before: FrameID | None = None
    after: FrameID | None = None


def neighbours_of(frame_id: FrameID, others: Iterable[FrameID]) -> Neighbours:
    """Find a frame's neighbours among others."""
    same = [each for each in others if (each.camera, each.session) == (frame_id.camera, frame_id.session)]
    return Neighbours(
        max((each for each in same if each.sequence < frame_id.sequence), default=None),
        min((each for each in same if each.sequence > frame_id.sequence), default=None),
    )


def why_unseen(unseen: Unseen) -> tuple[str, ...]:
    """Return sentences: what is known, and what can have become of it."""
    return tuple(_sentences(unseen))


def _sentences(unseen: Unseen) -> Iterator[str]:
    frame_id, age = unseen.frame_id, unseen.now - unseen.frame_id.time
    if unseen.picture is PictureState.KEPT:
        yield "Its picture is still kept, so the frame was captured."
    if frame_id.camera not in unseen.live.cameras:
        yield f"This pipeline has no camera {frame_id.camera} now: it is of another pipeline, or was taken out."
    if age < -_SOON:
        yield f"Its time is {_span(-age)} from now: a mistyped ID, or a clock that is wrong."
    elif unseen.keep_seconds and age > timedelta(seconds=unseen.keep_seconds):
        yield f"It is {_span(age)} old, and traces are kept for {_span(timedelta(seconds=unseen.keep_seconds))}."
    else:
        yield from _by_sampling(unseen, age)
    if not unseen.keep_seconds and age > _LONG:
        yield f"It is {_span(age)} old, and how long its Jaeger keeps traces is known to that Jaeger's owner only."


def _by_sampling(unseen: Unseen, age: timedelta) -> Iterator[str]:
    sampling = Sampling.of(unseen.live)
    ratio = sampling.ratio_of(unseen.frame_id.camera)
    if not sampling.on:
        yield "Tracing is off now: frames pass without leaving spans. `kubectl frametrace status` says why."
    elif not is_sampled(unseen.frame_id, ratio):
        yield f"By its ID the frame is not in the {ratio:.4g} of the camera's frames that are traced now."
    elif age < _SOON:
        yield "It is only seconds old: its spans may be still on their way. Load this page again."
    else:
        yield (
            "A frame with this ID would be traced now. So there was no such frame, or tracing was off or rarer when it "
            "came, or its spans were lost, or the trace storage was too small or was cleared since."
        )


def _span(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}s"
    return f"{seconds} seconds"
