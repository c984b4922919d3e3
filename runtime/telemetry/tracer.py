"""The frame tracer's seam: how capture and stages record a frame's hop, whatever makes the spans.

A hop is one process's part of one frame's trace. Times are nanoseconds since 1970 and always come from the caller,
so that an implementation can record built-in spans as plain values after the work is done. Implementations:
`telemetry.memory` (for tests), `telemetry.recording` (what runs), `telemetry.untraced` (tracing is off), and
`telemetry.switch`, which a process uses: it goes from one to the other while frames are on their way.

What every frame's spans carry (`frame.id`, `camera.id`, `pipeline.name`, `stage.name`, the revision, the sampling
ratio, the messaging operation, `frame.context_lost`) is set here, by `telemetry.attributes`; callers give the rest. A mapping
that is given is not copied: nobody changes it afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from frame_tracking import Arrival, DropReason, FrameID, Outcome, SpanCount, TraceContext

from telemetry.sampling import Sampling

__all__ = ["AttributeValue", "Attributes", "FrameTracer", "HopTrace"]

AttributeValue = str | bool | int | float
Attributes = Mapping[str, AttributeValue]


class HopTrace(Protocol):
    """One frame's hop, from its first span to `end`. Not thread-safe: a hop has one thread."""

    @property
    def context(self) -> TraceContext:
        """The context of the hop's own span."""

    @property
    def recording(self) -> bool:
        """Whether spans of this hop may be kept; False makes every other call cheap."""

    def record(self, name: str, start_ns: int, end_ns: int, attributes: Attributes | None = None) -> None:
        """Record a child span that is already over."""

    def send(self, destination: str, start_ns: int) -> TraceContext:
        """Begin the hop's PRODUCER span `send <destination>` and return the context that is to be sent."""

    def sent(self, end_ns: int, attributes: Attributes | None = None, error: BaseException | None = None) -> None:
        """End the span that `send` began."""

    def activate(self) -> AbstractContextManager[None]:
        """Make the hop's span current (contextvars), so that a handler's own spans nest under it."""

    def set_attributes(self, attributes: Attributes) -> None:
        """Set attributes on the hop's span."""

    def fail(self, error: BaseException) -> None:
        """Record an exception on the hop's span and set its status to error."""

    def end(self, end_ns: int, outcome: Outcome | None = None, reason: DropReason | None = None) -> None:
        """End the hop; `outcome` says that the frame's branch ends here. The hop's spans leave together."""


class FrameTracer(Protocol):
    """Opens hops. One a process; safe for several threads."""

    def follow(self, sampling: Sampling) -> None:
        """Decide by `sampling` for the frames that are captured from now on."""

    def capture(self, frame_id: FrameID, start_ns: int, attributes: Attributes) -> HopTrace:
        """Open a frame's root span `capture_frame` in the trace that the ID gives. Sampling is decided here only."""

    def process(
        self,
        frame_id: FrameID,
        arrived: tuple[TraceContext, Arrival],
        start_ns: int,
        attributes: Attributes,
    ) -> HopTrace:
        """Open a stage's CONSUMER span `process_frame`, child of and linked to the arrived context.

        `arrived` is what `frame_tracking.recover` returned: a lost context gives a span without a parent.
        """

    def drop(
        self, frame_id: FrameID, arrived: TraceContext, ended: tuple[Outcome, DropReason], attributes: Attributes
    ) -> None:
        """Record `drop_frame`, a moment now, for a frame that ends outside a handler.

        `attributes` holds `stage.name`: the stage whose branch ends.
        """

    def counts(self) -> SpanCount:
        """What became of the spans so far."""

    def flush(self, timeout_seconds: float) -> bool:
        """Export all that is buffered; False if time ran out or something was lost."""

    def shutdown(self, timeout_seconds: float) -> bool:
        """Flush and stop; the tracer records nothing afterwards."""
