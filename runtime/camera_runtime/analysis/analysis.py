"""Analysis: all that is added up of many journeys, in one reading of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from frame_tracking import Topology

from camera_runtime.analysis.gaps import Gaps, SessionGaps
from camera_runtime.analysis.owners import Owner
from camera_runtime.analysis.selection import Journeys, LeftOut, Selected, Wanted
from camera_runtime.analysis.shapes import Completed, Shapes
from camera_runtime.analysis.times import Slow, SlowFrames, Spread, Times

__all__ = ["Findings", "Read", "analyse"]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    Attributes:
        source: where from.
        traces: that counted, and `spans` that they had.
        unreadable: entries that were passed over.
        left_out: traces that did not count.
        pipelines: whose frames those that counted are of, and how many of each.
        shortfall: what the source could not give, in a sentence; empty if it gave all.
    """

    source: str
    traces: int
    spans: int
    unreadable: int
    left_out: LeftOut
    pipelines: tuple[tuple[Owner, int], ...]
    shortfall: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in what was read."""

    read: Read
    completeness: Completed
    latency: tuple[Spread, ...]
    slowest: tuple[Slow, ...]
    sessions: tuple[SessionGaps, ...]


def analyse(
    source: Journeys,
    topologies: Mapping[str, Topology],
    most: int,
    wanted: Wanted | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Findings:
    """Read all journeys once and add them up; memory grows by some 80 bytes a frame, and not with its spans.

    Args:
        source: gives the journeys.
        topologies: trees of stages by revision, as far as they are known.
        most: slow frames that are listed.
        wanted: which of them count; all that are of frames, if it is left out.
        progress: is told the share that was read.

    Raises:
        JaegerUnavailableError, SpanFileError: if they cannot be read.
    """
    selected = Selected(source, wanted or Wanted())
    shapes, times, slow, gaps = Shapes(topologies), Times(), SlowFrames(most), Gaps()
    traces = spans = 0
    for journey in selected.journeys(progress):
        traces += 1
        spans += len(journey.spans)
        shapes.take(journey)
        times.take(journey)
        slow.take(journey)
        gaps.take(journey)
    pipelines = tuple(selected.pipelines.most_common())
    read = Read(source.name, traces, spans, source.unreadable, selected.left_out, pipelines, source.shortfall)
    return Findings(read, shapes.completed(), times.spreads(), slow.slowest(), gaps.sessions())
