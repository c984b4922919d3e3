"""Analysis: all that is added up of many journeys, in one reading of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from frame_tracking import Journey, Topology

from camera_runtime.analysis.gaps import Gaps, SessionGaps
from camera_runtime.analysis.shapes import Completed, Shapes
from camera_runtime.analysis.times import Slow, SlowFrames, Spread, Times

__all__ = ["Findings", "Journeys", "analyse"]


class Journeys(Protocol):
    """Where journeys come from: `SavedJourneys`, `StoredJourneys`."""

    name: str
    """What it is, for people."""
    unreadable: int
    """How many entries could not be read and were passed over."""

    def journeys(self, progress: Callable[[float], None]) -> Iterator[Journey]:
        """Yield each trace once; `progress` is told the share that was read."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in `source`, over so many traces and spans."""

    source: str
    traces: int
    spans: int
    unreadable: int
    completeness: Completed
    latency: tuple[Spread, ...]
    slowest: tuple[Slow, ...]
    sessions: tuple[SessionGaps, ...]


def analyse(
    source: Journeys, topologies: Mapping[str, Topology], most: int, progress: Callable[[float], None] = lambda _: None
) -> Findings:
    """Read all journeys once and add them up; memory grows by some 40 bytes a frame, and not with its spans.

    Args:
        source: gives the journeys.
        topologies: trees of stages by revision, as far as they are known.
        most: slow frames that are listed.
        progress: is told the share that was read.

    Raises:
        JaegerUnavailableError, SpanFileError: if they cannot be read.
    """
    shapes, times, slow, gaps = Shapes(topologies), Times(), SlowFrames(most), Gaps()
    traces = spans = 0
    for journey in source.journeys(progress):
        traces += 1
        spans += len(journey.spans)
        shapes.take(journey)
        times.take(journey)
        slow.take(journey)
        gaps.take(journey)
    found = shapes.completed(), times.spreads(), slow.slowest(), gaps.sessions()
    return Findings(source.name, traces, spans, source.unreadable, *found)
