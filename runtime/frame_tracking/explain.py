"""Says in words what a journey lacks, and what that can mean. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from frame_tracking.completeness import Completeness
from frame_tracking.journey import Journey
from frame_tracking.names import CAPTURE_HOP, Attribute, SpanName
from frame_tracking.topology import Topology

__all__ = ["explain", "revision_of"]


def revision_of(journey: Journey) -> str | None:
    """Return the revision of the tree of stages that the frame was captured under; None without its root span."""
    roots = [span for span in journey.roots if span.name == SpanName.CAPTURE_FRAME]
    return str(roots[0].attributes.get(Attribute.REVISION, "")) if roots else None


def explain(journey: Journey, found: Completeness, topology: Topology) -> tuple[str, ...]:
    """Return a sentence for each thing that is missing or odd; none, if the journey is complete."""
    return tuple(_sentences(journey, found, topology))


def _sentences(journey: Journey, found: Completeness, topology: Topology) -> Iterator[str]:
    if any(span.attributes.get(Attribute.FRAME_PARTIAL) for span in journey.spans):
        yield "sampling had left the frame out; it was kept from the hop on that failed or was slow"
        return
    for hop in found.missing_hops:
        yield _missing(journey, hop, topology)
    for name in found.orphans:
        yield f"the parent of a span {name!r} is missing: its process ended before it sent that span, or it was lost"
    if found.roots > 1:
        yield f"{found.roots} spans have no parent: a hop did not get the frame's trace context (see frame.context_lost)"
    for hop in found.branches_without_outcome:
        if hop in journey.hops:
            yield f"the branch to {hop!r} has no outcome: its last span was lost, or it is being worked on"
    for hop in found.branches_with_several:
        yield f"{hop!r} told more than one outcome"


def _missing(journey: Journey, hop: str, topology: Topology) -> str:
    if hop == CAPTURE_HOP:
        return "there is no span of the capture: its process ended before it sent them, or they were lost"
    upstream = topology.input_of(hop)
    if upstream not in journey.hops:
        return f"there is no span of {hop!r}, nor of {upstream!r} before it"
    sent = any(span.name.startswith(f"{SpanName.SEND} ") and span.hop == upstream for span in journey.spans)
    if not sent:
        return f"there is no span of {hop!r}: {upstream!r} did not send the frame on, or that span was lost"
    return f"there is no span of {hop!r}: the frame waits for it still, or that process's spans were lost"
