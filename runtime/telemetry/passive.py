"""PassiveHop: the hop of a frame that is not recorded. It hands on the context that it was given, and costs nothing."""

from __future__ import annotations

from contextlib import AbstractContextManager

from frame_tracking import DropReason, FrameID, Outcome, TraceContext, TraceFlag
from opentelemetry.trace import NonRecordingSpan

from telemetry.current import Activation
from telemetry.tracer import Attributes
from telemetry.wire import to_span_context

__all__ = ["PassiveHop", "left_out"]


def left_out(frame_id: FrameID) -> TraceContext:
    """Return the context of a frame that head sampling left out: valid, under its computed trace ID, flags 02."""
    untraced = TraceContext.untraced(frame_id)
    return TraceContext(untraced.trace_id, untraced.span_id, int(TraceFlag.RANDOM))


class PassiveHop:
    """A hop that records nothing; spans that a handler opens inside it are not recorded either."""

    __slots__ = ("_context", "_frame_id")

    def __init__(self, frame_id: FrameID, context: TraceContext) -> None:
        self._frame_id, self._context = frame_id, context

    @property
    def context(self) -> TraceContext:
        """The context that the frame travels with, before and after this hop."""
        return self._context

    @property
    def recording(self) -> bool:
        """False, always."""
        return False

    def record(self, name: str, start_ns: int, end_ns: int, attributes: Attributes | None = None) -> None:
        """Record nothing."""

    def send(self, destination: str, start_ns: int) -> TraceContext:  # noqa: ARG002 - the seam's signature
        """Return the context that the frame came with."""
        return self._context

    def sent(self, end_ns: int, attributes: Attributes | None = None, error: BaseException | None = None) -> None:
        """Record nothing."""

    def activate(self) -> AbstractContextManager[None]:
        """Make the frame current, and keep a handler's own spans from becoming traces of their own."""
        return Activation(self._frame_id, NonRecordingSpan(to_span_context(self._context)))

    def set_attributes(self, attributes: Attributes) -> None:
        """Record nothing."""

    def fail(self, error: BaseException) -> None:
        """Record nothing."""

    def end(self, end_ns: int, outcome: Outcome | None = None, reason: DropReason | None = None) -> None:
        """Record nothing."""
