"""MemoryTracer: a frame tracer that keeps its spans, for tests. IDs are counted, so that whole trees can be compared.

It refuses what a caller must never do: a span that ends before it starts, a hop that ends twice, a `sent` without `send`.
"""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from frame_tracking import (
    Arrival,
    Attribute,
    DropReason,
    FrameID,
    Journey,
    JourneySpan,
    Outcome,
    SpanCount,
    SpanName,
    TraceContext,
    TraceFlag,
)
from opentelemetry.trace import NonRecordingSpan

from telemetry import attributes as made
from telemetry.attribute_encoding import NOT_FINITE
from telemetry.attributes import Service
from telemetry.current import Activation
from telemetry.passive import PassiveHop, left_out
from telemetry.sampling import Keep, Sampling, is_sampled
from telemetry.tracer import Attributes, AttributeValue, HopTrace
from telemetry.wire import to_span_context

__all__ = ["MemorySpan", "MemoryTracer", "SpanStore"]

_SAMPLED: Final = int(TraceFlag.SAMPLED | TraceFlag.RANDOM)


@dataclass(slots=True)
class MemorySpan:
    """One span; `end_ns` is 0 until it has ended. `kind` is `internal`, `producer` or `consumer`."""

    context: TraceContext
    name: str
    service: str
    kind: str
    start_ns: int
    attributes: dict[str, AttributeValue]
    parent: TraceContext | None = None
    links: tuple[TraceContext, ...] = ()
    end_ns: int = 0
    error: str = ""

    def finish(self, end_ns: int) -> None:
        """End the span.

        Raises:
            ValueError: if it has ended, or would end before its start.
        """
        if self.end_ns or end_ns < self.start_ns:
            raise ValueError(f"span {self.name!r} cannot end at {end_ns}: started {self.start_ns}, ended {self.end_ns}")
        self.end_ns = end_ns

    def journey_span(self) -> JourneySpan:
        """Return the span as Jaeger would tell it."""
        failed: dict[str, AttributeValue] = {"error": True, "otel.status_code": "ERROR"} if self.error else {}
        return JourneySpan(
            span_id=self.context.span_id,
            parent_id=self.parent.span_id if self.parent else None,
            links=tuple(link.span_id for link in self.links),
            name=self.name,
            service=self.service,
            start_us=self.start_ns // 1000,
            duration_us=(self.end_ns - self.start_ns) // 1000,
            attributes={**_as_sent(self.attributes), **failed, "span.kind": self.kind},
        )


@dataclass(slots=True)
class SpanStore:
    """Where the tracers of one test put their ended spans, and take their span IDs from."""

    spans: list[MemorySpan] = field(default_factory=list)
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def context(self, frame_id: FrameID, tracestate: str = "") -> TraceContext:
        """Return a new span's context in the frame's trace."""
        with self._lock:
            self._next += 1
            return TraceContext(frame_id.trace_id, f"{self._next:016x}", _SAMPLED, tracestate)

    def add(self, *spans: MemorySpan) -> None:
        """Keep ended spans."""
        with self._lock:
            self.spans += spans

    def journey(self, trace_id: str) -> Journey:
        """Return what the spans of one trace tell."""
        spans = [span.journey_span() for span in self.spans if span.context.trace_id == trace_id]
        return Journey(trace_id, tuple(sorted(spans, key=lambda span: (span.start_us, span.span_id))))


class MemoryHop:
    """A recording hop of `MemoryTracer`.

    Args:
        span: the hop's own.
        arrived: the context that the frame is sent on with, unless sampling or `keep` chose it.
        keep: what else is kept; None where sampling chose the frame.
    """

    def __init__(
        self, store: SpanStore, frame_id: FrameID, span: MemorySpan, arrived: TraceContext, keep: Keep | None
    ) -> None:
        self._store, self._frame_id, self._span, self._arrived, self._keep = store, frame_id, span, arrived, keep
        self._ended: list[MemorySpan] = []
        self._sending: MemorySpan | None = None

    @property
    def context(self) -> TraceContext:
        """The context of the hop's own span; of a frame that is not kept, the one that it came with."""
        return self._arrived if self._keep else self._span.context

    @property
    def recording(self) -> bool:
        """True until the hop ends."""
        return not self._span.end_ns

    def record(self, name: str, start_ns: int, end_ns: int, attributes: Attributes | None = None) -> None:
        """Keep a child span."""
        child = self._child(
            name, "internal", start_ns, {**made.fixed_of_child(self._frame_id.camera), **(attributes or {})}
        )
        child.finish(end_ns)
        self._ended.append(child)

    def send(self, destination: str, start_ns: int) -> TraceContext:
        """Open the producer span; of a frame that is not kept, return the context that it came with."""
        self._keep_if(slow_at_ns=start_ns)
        name = f"{SpanName.SEND} {destination}"
        self._sending = self._child(
            name,
            "producer",
            start_ns,
            {**made.fixed_of_send(self._frame_id.camera, destination), **made.of_send(self._frame_id)},
        )
        return self._arrived if self._keep else self._sending.context

    def sent(self, end_ns: int, attributes: Attributes | None = None, error: BaseException | None = None) -> None:
        """End the producer span.

        Raises:
            ValueError: if `send` was not called.
        """
        if self._sending is None:
            raise ValueError("sent() without send()")
        self._sending.attributes.update(attributes or {})
        self._sending.error = repr(error) if error else ""
        self._sending.finish(end_ns)
        self._ended.append(self._sending)
        self._sending = None
        self._keep_if(failed=error is not None)

    def activate(self) -> AbstractContextManager[None]:
        """Make the frame current; a handler's own spans are not kept."""
        return Activation(self._frame_id, NonRecordingSpan(to_span_context(self._span.context)))

    def set_attributes(self, attributes: Attributes) -> None:
        """Set attributes on the hop's span."""
        self._span.attributes.update(attributes)

    def fail(self, error: BaseException) -> None:
        """Mark the hop's span as failed."""
        self._span.error = repr(error)
        self._keep_if(failed=True)

    def end(self, end_ns: int, outcome: Outcome | None = None, reason: DropReason | None = None) -> None:
        """Keep the hop's spans.

        Raises:
            ValueError: if the hop has ended, or a `send` is still open.
        """
        if self._sending is not None:
            raise ValueError("the hop ends while it is sending")
        self._keep_if(failed=outcome is Outcome.DEAD_LETTERED, slow_at_ns=end_ns)
        self._span.attributes.update(made.of_end(outcome, reason))
        self._span.finish(end_ns)
        if not self._keep:
            self._store.add(self._span, *self._ended)

    def _keep_if(self, *, failed: bool = False, slow_at_ns: int = 0) -> None:
        """Trace the frame from here on if it failed or is slow, and such frames are kept."""
        if self._keep and self._keep.holds(failed=failed, took_ns=slow_at_ns - self._span.start_ns):
            self._keep = None
            self._span.attributes[Attribute.FRAME_PARTIAL] = "upstream"
            self._span.context = self._span.context.from_here()

    def _child(self, name: str, kind: str, start_ns: int, attributes: dict[str, AttributeValue]) -> MemorySpan:
        if not self.recording:
            raise ValueError(f"span {name!r} after the hop's end")
        parent = self._span.context
        context = self._store.context(self._frame_id, parent.tracestate)
        return MemorySpan(context, name, self._span.service, kind, start_ns, attributes, parent)


