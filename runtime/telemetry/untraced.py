"""UntracedTracer: tracing is off. Frames keep their IDs, and travel with contexts that say so (flags 00)."""

from __future__ import annotations

from frame_tracking import Arrival, DropReason, FrameID, Outcome, SpanCount, TraceContext

from telemetry.passive import PassiveHop
from telemetry.sampling import Sampling
from telemetry.tracer import Attributes

__all__ = ["UntracedTracer"]


class UntracedTracer:
    """A `FrameTracer` that records nothing and needs no SDK."""

    def follow(self, sampling: Sampling) -> None:
        """Nothing is decided here."""

    def capture(self, frame_id: FrameID, start_ns: int, attributes: Attributes) -> PassiveHop:  # noqa: ARG002 - the seam's
        """Open a hop that sends the frame on untraced."""
        return PassiveHop(frame_id, TraceContext.untraced(frame_id))

    def process(
        self,
        frame_id: FrameID,
        arrived: tuple[TraceContext, Arrival],  # noqa: ARG002 - the seam's
        start_ns: int,  # noqa: ARG002 - the seam's
        attributes: Attributes,  # noqa: ARG002 - the seam's
    ) -> PassiveHop:
        """Open a hop that sends the frame on untraced, whatever it came with: later hops neither trace nor count it."""
        return PassiveHop(frame_id, TraceContext.untraced(frame_id))

    def drop(
        self, frame_id: FrameID, arrived: TraceContext, ended: tuple[Outcome, DropReason], attributes: Attributes
    ) -> None:
        """Record nothing."""

    def counts(self) -> SpanCount:
        """No spans."""
        return SpanCount()

    def flush(self, timeout_seconds: float) -> bool:  # noqa: ARG002 - the seam's
        """Nothing is buffered."""
        return True

    def shutdown(self, timeout_seconds: float) -> bool:  # noqa: ARG002 - the seam's
        """Nothing is buffered."""
        return True
