"""Which frame's hop the running code belongs to, by contextvars: for log lines and for the spans that a handler opens."""

from __future__ import annotations

from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Final

from frame_tracking import FrameID
from opentelemetry import context, trace
from opentelemetry.context import Context

__all__ = ["Activation", "CurrentHop", "current_hop"]


@dataclass(frozen=True, slots=True)
class CurrentHop:
    """The frame that is being worked on, and its trace."""

    frame_id: FrameID
    trace_id: str


_SPAN_KEY: Final = next(iter(trace.set_span_in_context(trace.INVALID_SPAN, Context())))
"""Where OpenTelemetry keeps the current span; `set_span_in_context` would copy the context twice, for every frame."""
_CURRENT: ContextVar[FrameID | None] = ContextVar("frametrace_current_frame", default=None)


def current_hop() -> CurrentHop | None:
    """Return the running code's hop, or None outside of one."""
    frame_id = _CURRENT.get()
    return None if frame_id is None else CurrentHop(frame_id, frame_id.trace_id)


class Activation:
    """Makes `span` OpenTelemetry's current span and `frame_id` the current frame, for the duration of a `with`."""

    __slots__ = ("_attached", "_frame_id", "_span", "_token")

    def __init__(self, frame_id: FrameID, span: trace.Span) -> None:
        self._frame_id, self._span = frame_id, span

    def __enter__(self) -> None:
        self._token: Token[FrameID | None] = _CURRENT.set(self._frame_id)
        self._attached: Token[Context] = context.attach(Context({**context.get_current(), _SPAN_KEY: self._span}))

    def __exit__(self, *_: object) -> None:
        context.detach(self._attached)
        _CURRENT.reset(self._token)
