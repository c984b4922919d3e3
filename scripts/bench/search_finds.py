"""Time that `frametrace find` and the journey page take to find frames, by their own code: by ID, time, camera, number and session."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from camera_runtime.journeys.jaeger import Jaeger
from camera_runtime.journeys.stored import JaegerJourneys
from camera_runtime.page.belonging import Belonging
from camera_runtime.page.frames import MOST, Frames
from frame_tracking import FrameID, FrameQuery, now

__all__ = ["finds"]

_LIMIT, _ROWS, _SLOW_OF = 20, 50, 250
_KEEP = timedelta(hours=6)
_PIPELINE = Belonging("", "parking", alone=True)
_PARTS: dict[str, Callable[[FrameID], str]] = {
    "id": str,
    "time": lambda frame: f"{frame.time:%Y%m%dT%H%M%S}",
    "minute": lambda frame: f"{frame.time:%Y%m%dT%H%M}",
    "camera_and_time": lambda frame: f"{frame.time:%Y%m%dT%H%M%S}_{frame.camera}",
    "camera_and_number": lambda frame: f"{frame.camera}_{frame.sequence:06d}",
    "session": lambda frame: f"{frame.camera}_{frame.session}",
    "session_alone": lambda frame: f"{frame.session}",
}
"""What somebody knows of a frame, and types."""


def finds(url: str, stored: Sequence[FrameID], sought: Sequence[FrameID]) -> dict[str, list[float]]:
    """Return the milliseconds of each search, by who searches and what for.

    Args:
        url: of the Jaeger's query port.
        stored: all frames that it has.
        sought: frames of which parts of the ID are searched for.

    Raises:
        RuntimeError: if an answer is not what was searched for.
    """
    tags = {"pipeline.name": _PIPELINE.name}
    page = JaegerJourneys(Jaeger(url), tags, most=MOST, owns=_PIPELINE.owns, stages=lambda: ("motion",), keep=_KEEP)
    who = {"find": (JaegerJourneys(Jaeger(url)), _LIMIT), "page": (page, _ROWS)}
    taken = {
        f"{name}_by_{part}": list(_searched(source, limit, [text(each) for each in sought], stored))
        for part, text in _PARTS.items()
        for name, (source, limit) in who.items()
    }
    frames = Frames(Jaeger(url), _PIPELINE, _KEEP.total_seconds(), now)
    return taken | {f"page_list_of_{count}": [_listed(frames, count) for _ in sought] for count in (_ROWS, _SLOW_OF)}


def _searched(source: JaegerJourneys, limit: int, texts: Sequence[str], stored: Sequence[FrameID]) -> Iterator[float]:
    there = _counted(set(texts), stored, limit)
    for text in texts:
        begun = time.perf_counter()
        found = source.find(FrameQuery.parse(text), limit)
        yield (time.perf_counter() - begun) * 1000
        if len(found.journeys) != there[text]:
            raise RuntimeError(f"{text} found {len(found.journeys)} frames of {there[text]}: {found.caveats()}")


def _counted(texts: set[str], stored: Sequence[FrameID], limit: int) -> Counter[str]:
    """Return how many frames each text means, as far as so many are told."""
    counted: Counter[str] = Counter()
    for text in texts:
        query = FrameQuery.parse(text)
        for frame_id in stored:
            counted[text] += query.matches(frame_id)
            if counted[text] == limit:
                break
    return counted


def _listed(frames: Frames, count: int) -> float:
    begun = time.perf_counter()
    listed = frames.newest(count)
    taken = (time.perf_counter() - begun) * 1000
    if len(listed.journeys) != count:
        raise RuntimeError(f"a list of {count} frames has {len(listed.journeys)}")
    return taken
