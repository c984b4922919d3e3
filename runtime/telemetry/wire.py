"""Between `TraceContext` (text, as it travels) and OpenTelemetry's `SpanContext` (numbers). Pure."""

from __future__ import annotations

from frame_tracking import TraceContext
from opentelemetry.trace import SpanContext, TraceFlags, TraceState

__all__ = ["from_span_context", "to_span_context"]


def to_span_context(context: TraceContext) -> SpanContext:
    """Return what a span opened under `context` has as its remote parent."""
    return SpanContext(
        trace_id=int(context.trace_id, 16),
        span_id=int(context.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(context.flags),
        trace_state=TraceState.from_header([context.tracestate] if context.tracestate else []),
    )


def from_span_context(context: SpanContext) -> TraceContext:
    """Return what is sent so that the receiver goes on under `context`'s span."""
    tracestate = context.trace_state.to_header() if context.trace_state else ""
    return TraceContext(f"{context.trace_id:032x}", f"{context.span_id:016x}", int(context.trace_flags), tracestate)
