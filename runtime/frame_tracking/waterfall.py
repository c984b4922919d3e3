"""Waterfall: a journey's spans as bars on one line of time, with the wait in a queue apart from the work. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from frame_tracking.journey import Journey, JourneySpan
from frame_tracking.names import CAPTURE_HOP, Attribute

__all__ = ["Bar", "Waterfall", "queued_us"]

_LONGEST_MS: Final = 1e12
"""What is longer, or no number at all, is nobody's measurement."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One span on the line of time; microseconds since the journey's begin.

    Attributes:
        depth: how many spans it is nested in.
        queued_us: how long the frame waited for this hop, just before `begin_us`; 0 where there is no queue.
        work_us: how long the span took.
    """

    span: JourneySpan
    depth: int
    begin_us: int
    queued_us: int
    work_us: int


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A journey's bars, each after the one that it is nested in.

    Attributes:
        length_us: of the line of time.
        queued_us: the waits of all hops, and `work_us` their work, added up: stages beside each other count each.
    """

    bars: tuple[Bar, ...]
    length_us: int
    queued_us: int
    work_us: int

    @classmethod
    def of(cls, journey: Journey) -> Waterfall:
        """Lay a journey out."""
        bars = tuple(_bars(journey))
        hops = [bar for bar in bars if bar.span.is_hop and not bar.span.attributes.get(Attribute.FRAME_DUPLICATE)]
        return cls(
            bars,
            max(1, journey.duration_us),
            sum(bar.queued_us for bar in hops),
            sum(bar.work_us for bar in hops),
        )


def queued_us(span: JourneySpan, sender: JourneySpan | None) -> int | None:
    """Return how long a frame waited for a hop, in microseconds; None where that is not known, or nothing waits.

    By the broker's clock, which is one clock; else from one process's clock to another's, which may be below zero.
    """
    if not span.is_hop or span.hop == CAPTURE_HOP:
        return None
    told = span.attributes.get(Attribute.QUEUED_MS)
    if isinstance(told, int | float) and abs(told) < _LONGEST_MS:
        return round(told * 1000)
    return None if sender is None else span.start_us - sender.end_us


def _bars(journey: Journey) -> Iterator[Bar]:
    known = {span.span_id: span for span in journey.spans}
    children = defaultdict(list)
    for span in journey.spans:
        children[span.parent_id].append(span)
    start = journey.spans[0].start_us if journey.spans else 0
    waiting = [(span, 0) for span in reversed((*journey.roots, *journey.orphans))]
    while waiting:  # not by recursion: a handler may nest its spans deeper than Python its calls
        span, depth = waiting.pop()
        begin = span.start_us - start
        queued = queued_us(span, known.get(span.parent_id or "")) or 0
        yield Bar(span, depth, begin, min(max(queued, 0), begin), max(span.duration_us, 0))
        waiting += [(child, depth + 1) for child in reversed(children[span.span_id])]
