"""What the page's templates print, as plain values: rows of lists, bars of a waterfall, attributes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from frame_tracking import Attribute, Bar, Journey, JourneySpan, JourneyView, Outcome, Waterfall

__all__ = ["WIDTH", "Row", "ShownBar", "bars_of", "row_of", "state_of"]

WIDTH: Final = 1000
"""Of every drawing, in units of its own."""
_LEAST: Final = 3.0
"""A bar that is shorter could not be seen."""
_LONGEST_VALUE: Final = 2000
"""Characters of an attribute that are shown."""
_YOUNG: Final = timedelta(seconds=10)
_MOST_BARS: Final = 500
_NOTES: Final = (
    Attribute.FRAME_OUTCOME,
    Attribute.FRAME_DROP_REASON,
    Attribute.FRAME_ENDED_BY,
    Attribute.FRAME_PARTIAL,
)


@dataclass(frozen=True, slots=True)
class Row:
    """A frame in a list; times in milliseconds, `queue` and `work` as widths of `WIDTH`.

    `state` says in words how it stands, and `tone` (good, warn, bad) how much that should worry.
    """

    frame_id: str
    camera: str
    captured: datetime
    state: str
    tone: str
    hops: tuple[str, ...]
    total_ms: float
    queued_ms: float
    work_ms: float
    queue: float
    work: float


@dataclass(frozen=True, slots=True)
class ShownBar:
    """A span of a waterfall; times in milliseconds, places and widths of `WIDTH`."""

    name: str
    service: str
    depth: int
    begin_ms: float
    queued_ms: float
    work_ms: float
    queue_x: float
    queue_width: float
    work_x: float
    work_width: float
    is_hop: bool
    failed: bool
    notes: str
    attributes: tuple[tuple[str, str], ...]


def row_of(view: JourneyView, longest_us: int, now: datetime) -> Row:
    """Return a journey as a row of a list whose longest journey takes so long."""
    journey, laid = view.journey, Waterfall.of(view.journey)
    root = journey.spans[0]
    share = WIDTH * min(1.0, journey.duration_us / max(1, longest_us))
    parts = max(1, laid.queued_us + laid.work_us)
    state, tone = state_of(view, now)
    return Row(
        frame_id=journey.frame_id or "",
        camera=str(root.attributes.get(Attribute.CAMERA_ID, "")),
        captured=_time(root.start_us),
        state=state,
        tone=tone,
        hops=journey.hops,
        total_ms=journey.duration_us / 1000,
        queued_ms=laid.queued_us / 1000,
        work_ms=laid.work_us / 1000,
        queue=share * laid.queued_us / parts,
        work=share * laid.work_us / parts,
    )


def state_of(view: JourneyView, now: datetime) -> tuple[str, str]:
    """Return in words how a frame stands, and how much that should worry; spans of a young one may be on their way."""
    outcome = view.journey.outcome
    young = now - _time(max((span.end_us for span in view.journey.spans), default=0)) < _YOUNG
    if outcome is None or (young and view.complete is False):
        return ("under way" if young else "no outcome"), "warn"
    if view.complete is False:
        return f"{outcome.replace('_', ' ')}, spans missing", "bad"
    return outcome.replace("_", " "), _TONES[outcome]


_TONES: Final = {Outcome.COMPLETED: "good", Outcome.DROPPED: "warn", Outcome.DEAD_LETTERED: "bad"}


def bars_of(journey: Journey) -> tuple[tuple[ShownBar, ...], int]:
    """Return the bars of a journey, and how many more there are: a handler may open spans without end."""
    laid = Waterfall.of(journey)
    shown = tuple(_bar(bar, laid.length_us) for bar in laid.bars[:_MOST_BARS])
    return shown, len(laid.bars) - len(shown)


def _bar(bar: Bar, length_us: int) -> ShownBar:
    scale = WIDTH / length_us
    work_width = max(_LEAST, bar.work_us * scale)
    work_x = min(bar.begin_us * scale, WIDTH - _LEAST)
    queue_width = max(_LEAST, bar.queued_us * scale) if bar.queued_us else 0.0
    span = bar.span
    return ShownBar(
        name=span.name,
        service=span.service,
        depth=min(bar.depth, 12),
        begin_ms=bar.begin_us / 1000,
        queued_ms=bar.queued_us / 1000,
        work_ms=bar.work_us / 1000,
        queue_x=max(0.0, work_x - queue_width),
        queue_width=min(queue_width, work_x),
        work_x=work_x,
        work_width=min(work_width, WIDTH - work_x),
        is_hop=span.is_hop,
        failed=span.failed,
        notes=", ".join(str(span.attributes[key]) for key in _NOTES if key in span.attributes),
        attributes=tuple(_attributes(span)),
    )


def _attributes(span: JourneySpan) -> Iterator[tuple[str, str]]:
    for key, value in sorted({**span.resource, **span.attributes}.items()):
        text = str(value)
        yield str(key), text[:_LONGEST_VALUE] + ("…" if len(text) > _LONGEST_VALUE else "")
    yield "span ID", span.span_id


def _time(microseconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)
