"""What an exception leaves on a span: an event and a status, without the credentials that libraries' messages may hold."""

from __future__ import annotations

import traceback
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.trace import Span
from opentelemetry.trace import Status, StatusCode

from telemetry.redaction import describe, presentable

__all__ = ["failed", "failure_fields"]

_LONGEST_STACK: Final = 16_384


def failed(span: Span, error: BaseException) -> None:
    """Write on one of the SDK's spans what `Span.record_exception` would, presentable."""
    event, told = _words(error)
    span.add_event("exception", event)
    span.set_status(Status(StatusCode.ERROR, told))


def failure_fields(error: BaseException, at_ns: int) -> bytes:
    """Return the same as encoded fields of a span."""
    event, told = _words(error)
    attributes = [KeyValue(key=key, value=AnyValue(string_value=text)) for key, text in event.items()]
    fields: bytes = trace_pb2.Span(
        events=[trace_pb2.Span.Event(name="exception", time_unix_nano=at_ns, attributes=attributes)],
        status=trace_pb2.Status(code=trace_pb2.Status.STATUS_CODE_ERROR, message=told),
    ).SerializeToString()
    return fields


def _words(error: BaseException) -> tuple[dict[str, str], str]:
    kind = presentable(f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."))
    message = describe(error)
    stack = presentable("".join(traceback.format_exception(error)), _LONGEST_STACK)
    event = {"exception.type": kind, "exception.message": message, "exception.stacktrace": stack}
    return event, f"{kind}: {message}"
