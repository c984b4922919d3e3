"""Envelope: puts encoded spans of one process into OTLP requests. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext

from telemetry.encoding import message
from telemetry.hop_encoding import SCOPE
from telemetry.span_buffer import Entry

__all__ = ["Envelope"]

_RESOURCE_SPANS = b"\x0a"
_SCOPE_SPANS = b"\x12"


class Envelope:
    """Makes requests of entries; what stands around the spans is encoded once, by OpenTelemetry's own code."""

    def __init__(self, resource: Resource) -> None:
        sample = ReadableSpan(
            name="", context=SpanContext(1, 1, is_remote=False), resource=resource, instrumentation_scope=_SCOPE
        )
        encoded = encode_spans([sample]).resource_spans[0]
        self._scope: bytes = ScopeSpans(scope=encoded.scope_spans[0].scope).SerializeToString()
        self._resource: bytes = ResourceSpans(
            resource=encoded.resource, schema_url=encoded.schema_url
        ).SerializeToString()

    def request(self, entries: Sequence[Entry]) -> bytes:
        """Return a serialised `ExportTraceServiceRequest`."""
        own = [self._scope]
        for entry in entries:
            entry.encode_into(own)
        parts = [self._resource]
        if len(own) > 1:
            parts.append(message(_SCOPE_SPANS, b"".join(own)))
        parts += [message(_SCOPE_SPANS, scope) for entry in entries for scope in entry.scopes or ()]
        return message(_RESOURCE_SPANS, b"".join(parts))


_SCOPE = InstrumentationScope(SCOPE)
