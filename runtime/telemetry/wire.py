"""Between `TraceContext` (text, as it travels) and OpenTelemetry's `SpanContext` (numbers). Pure."""

from __future__ import annotations

from frame_tracking import TraceContext
from opentelemetry.trace import SpanContext, TraceFlags, TraceState

__all__ = ["to_span_context"]


def to_span_context(context: TraceContext, *, remote: bool = True) -> SpanContext:
    """Return what a span opened under `context` has as its parent, by default one of another process."""
    return SpanContext(
        trace_id=int(context.trace_id, 16),
        span_id=int(context.span_id, 16),
        is_remote=remote,
        trace_flags=TraceFlags(context.flags),
        trace_state=TraceState.from_header([context.tracestate] if context.tracestate else []),
    )
