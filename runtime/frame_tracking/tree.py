"""A journey as lines of text: a tree with times, for terminals and logs. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from frame_tracking.journey import Journey, JourneySpan
from frame_tracking.names import Attribute

__all__ = ["tree", "walk"]


def tree(journey: Journey) -> list[str]:
    """Return the journey's tree, a line a span: when it began (after the first), how long it took, where."""
    if not journey.spans:
        return [f"trace {journey.trace_id}: no spans"]
    start = journey.spans[0].start_us
    head = f"{journey.frame_id or 'unknown frame'}  trace {journey.trace_id}  {journey.duration_us / 1000:.1f} ms"
    return [head, *(f"{branch} {_line(span, start)}" for branch, span in walk(journey))]


def walk(journey: Journey) -> Iterator[tuple[str, JourneySpan]]:
    """Yield every span with the branch that it hangs on, as text, from the roots downwards."""
    children = defaultdict(list)
    for span in journey.spans:
        children[span.parent_id].append(span)
    waiting = _pile((*journey.roots, *journey.orphans), "")
    while waiting:  # not by recursion: a handler may nest its spans deeper than Python its calls
        span, indent, last = waiting.pop()
        yield f"{indent}{'└─' if last else '├─'}", span
        waiting += _pile(children[span.span_id], indent + ("   " if last else "│  "))


def _pile(spans: Sequence[JourneySpan], indent: str) -> list[tuple[JourneySpan, str, bool]]:
    """Return spans that hang on one parent so that the first is taken first: (span, indent, whether it is the last)."""
    return [(span, indent, span is spans[-1]) for span in reversed(spans)]


def _line(span: JourneySpan, start: int) -> str:
    offset, took = (span.start_us - start) / 1000, span.duration_us / 1000
    notes = [
        str(span.attributes[key])
        for key in (Attribute.FRAME_OUTCOME, Attribute.FRAME_DROP_REASON)
        if key in span.attributes
    ]
    if span.failed:
        notes.append("error")
    return f"{span.name}  [{span.service}]  +{offset:.1f} ms  {took:.2f} ms" + (
        f"  {', '.join(notes)}" if notes else ""
    )
