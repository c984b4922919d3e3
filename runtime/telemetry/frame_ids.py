"""Gives the OpenTelemetry SDK the trace IDs that frames have, and keeps sampling decided by who knows the frame."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from frame_tracking import FrameID
from opentelemetry.context import Context, create_key, set_value
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

__all__ = ["FRAME_ROOT", "FrameIdGenerator", "RootSampler"]

_FRAME_ROOT_KEY: Final = create_key("frametrace-frame-root")
FRAME_ROOT: Final[Context] = set_value(_FRAME_ROOT_KEY, value=True, context=Context())
"""The context under which a frame's root span is started: without a parent, its sampling already decided."""


class FrameIdGenerator(RandomIdGenerator):
    """Random IDs, but for the next root of this thread after `next_root`."""

    def __init__(self) -> None:
        self._thread = threading.local()

    def next_root(self, frame_id: FrameID) -> None:
        """Give this thread's next root span the frame's trace ID."""
        self._thread.trace_id = int(frame_id.trace_id, 16)

    def generate_trace_id(self) -> int:
        """Return the ID that `next_root` asked for, else a random one."""
        trace_id: int = self._thread.__dict__.pop("trace_id", 0)
        return trace_id or super().generate_trace_id()

    def is_trace_id_random(self) -> bool:
        """True: a frame's trace ID has at least 56 bits of hash at its end."""
        return True


class RootSampler(Sampler):
    """Samples roots: a frame's always (whether to open it was decided before), others while tracing is on.

    Under `ParentBased`; traces that a user's own code begins outside frames follow the live switch.
    """

    def __init__(self) -> None:
        self.others = True

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,  # noqa: ARG002 - the SDK's signature
        name: str,  # noqa: ARG002
        kind: SpanKind | None = None,  # noqa: ARG002
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,  # noqa: ARG002
        trace_state: TraceState | None = None,  # noqa: ARG002
    ) -> SamplingResult:
        """Decide for a root."""
        is_frame = parent_context is not None and _FRAME_ROOT_KEY in parent_context
        if is_frame or self.others:
            return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes)
        return SamplingResult(Decision.DROP)

    def get_description(self) -> str:
        """Return the sampler's name."""
        return "FrametraceRoot"
