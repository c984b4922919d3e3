"""What leaves of spans that a user's own code made: texts that OTLP can carry, exceptions without credentials.

The stock exporter loses a whole batch, other frames' spans among it, for one name that UTF-8 cannot encode; and the SDK
records exceptions that pass a span with every word of their messages. A number that is not finite becomes a text, as
`attribute_encoding` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans
from opentelemetry.proto.trace.v1.trace_pb2 import Span as EncodedSpan
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Status

from telemetry.attribute_encoding import NOT_FINITE
from telemetry.redaction import presentable

__all__ = ["encode_presentable"]

_LONGEST_NAME: Final = 256
_LONGEST_VALUE: Final = 16_384


def encode_presentable(span: ReadableSpan) -> ScopeSpans:
    """Encode one span with its scope by OpenTelemetry's own code, its texts made presentable."""
    try:
        encoded = encode_spans([span])
    except ValueError:  # a text that UTF-8 cannot carry
        encoded = encode_spans([_carriable(span)])
    scope: ScopeSpans = encoded.resource_spans[0].scope_spans[0]
    _present(scope.spans[0])
    _write_out(attribute.value for owner in _owners(scope) for attribute in owner.attributes)
    return scope


def _present(span: EncodedSpan) -> None:
    span.name = span.name[:_LONGEST_NAME]
    if span.status.message:
        span.status.message = presentable(span.status.message)
    for event in span.events:
        event.name = presentable(event.name, _LONGEST_NAME)
        for attribute in event.attributes:
            if attribute.value.HasField("string_value"):
                attribute.value.string_value = presentable(attribute.value.string_value, _LONGEST_VALUE)


def _owners(scope: ScopeSpans) -> Iterable[Any]:
    """Return whatever has attributes."""
    span = scope.spans[0]
    return (scope.scope, span, *span.events, *span.links)


def _write_out(values: Iterable[AnyValue]) -> None:
    """Make texts of numbers that are not finite."""
    for value in values:
        if value.HasField("double_value") and not isfinite(value.double_value):
            value.string_value = NOT_FINITE[str(value.double_value)]
        elif value.HasField("array_value"):
            _write_out(value.array_value.values)
        elif value.HasField("kvlist_value"):
            _write_out(pair.value for pair in value.kvlist_value.values)


def _carriable(span: ReadableSpan) -> ReadableSpan:
    told = span.status.description
    return ReadableSpan(
        name=_text(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_mapping(span.attributes),
        events=[Event(_text(event.name), _mapping(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=span.status if told is None else Status(span.status.status_code, _text(told)),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _mapping(attributes: Any) -> dict[str, Any]:
    return {_text(key): _text(value) if isinstance(value, str) else value for key, value in (attributes or {}).items()}


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
