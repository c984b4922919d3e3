"""TraceContext: a frame's place in its trace, as W3C Trace Context carries it from process to process.

Reading is defensive: whatever arrives beside a frame ID, the frame goes on under the trace ID that its ID gives.
Source: https://www.w3.org/TR/trace-context-2/. Pure.
"""

from __future__ import annotations

import re
from enum import IntFlag, StrEnum
from hashlib import blake2b
from typing import Final, NamedTuple, Self

from frame_tracking.frame_id import FrameID

__all__ = ["Arrival", "InvalidTraceparentError", "TraceContext", "TraceFlag", "recover"]

_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_TRACESTATE_MEMBER: Final = re.compile(
    r"[a-z0-9][-_*/a-z0-9]{0,255}(?:@[a-z][-_*/a-z0-9]{0,13})?=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]",
)
_MAX_TRACESTATE: Final = 512
_MAX_MEMBERS: Final = 32
_SAMPLED_BIT: Final = 0x01  # as a plain number: the enum's own & costs ten times as much, at every hop
_PARTIAL: Final = "frametrace=partial"
_NO_TRACE: Final = "0" * 32
_NO_SPAN: Final = "0" * 16


class TraceFlag(IntFlag):
    """Trace flags on a frame's way. Sampled frames carry 03, frames that sampling left out 02, untraced frames 00."""

    SAMPLED = 0x01
    RANDOM = 0x02


class InvalidTraceparentError(ValueError):
    """A `traceparent` that W3C Trace Context does not allow."""


class TraceContext(NamedTuple):
    """A span's identity on the wire. A named tuple: every hop of every frame makes some, and a dataclass costs thrice that.

    Attributes:
        trace_id: 32 lower-case hexadecimal digits.
        span_id: 16 lower-case hexadecimal digits: the parent of what the receiver opens.
        flags: W3C trace flags, 0 to 255.
        tracestate: the `tracestate` header's value, or empty.
    """

    trace_id: str
    span_id: str
    flags: int
    tracestate: str = ""

    @classmethod
    def from_traceparent(cls, traceparent: str, tracestate: str = "") -> Self:
        """Read the two headers.

        Raises:
            InvalidTraceparentError: if `traceparent` is malformed or its IDs are zero. A bad `tracestate` is left
                out, as the specification asks.
        """
        match = _TRACEPARENT.fullmatch(traceparent)
        if match is None or match[1] == "ff" or (match[1] == "00" and match[5]):
            raise InvalidTraceparentError(f"{traceparent[:80]!r} is not a W3C traceparent")
        if match[2] == _NO_TRACE or match[3] == _NO_SPAN:
            raise InvalidTraceparentError(f"{traceparent[:80]!r} has an ID of zeros")
        return cls(match[2], match[3], int(match[4], 16), _valid_tracestate(tracestate))

    @classmethod
    def untraced(cls, frame_id: FrameID) -> Self:
        """The context of a frame that is deliberately not traced: the computed trace ID and flags 00."""
        return cls(frame_id.trace_id, blake2b(frame_id.encode(), digest_size=8, person=b"span").hexdigest(), 0)

    @property
    def traceparent(self) -> str:
        """The `traceparent` header's value."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"

    @property
    def sampled(self) -> bool:
        """Whether spans of this trace are recorded."""
        return self.flags & _SAMPLED_BIT != 0

    @property
    def off(self) -> bool:
        """Whether tracing was switched off where this context was made (flags 00): not traced and not counted."""
        return self.flags == 0

    @property
    def partial(self) -> bool:
        """Whether sampling had left the frame out, and a later hop kept it: its trace begins in the middle."""
        return bool(self.tracestate) and _PARTIAL in self.tracestate.split(",")

    def from_here(self) -> TraceContext:
        """Return this context marked `partial`, for the hops after the one that keeps the frame."""
        members = [member for member in self.tracestate.split(",") if member and member != _PARTIAL]
        tracestate = ",".join([_PARTIAL, *members[: _MAX_MEMBERS - 1]])
        return TraceContext(self.trace_id, self.span_id, self.flags, _valid_tracestate(tracestate) or _PARTIAL)

    def is_valid(self) -> bool:
        """Whether both IDs are well formed and not zero."""
        return (
            _TRACEPARENT.fullmatch(self.traceparent) is not None
            and self.trace_id != _NO_TRACE
            and self.span_id != _NO_SPAN
        )


class Arrival(StrEnum):
    """In what state a context arrived with its frame."""

    KEPT = "kept"
    MISSING = "missing"
    MALFORMED = "malformed"
    FOREIGN = "foreign"
    """A well-formed context of another trace than the frame's own."""


def recover(frame_id: FrameID, traceparent: str | None, tracestate: str = "") -> tuple[TraceContext, Arrival]:
    """Return the context to go on with, whatever arrived beside the frame ID; never raises.

    A lost context becomes a sampled one under the computed trace ID whose `span_id` names no recorded span: the
    receiver opens its span without a parent and marks it `frame.context_lost`.
    """
    if not traceparent:
        return _lost(frame_id), Arrival.MISSING
    try:
        context = TraceContext.from_traceparent(traceparent, tracestate)
    except InvalidTraceparentError:
        return _lost(frame_id), Arrival.MALFORMED
    if context.trace_id != frame_id.trace_id:
        return _lost(frame_id), Arrival.FOREIGN
    return context, Arrival.KEPT


def _lost(frame_id: FrameID) -> TraceContext:
    untraced = TraceContext.untraced(frame_id)
    return TraceContext(untraced.trace_id, untraced.span_id, int(TraceFlag.SAMPLED | TraceFlag.RANDOM))


def _valid_tracestate(text: str) -> str:
    members = [member.strip(" \t") for member in text.split(",")] if text else []
    if len(text) > _MAX_TRACESTATE or len(members) > _MAX_MEMBERS:
        return ""
    return text if all(not member or _TRACESTATE_MEMBER.fullmatch(member) for member in members) else ""
