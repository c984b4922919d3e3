"""Gives OpenTelemetry's SDK the IDs that hops have, and leaves sampling to who knows the frame.

The SDK makes what is not the per-frame path: a user's own spans, and a hop's span that a handler looked at.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from random import Random
from typing import Final

from opentelemetry.context import Context, create_key, set_value
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

__all__ = ["FRAME_ROOT", "FrameIdGenerator", "RootSampler", "new_span_id", "new_span_ids"]

_FRAME_ROOT_KEY: Final = create_key("frametrace-frame-root")
FRAME_ROOT: Final[Context] = set_value(_FRAME_ROOT_KEY, value=True, context=Context())
"""The context under which a frame's root span is started: without a parent, its sampling already decided."""

_random: Final = Random()  # noqa: S311 - not the module's: a handler that seeds that one would make replicas alike  # nosec B311
os.register_at_fork(after_in_child=_random.seed)
_LOW_64: Final = 1 << 64


def new_span_id() -> bytes:
    """Return 8 random bytes, never all zero."""
    return (_random.getrandbits(64) or 1).to_bytes(8, "big")


def new_span_ids(number: int) -> bytes:
    """Return the bytes of so many span IDs, one after the other; with a chance of 2^-64 one of them is zero."""
    return _random.randbytes(8 * number)


class FrameIdGenerator(IdGenerator):
    """Random IDs, but for the next span of this thread after `next_span`."""

    def __init__(self) -> None:
        self._next = threading.local()

    def next_span(self, trace_id: int, span_id: int) -> None:
        """Give this thread's next span these IDs (a span with a parent has that one's trace ID in any case)."""
        self._next.trace_id, self._next.span_id = trace_id, span_id

    def generate_trace_id(self) -> int:
        """Return the ID that `next_span` asked for, else a random one."""
        trace_id: int = self._next.__dict__.pop("trace_id", 0)
        return trace_id or _random.getrandbits(128) or 1

    def generate_span_id(self) -> int:
        """Return the ID that `next_span` asked for, else a random one."""
        span_id: int = self._next.__dict__.pop("span_id", 0)
        self._next.__dict__.pop("trace_id", 0)
        return span_id or _random.getrandbits(64) or 1

    def is_trace_id_random(self) -> bool:
        """True: a frame's trace ID has at least 56 bits of hash at its end."""
        return True


class RootSampler(Sampler):
    """Samples roots: a frame's always (whether to open it was decided before), others by `ratio`.

    Under `ParentBased`. `ratio` is the share of the traces that a user's own code begins outside frames; 0 while tracing
    is off.
    """

    def __init__(self) -> None:
        self.ratio = 1.0

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,  # noqa: ARG002 - the SDK's signature
        kind: SpanKind | None = None,  # noqa: ARG002
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,  # noqa: ARG002
        trace_state: TraceState | None = None,  # noqa: ARG002
    ) -> SamplingResult:
        """Decide for a root."""
        is_frame = parent_context is not None and _FRAME_ROOT_KEY in parent_context
        if is_frame or trace_id % _LOW_64 < round(self.ratio * _LOW_64):
            return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes)
        return SamplingResult(Decision.DROP)

    def get_description(self) -> str:
        """Return the sampler's name."""
        return f"FrametraceRoot{{{self.ratio}}}"
