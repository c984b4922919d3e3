"""GrpcSink: OTLP over gRPC, through OpenTelemetry's own exporter, which reads its settings itself.

That exporter takes the SDK's spans, so encoded ones are read back: this way costs more, and is for receivers that speak
nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from telemetry.sink import Answer, Receipt

__all__ = ["GrpcSink", "read_spans"]

_KINDS = {1: SpanKind.INTERNAL, 2: SpanKind.SERVER, 3: SpanKind.CLIENT, 4: SpanKind.PRODUCER, 5: SpanKind.CONSUMER}
_REMOTE = trace_pb2.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK


class GrpcSink:
    """Hands requests to the stock exporter, which retries by itself within its own time-out."""

    def __init__(self, make: Callable[[], SpanExporter] = OTLPSpanExporter) -> None:
        self._make, self._exporter, self._process = make, make(), os.getpid()

    def send(self, request: bytes, timeout_seconds: float) -> Receipt:  # noqa: ARG002 - the exporter has its own
        """See `SpanSink.send`."""
        if self._process != os.getpid():  # a channel and its threads do not survive a fork
            self._exporter, self._process = self._make(), os.getpid()
        if self._exporter.export(list(read_spans(request))) is SpanExportResult.SUCCESS:
            return Receipt()
        # It has tried again already; asking it once more would only double the wait.
        return Receipt(Answer.UNAVAILABLE, after_seconds=float("inf"), why="the receiver did not take them by gRPC")

    def close(self) -> None:
        """See `SpanSink.close`."""
        self._exporter.shutdown()


def read_spans(request: bytes) -> Iterable[ReadableSpan]:
    """Yield the spans of a serialised `ExportTraceServiceRequest` as the SDK's."""
    for resource_spans in ExportTraceServiceRequest.FromString(request).resource_spans:
        resource = Resource(_mapping(resource_spans.resource.attributes), resource_spans.schema_url)
        for scope_spans in resource_spans.scope_spans:
            scope = scope_spans.scope
            found = InstrumentationScope(scope.name, scope.version, scope_spans.schema_url, _mapping(scope.attributes))
            for span in scope_spans.spans:
                yield _span(span, resource, found)


def _span(span: trace_pb2.Span, resource: Resource, scope: InstrumentationScope) -> ReadableSpan:
    parent = _context(span.trace_id, span.parent_span_id, "", span.flags) if span.parent_span_id else None
    return ReadableSpan(
        name=span.name,
        context=_context(span.trace_id, span.span_id, span.trace_state, 0),
        parent=parent,
        resource=resource,
        attributes=_mapping(span.attributes),
        events=[Event(event.name, _mapping(event.attributes), event.time_unix_nano) for event in span.events],
        links=[
            Link(_context(link.trace_id, link.span_id, link.trace_state, link.flags), _mapping(link.attributes))
            for link in span.links
        ],
        kind=_KINDS.get(span.kind, SpanKind.INTERNAL),
        status=_status(span.status),
        start_time=span.start_time_unix_nano,
        end_time=span.end_time_unix_nano,
        instrumentation_scope=scope,
    )


def _status(status: trace_pb2.Status) -> Status:
    code = StatusCode(status.code)
    return Status(code, status.message or None) if code is StatusCode.ERROR else Status(code)


def _context(trace_id: bytes, span_id: bytes, tracestate: str, flags: int) -> SpanContext:
    return SpanContext(
        int.from_bytes(trace_id, "big"),
        int.from_bytes(span_id, "big"),
        is_remote=bool(flags & _REMOTE),
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
        trace_state=TraceState.from_header([tracestate]) if tracestate else None,
    )


def _mapping(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return _mapping(value.kvlist_value.values)
    return None if kind is None else getattr(value, kind)