def _as_sent(attributes: Attributes) -> dict[str, AttributeValue]:
    return {
        key: NOT_FINITE[str(value)] if isinstance(value, float) and not isfinite(value) else value
        for key, value in attributes.items()
    }


class MemoryTracer:
    """A `FrameTracer` whose spans are in `store`."""

    def __init__(self, service: Service, store: SpanStore | None = None) -> None:
        self._service = service
        self._sampling = Sampling()
        self.store = store or SpanStore()

    def follow(self, sampling: Sampling) -> None:
        """Decide by `sampling` from now on."""
        self._sampling = sampling

    def capture(self, frame_id: FrameID, start_ns: int, attributes: Attributes) -> HopTrace:
        """Open a frame's root span."""
        ratio, arrived = self._sampling.ratio_of(frame_id.camera), left_out(frame_id)
        keep = None if is_sampled(frame_id, ratio) else self._sampling.keep
        if keep is not None and not keep:
            return PassiveHop(frame_id, arrived)
        fixed = made.fixed_of_capture(self._service, frame_id.camera, self._sampling.revision, ratio)
        given = {**fixed, **made.of_capture(frame_id), **attributes}
        span = self._span(frame_id, SpanName.CAPTURE_FRAME, "internal", start_ns, given)
        return MemoryHop(self.store, frame_id, span, arrived, keep)

    def process(
        self, frame_id: FrameID, arrived: tuple[TraceContext, Arrival], start_ns: int, attributes: Attributes
    ) -> HopTrace:
        """Open a stage's consumer span."""
        context, arrival = arrived
        keep = None if context.sampled else self._sampling.keep
        if context.off or (keep is not None and not keep):
            return PassiveHop(frame_id, context)
        fixed = made.fixed_of_process(self._service, frame_id.camera, arrival)
        given = {**fixed, **made.of_process(frame_id), **attributes}
        span = self._span(frame_id, SpanName.PROCESS_FRAME, "consumer", start_ns, given)
        if arrival is Arrival.KEPT and keep is None:
            self._adopt(span, context)
            span.links = (context,)
        return MemoryHop(self.store, frame_id, span, context, keep)

    def drop(
        self, frame_id: FrameID, arrived: TraceContext, ended: tuple[Outcome, DropReason], attributes: Attributes
    ) -> None:
        """Keep a `drop_frame`; it has no length."""
        if not arrived.sampled:
            return
        at_ns = int(frame_id.time.timestamp() * 1e9)
        fixed = made.fixed_of_drop(self._service, frame_id.camera)
        given = {**fixed, **made.of_drop(frame_id), **made.of_end(*ended), **attributes}
        span = self._span(frame_id, SpanName.DROP_FRAME, "internal", at_ns, given)
        self._adopt(span, arrived)
        span.finish(at_ns)
        self.store.add(span)

    def counts(self) -> SpanCount:
        """Every span that is kept counts as exported."""
        kept = sum(span.service == self._service.name for span in self.store.spans)
        return SpanCount(created=kept, exported=kept)

    def flush(self, timeout_seconds: float) -> bool:  # noqa: ARG002 - the seam's
        """Nothing is buffered."""
        return True

    def shutdown(self, timeout_seconds: float) -> bool:  # noqa: ARG002 - the seam's
        """Nothing is buffered."""
        return True

    def _span(
        self, frame_id: FrameID, name: str, kind: str, start_ns: int, given: dict[str, AttributeValue]
    ) -> MemorySpan:
        return MemorySpan(self.store.context(frame_id), name, self._service.name, kind, start_ns, given)

    def _adopt(self, span: MemorySpan, parent: TraceContext) -> None:
        span.parent = parent
        span.context = TraceContext(span.context.trace_id, span.context.span_id, _SAMPLED, parent.tracestate)
