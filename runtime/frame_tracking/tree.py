"""A journey as lines of text: a tree with times, for terminals and logs. Pure."""

from __future__ import annotations

from frame_tracking.journey import Journey, JourneySpan
from frame_tracking.names import Attribute

__all__ = ["tree"]


def tree(journey: Journey) -> list[str]:
    """Return the journey's tree, a line a span: when it began (after the first), how long it took, where."""
    if not journey.spans:
        return [f"trace {journey.trace_id}: no spans"]
    start = journey.spans[0].start_us
    lines = [f"{journey.frame_id or 'unknown frame'}  trace {journey.trace_id}  {journey.duration_us / 1000:.1f} ms"]
    tops = (*journey.roots, *journey.orphans)
    for position, span in enumerate(tops):
        lines += _branch(journey, span, start, "", last=position == len(tops) - 1)
    return lines


def _branch(journey: Journey, span: JourneySpan, start: int, indent: str, *, last: bool) -> list[str]:
    lines = [f"{indent}{'└─' if last else '├─'} {_line(span, start)}"]
    children = journey.children(span.span_id)
    for position, child in enumerate(children):
        lines += _branch(journey, child, start, indent + ("   " if last else "│  "), last=position == len(children) - 1)
    return lines


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
