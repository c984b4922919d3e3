"""NestedSpans: brings the spans that a user's own code makes to the hop that they belong to, so that they leave with it."""

from __future__ import annotations

import threading
from typing import Final, Protocol

from frame_tracking import Attribute
from opentelemetry.context import Context
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import get_current_span

from telemetry.hop_encoding import SCOPE
from telemetry.hop_span import HopSpan
from telemetry.nested_cpu import NestedCpu
from telemetry.span_buffer import Single, SpanBuffer
from telemetry.span_texts import encode_presentable

__all__ = ["Nest", "NestedSpans"]

_MOST_OPEN: Final = 4096


class Nest(Protocol):
    """A hop, as its nested spans see it."""

    def nest(self, scope: bytes, *, own: bool = False) -> bool:
        """Take an encoded `ScopeSpans` message, of the hop's own span or of one inside it; False if its spans have left."""

    def left_behind(self) -> None:
        """The process was forked and this is the child: the hop ends in its parent, and `nest` takes nothing any more."""


class NestedSpans(SpanProcessor):
    """The span processor of a process's provider.

    Args:
        buffer: takes what belongs to no hop, or comes after its hop's spans have left.
    """

    def __init__(self, buffer: SpanBuffer) -> None:
        self.buffer = buffer
        self.cpu = NestedCpu()
        self._hops: dict[int, Nest] = {}
        self._lock = threading.Lock()

    def forked(self) -> None:
        """In a forked child: spans that end here inside a hop of the parent's go alone."""
        self._lock = threading.Lock()
        for hop in self._hops.values():
            hop.left_behind()
        if isinstance(current := get_current_span(), HopSpan):
            current.owner.left_behind()

    def belongs(self, span: Span, hop: Nest) -> None:
        """Say that `span` is of `hop`, until it ends."""
        with self._lock:
            if len(self._hops) >= _MOST_OPEN:  # spans that nobody ends: the oldest are forgotten
                del self._hops[next(iter(self._hops))]
            self._hops[span.get_span_context().span_id] = hop

    def forget(self, span: Span) -> None:
        """Say that `span` will never end: its hop turned out not to be traced."""
        with self._lock:
            self._hops.pop(span.get_span_context().span_id, None)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Find the hop of a span by its parent."""
        parent = get_current_span(parent_context)
        if isinstance(parent, HopSpan):
            self.belongs(span, parent.owner)
        elif (hop := self._hops.get(parent.get_span_context().span_id)) is not None:
            self.belongs(span, hop)

    def on_end(self, span: ReadableSpan) -> None:
        """Bring the span to its hop; alone, if that one's spans have left or there is none."""
        if span.context is None or not span.context.trace_flags.sampled:
            return
        scope = span.instrumentation_scope
        if scope is not None and scope.name == SCOPE:  # the hop's own, whose cost is counted with its hop's
            self._bring(span, span.context.span_id, own=True)
            return
        since = self.cpu.begin()
        self._bring(span, span.context.span_id)
        self.cpu.end(since)

    def _bring(self, span: ReadableSpan, span_id: int, *, own: bool = False) -> None:
        scope = encode_presentable(span)
        with self._lock:
            hop = self._hops.pop(span_id, None)
        if hop is not None:
            if hop.nest(scope.SerializeToString(), own=own):
                return
            self.buffer.late()
            _mark_late(scope)
        self.buffer.add(Single(scope.SerializeToString()))

    def shutdown(self) -> None:
        """The tracer that owns the buffer ends it."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:  # noqa: ARG002 - the SDK's signature
        """See `shutdown`."""
        return True


def _mark_late(scope: ScopeSpans) -> None:
    scope.spans[0].attributes.append(KeyValue(key=Attribute.FRAME_LATE, value=AnyValue(bool_value=True)))
