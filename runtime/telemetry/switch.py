"""SwitchableTracer: goes between traced and untraced while frames are on their way. What a process's hops are opened by."""

from __future__ import annotations

from frame_tracking import Arrival, DropReason, FrameID, Outcome, SpanCount, TraceContext, TracingNow
from frametrace_api.contract import LiveContract, TracingState

from telemetry.sampling import Sampling
from telemetry.tracer import Attributes, FrameTracer, HopTrace
from telemetry.untraced import UntracedTracer

__all__ = ["SwitchableTracer"]


class SwitchableTracer:
    """A `FrameTracer` that hands on to `traced`, or to nobody while tracing is off.

    A switch takes effect with the next hop; a hop that is open ends as it began.
    """

    def __init__(self, traced: FrameTracer) -> None:
        self._traced: FrameTracer = traced
        self._untraced: FrameTracer = UntracedTracer()
        self._now = traced

    @property
    def on(self) -> bool:
        """Whether hops are traced now."""
        return self._now is self._traced

    @property
    def state(self) -> TracingNow:
        """Whether this process traces now; Disabled where it was set up without a tracer that does."""
        if isinstance(self._traced, UntracedTracer):
            return TracingNow.DISABLED
        return TracingNow.ON if self.on else TracingNow.OFF

    def apply(self, contract: LiveContract) -> None:
        """Do as the live contract says: on or off, by which ratios, under which revision."""
        self.follow(Sampling.of(contract))
        self._now = self._untraced if contract.tracing.state is TracingState.OFF else self._traced

    def follow(self, sampling: Sampling) -> None:
        """Decide by `sampling` from now on."""
        self._traced.follow(sampling)

    def capture(self, frame_id: FrameID, start_ns: int, attributes: Attributes) -> HopTrace:
        """Open a frame's root span, or send the frame on untraced."""
        return self._now.capture(frame_id, start_ns, attributes)

    def process(
        self, frame_id: FrameID, arrived: tuple[TraceContext, Arrival], start_ns: int, attributes: Attributes
    ) -> HopTrace:
        """Open a stage's consumer span, or send the frame on untraced."""
        return self._now.process(frame_id, arrived, start_ns, attributes)

    def drop(
        self, frame_id: FrameID, arrived: TraceContext, ended: tuple[Outcome, DropReason], attributes: Attributes
    ) -> None:
        """Record `drop_frame`, or nothing."""
        self._now.drop(frame_id, arrived, ended, attributes)

    def counts(self) -> SpanCount:
        """What became of the spans so far, whether tracing is on now or not."""
        return self._traced.counts()

    def flush(self, timeout_seconds: float) -> bool:
        """Export all that is buffered."""
        return self._traced.flush(timeout_seconds)

    def shutdown(self, timeout_seconds: float) -> bool:
        """Flush and stop."""
        return self._traced.shutdown(timeout_seconds)
