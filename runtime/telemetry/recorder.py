"""Recorder: what all hops of one process share: encoder, buffer, and the SDK for what is not the per-frame path."""

from __future__ import annotations

from frame_tracking import FrameID, TraceContext
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.trace import Link, NonRecordingSpan, set_span_in_context

from telemetry.attribute_encoding import AttributeEncoder
from telemetry.frame_ids import FRAME_ROOT, FrameIdGenerator
from telemetry.hop_encoding import SCOPE, HopEncoder, HopKind
from telemetry.nested import Nest, NestedSpans
from telemetry.sampling import Keep
from telemetry.tracer import Attributes
from telemetry.wire import to_span_context

__all__ = ["Recorder"]

_NO_CONTEXT = Context()


class Recorder:
    """Shared by the hops of one process; safe for several threads.

    Attributes:
        encoder: encodes hops.
        buffer: where ended hops wait for their export.
        keep: which frames are kept although sampling left them out.
        partial: how many of them were, from this process on.
    """

    def __init__(
        self, provider: TracerProvider, ids: FrameIdGenerator, nested: NestedSpans, encoder: AttributeEncoder
    ) -> None:
        self.encoder, self.buffer = HopEncoder(encoder), nested.buffer
        self.keep, self.partial = Keep(), 0
        self._ids, self._nested = ids, nested
        self._tracer = provider.get_tracer(SCOPE)

    def sdk_span(
        self, hop: Nest, kind: HopKind, ids: tuple[FrameID, bytes], begun: tuple[TraceContext | None, int, Attributes]
    ) -> Span:
        """Make the SDK's span that stands for a hop's own one; it comes back to the hop when it ends.

        Args:
            hop: whose it is.
            kind: what it is.
            ids: the frame's, and the span's.
            begun: the parent, the start, and all attributes.
        """
        (frame_id, span_id), (parent, start_ns, attributes) = ids, begun
        inside, links = FRAME_ROOT, []
        if parent is not None:
            remote = to_span_context(parent)
            inside = set_span_in_context(NonRecordingSpan(remote), _NO_CONTEXT)
            links = [Link(remote)] if kind.linked else []
        self._ids.next_span(int(frame_id.trace_id, 16), int.from_bytes(span_id, "big"))
        span = self._tracer.start_span(kind.name, inside, kind.kind, dict(attributes), links, start_ns)
        if not isinstance(span, Span):
            raise TypeError("the SDK left out a span that was to be recorded")
        self._nested.belongs(span, hop)
        return span

    def forked(self) -> None:
        """Begin anew in a forked child."""
        self._nested.forked()

    def forget(self, span: Span) -> None:
        """Let go of a span of `sdk_span` whose hop is not traced."""
        self._nested.forget(span)
