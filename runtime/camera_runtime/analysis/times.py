"""Times of many journeys: of each hop, its work apart from the wait in the queue before it; and the slowest frames."""

from __future__ import annotations

import heapq
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from frame_tracking import Attribute, Journey, queued_us

__all__ = ["JOURNEY", "QUEUE", "WORK", "Slow", "SlowFrames", "Spread", "Times"]

WORK: Final = "work"
QUEUE: Final = "queue"
JOURNEY: Final = "journey"
"""Kinds of time: a hop worked on a frame, a frame waited for a hop, from a frame's first span's start to its last one's end."""

_MOST_MICROSECONDS: Final = 2**63 - 1
"""What spans tell of themselves may be more than fits."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How one kind of time at one hop is spread; all in milliseconds.

    `histogram`: frames by bars of equal width from 0 to p99; the last one has those above as well.
    """

    hop: str
    kind: str
    frames: int
    p50: float
    p90: float
    p95: float
    p99: float
    most: float
    histogram: tuple[int, ...] = ()


class Times:
    """Adds journeys up; eight bytes a hop and kind of time."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], array[int]] = defaultdict(lambda: array("Q"))

    def take(self, journey: Journey) -> None:
        """Add one."""
        self._add(JOURNEY, JOURNEY, journey.duration_us)
        for hop, kind, microseconds in _times(journey):
            self._add(hop, kind, microseconds)

    def spreads(self, bars: int = 40) -> tuple[Spread, ...]:
        """Return how the times are spread, hops in the order in which frames reach them."""
        return tuple(_spread(hop, kind, sorted(values), bars) for (hop, kind), values in self._times.items())

    def _add(self, hop: str, kind: str, microseconds: int) -> None:
        self._times[hop, kind].append(min(max(microseconds, 0), _MOST_MICROSECONDS))


@dataclass(frozen=True, slots=True)
class Slow:
    """A slow frame: its whole time and the part that took longest, in milliseconds."""

    frame_id: str
    trace_id: str
    milliseconds: float
    hop: str
    kind: str
    part_milliseconds: float


class SlowFrames:
    """Keeps the slowest journeys."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[int, int, Slow]] = []
        self._numbers = count()

    def take(self, journey: Journey) -> None:
        """Add one."""
        if len(self._heap) >= self._most and journey.duration_us <= self._heap[0][0]:
            return
        hop, kind, part = max(_times(journey), key=lambda time: time[2], default=("", "", 0))
        frame_id = journey.frame_id or ""
        slow = Slow(frame_id, journey.trace_id, journey.duration_us / 1000, hop, kind, part / 1000)
        push = heapq.heappushpop if len(self._heap) >= self._most else heapq.heappush
        push(self._heap, (journey.duration_us, next(self._numbers), slow))

    def slowest(self) -> tuple[Slow, ...]:
        """Return them, the slowest first."""
        return tuple(slow for _, _, slow in sorted(self._heap, reverse=True))


def _times(journey: Journey) -> Iterator[tuple[str, str, int]]:
    spans = {span.span_id: span for span in journey.spans}
    for span in journey.spans:
        if span.is_hop and not span.attributes.get(Attribute.FRAME_DUPLICATE):
            yield span.hop, WORK, span.duration_us
            waited = queued_us(span, spans.get(span.parent_id or ""))
            if waited is not None:
                yield span.hop, QUEUE, waited


def _spread(hop: str, kind: str, values: list[int], bars: int) -> Spread:
    def at(percent: int) -> float:
        rank = -(-percent * len(values) // 100)  # the nearest rank: so many percent of the values are no larger
        return values[rank - 1] / 1000

    top = max(at(99), 0.001)
    histogram = [0] * bars
    for value in values:
        histogram[min(int(value / 1000 / top * bars), bars - 1)] += 1
    return Spread(hop, kind, len(values), at(50), at(90), at(95), at(99), values[-1] / 1000, tuple(histogram))
