"""A journey as people and programs are shown it: by `frametrace journey` and `kubectl frametrace journey` alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from frame_tracking.completeness import judge
from frame_tracking.explain import explain
from frame_tracking.journey import Journey, JourneySpan
from frame_tracking.names import Attribute
from frame_tracking.topology import Topology
from frame_tracking.tree import walk

__all__ = ["JourneyView", "Part"]

Part = tuple[str, str]
"""A piece of a line and its look: bold, dim, the name of a colour, or nothing. The text is as others wrote it."""

_NOTES: Final = (
    Attribute.FRAME_OUTCOME,
    Attribute.FRAME_DROP_REASON,
    Attribute.FRAME_ENDED_BY,
    Attribute.FRAME_PARTIAL,
)
_LOOKS: Final = {"completed": "green", "dropped": "yellow", "dead_lettered": "red"}


@dataclass(frozen=True, slots=True)
class JourneyView:
    """A journey and what can be said of it.

    Attributes:
        journey: the frame's spans.
        missing: a sentence for each thing that is missing or odd.
        complete: whether all is there; None where the pipeline's stages are not known.
    """

    journey: Journey
    missing: tuple[str, ...] = ()
    complete: bool | None = None

    @classmethod
    def of(cls, journey: Journey, topology: Topology | None) -> JourneyView:
        """Judge a journey by the tree of stages that the frame was captured under, if that is known."""
        if topology is None:
            return cls(journey)
        found = judge(journey, topology)
        return cls(journey, explain(journey, found, topology), found.complete)

    def lines(self) -> Iterator[tuple[Part, ...]]:
        """Yield the tree: a head, a line a span, then what is missing."""
        found = self.journey
        outcome = str(found.outcome or "under way")
        head = f"  trace {found.trace_id}  {found.duration_us / 1000:.1f} ms  "
        yield (found.frame_id or "unknown frame", "bold"), (head, ""), (outcome, _LOOKS.get(outcome, ""))
        start = found.spans[0].start_us if found.spans else 0
        for branch, span in walk(found):
            yield (f"{branch} ", "dim"), *_line(span, start)
        for sentence in self.missing:
            yield ("missing: ", "red"), (sentence, "")
        if self.complete:
            yield ("complete: ", "green"), ("every hop, no orphan, one outcome a branch", "")
        if self.complete is None:
            yield (("The pipeline's stages are not known here, so nothing is said of what is missing", "dim"),)

    def as_object(self) -> dict[str, Any]:
        """Return all of it as plain values; durations are in milliseconds, a span's times in microseconds."""
        return {
            "frame_id": self.journey.frame_id,
            "trace_id": self.journey.trace_id,
            "duration_ms": self.journey.duration_us / 1000,
            "outcome": self.journey.outcome,
            "complete": self.complete,
            "missing": self.missing,
            "spans": [_as_object(span) for span in self.journey.spans],
        }


def _line(span: JourneySpan, start: int) -> tuple[Part, ...]:
    times = f"  +{(span.start_us - start) / 1000:.1f} ms  {span.duration_us / 1000:.2f} ms"
    notes = ", ".join(str(span.attributes[key]) for key in _NOTES if key in span.attributes)
    error = f"  error: {span.attributes.get('otel.status_description', '')}" if span.failed else ""
    return (
        (span.name, "bold"),
        (f"  [{span.service}]", "cyan"),
        (times, ""),
        (f"  {notes}" if notes else "", "green"),
        (error, "red"),
    )


def _as_object(span: JourneySpan) -> dict[str, Any]:
    return {
        "span_id": span.span_id,
        "parent_id": span.parent_id,
        "name": span.name,
        "service": span.service,
        "start_us": span.start_us,
        "duration_us": span.duration_us,
        "error": span.failed,
        "attributes": dict(span.attributes),
    }
