"""Which frame's hop the running code belongs to, by contextvars: for log lines and for the spans that a handler opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from frame_tracking import FrameID
from opentelemetry import trace

__all__ = ["CurrentHop", "activate_hop", "current_hop"]


@dataclass(frozen=True, slots=True)
class CurrentHop:
    """The frame that is being worked on, and its trace."""

    frame_id: FrameID
    trace_id: str


_CURRENT: ContextVar[CurrentHop | None] = ContextVar("frametrace_current_hop", default=None)


def current_hop() -> CurrentHop | None:
    """Return the running code's hop, or None outside of one."""
    return _CURRENT.get()


@contextmanager
def activate_hop(frame_id: FrameID, span: trace.Span) -> Iterator[None]:
    """Make `span` OpenTelemetry's current span and `frame_id` the current frame, for the duration."""
    token = _CURRENT.set(CurrentHop(frame_id, frame_id.trace_id))
    try:
        with trace.use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
            yield
    finally:
        _CURRENT.reset(token)
