"""StockHop: a hop whose spans are OpenTelemetry's own. Built-in spans inside it are made at its end, and leave with it."""

from __future__ import annotations

import traceback
from contextlib import AbstractContextManager
from typing import Final

from frame_tracking import DropReason, FrameID, Outcome, SpanName, TraceContext
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from telemetry import attributes as made
from telemetry.current import activate_hop
from telemetry.redaction import describe, presentable
from telemetry.tracer import Attributes
from telemetry.wire import from_span_context

__all__ = ["StockHop"]

_NO_CONTEXT: Final = Context()
_LONGEST_STACK: Final = 16_384


class StockHop:
    """A recording hop around `span`, which `tracer` opened for `frame_id`."""

    __slots__ = ("_ended", "_frame_id", "_inside", "_sending", "_span", "_tracer")

    def __init__(self, tracer: Tracer, frame_id: FrameID, span: Span) -> None:
        self._tracer, self._frame_id, self._span = tracer, frame_id, span
        self._inside = set_span_in_context(span, _NO_CONTEXT)
        self._ended: list[tuple[str, int, int, Attributes | None]] = []
        self._sending: list[tuple[Span, int]] = []

    @property
    def context(self) -> TraceContext:
        """The context of the hop's own span."""
        return from_span_context(self._span.get_span_context())

    @property
    def recording(self) -> bool:
        """Whether the hop has not ended."""
        return self._span.is_recording()

    def record(self, name: str, start_ns: int, end_ns: int, attributes: Attributes | None = None) -> None:
        """Record a child span that is already over."""
        self._ended.append((name, start_ns, end_ns, attributes))

    def send(self, destination: str, start_ns: int) -> TraceContext:
        """Begin a producer span and return its context."""
        span = self._tracer.start_span(
            f"{SpanName.SEND} {destination}",
            context=self._inside,
            kind=SpanKind.PRODUCER,
            attributes=made.of_send(self._frame_id, destination),
            start_time=start_ns,
        )
        self._sending.append((span, 0))
        return from_span_context(span.get_span_context())

    def sent(self, end_ns: int, attributes: Attributes | None = None, error: BaseException | None = None) -> None:
        """End the producer span that `send` began last."""
        span, _ = self._sending.pop()
        span.set_attributes(dict(attributes or {}))
        if error is not None:
            _fail(span, error)
        self._sending.append((span, end_ns))

    def activate(self) -> AbstractContextManager[None]:
        """Make the hop's span current."""
        return activate_hop(self._frame_id, self._span)

    def set_attributes(self, attributes: Attributes) -> None:
        """Set attributes on the hop's span."""
        self._span.set_attributes(dict(attributes))

    def fail(self, error: BaseException) -> None:
        """Record an exception on the hop's span."""
        _fail(self._span, error)

    def end(self, end_ns: int, outcome: Outcome | None = None, reason: DropReason | None = None) -> None:
        """End the hop and everything in it."""
        for name, start, end, attributes in self._ended:
            given = made.of_child(self._frame_id, attributes)
            self._tracer.start_span(name, self._inside, attributes=given, start_time=start).end(end)
        for span, end in self._sending:
            span.end(end or end_ns)
        self._span.set_attributes(made.of_end(outcome, reason))
        self._span.end(end_ns)


def _fail(span: Span, error: BaseException) -> None:
    """Write what `Span.record_exception` would, without the credentials that messages of libraries may hold."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    message = describe(error)
    event = {
        "exception.type": kind,
        "exception.message": message,
        "exception.stacktrace": presentable("".join(traceback.format_exception(error)), _LONGEST_STACK),
    }
    span.add_event("exception", event)
    span.set_status(Status(StatusCode.ERROR, f"{kind}: {message}"))
