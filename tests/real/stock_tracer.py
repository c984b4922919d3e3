"""The oracle of conformance: a frame tracer over OpenTelemetry's stock SDK alone, its spans encoded by the stock exporter's code."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from frame_tracking import Arrival, DropReason, FrameID, Outcome, SpanName, TraceContext
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import Link, NonRecordingSpan, SpanKind, set_span_in_context, use_span
from telemetry import Sampling, Service
from telemetry import attributes as made
from telemetry.failures import failed
from telemetry.frame_ids import FRAME_ROOT, FrameIdGenerator, RootSampler, new_span_id
from telemetry.wire import to_span_context

__all__ = ["StockTracer"]


class StockHop:
    """A hop whose spans are the SDK's."""

    def __init__(self, tracer: Any, frame_id: FrameID, span: Any) -> None:
        self._tracer, self._frame_id, self._span = tracer, frame_id, span
        self._inside = set_span_in_context(span, Context())

    @property
    def context(self) -> TraceContext:
        return _context_of(self._span)

    def record(self, name: str, start_ns: int, end_ns: int, attributes: Any = None) -> None:
        given = {**made.fixed_of_child(self._frame_id.camera), **(attributes or {})}
        self._tracer.start_span(name, self._inside, attributes=given, start_time=start_ns).end(end_ns)

    def send(self, destination: str, start_ns: int) -> TraceContext:
        given = {**made.fixed_of_send(self._frame_id.camera, destination), **made.of_send(self._frame_id)}
        self._sending = self._tracer.start_span(
            f"{SpanName.SEND} {destination}", self._inside, SpanKind.PRODUCER, given, start_time=start_ns
        )
        return _context_of(self._sending)

    def sent(self, end_ns: int, attributes: Any = None, error: BaseException | None = None) -> None:
        self._sending.set_attributes(dict(attributes or {}))
        if error is not None:
            failed(self._sending, error)
        self._sending.end(end_ns)

    def activate(self) -> AbstractContextManager[Any]:
        return use_span(self._span, end_on_exit=False, record_exception=False, set_status_on_exception=False)

    def set_attributes(self, attributes: Any) -> None:
        self._span.set_attributes(dict(attributes))

    def fail(self, error: BaseException) -> None:
        failed(self._span, error)

    def end(self, end_ns: int, outcome: Outcome | None = None, reason: DropReason | None = None) -> None:
        self._span.set_attributes(dict(made.of_end(outcome, reason)))
        self._span.end(end_ns)


class StockTracer:
    """Records every frame."""

    def __init__(self, service: Service, resource: Resource) -> None:
        self._service, self._ids, self._sampling = service, FrameIdGenerator(), Sampling()
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(
            sampler=ParentBased(RootSampler()), resource=resource, id_generator=self._ids, shutdown_on_exit=False
        )
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._tracer = self.provider.get_tracer("frametrace")

    def follow(self, sampling: Sampling) -> None:
        self._sampling = sampling

    def capture(self, frame_id: FrameID, start_ns: int, attributes: Any) -> StockHop:
        by = self._sampling
        fixed = made.fixed_of_capture(self._service, frame_id.camera, by.revision, by.ratio_of(frame_id.camera))
        given = {**fixed, **made.of_capture(frame_id), **attributes}
        return self._open(frame_id, SpanName.CAPTURE_FRAME, (FRAME_ROOT, SpanKind.INTERNAL, given, [], start_ns))

    def process(
        self, frame_id: FrameID, arrived: tuple[TraceContext, Arrival], start_ns: int, attributes: Any
    ) -> StockHop:
        context, arrival = arrived
        parent, links = FRAME_ROOT, []
        if arrival is Arrival.KEPT:
            remote = to_span_context(context)
            parent, links = set_span_in_context(NonRecordingSpan(remote), Context()), [Link(remote)]
        fixed = made.fixed_of_process(self._service, frame_id.camera, arrival)
        given = {**fixed, **made.of_process(frame_id), **attributes}
        return self._open(frame_id, SpanName.PROCESS_FRAME, (parent, SpanKind.CONSUMER, given, links, start_ns))

    def request(self) -> Any:
        """What the stock exporter would send, parsed."""
        return encode_spans(self._exporter.get_finished_spans())

    def _open(self, frame_id: FrameID, name: str, rest: tuple[Any, ...]) -> StockHop:
        self._ids.next_span(int(frame_id.trace_id, 16), int.from_bytes(new_span_id(), "big"))
        return StockHop(self._tracer, frame_id, self._tracer.start_span(name, *rest))


def _context_of(span: Any) -> TraceContext:
    context = span.get_span_context()
    state = context.trace_state.to_header() if context.trace_state else ""
    return TraceContext(f"{context.trace_id:032x}", f"{context.span_id:016x}", int(context.trace_flags), state)
