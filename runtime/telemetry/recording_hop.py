"""RecordingHop: a hop whose built-in spans are plain values until it ends, and are then encoded in one go.

The hop's own span is a real one for the code inside it (`telemetry.hop_span`). A hop that head sampling left out is
recorded as well while failed or slow frames are kept, and encoded only if it turns out to be one.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from frame_tracking import Attribute, DropReason, FrameID, Outcome, TraceContext, TraceFlag
from opentelemetry.sdk.trace import Span
from opentelemetry.trace import SpanContext

from telemetry import attributes as made
from telemetry.current import Activation
from telemetry.failures import failed
from telemetry.frame_ids import new_span_id
from telemetry.hop_encoding import CHILD_FIELDS, Fixed, HopKind, HopValues
from telemetry.hop_span import HopSpan
from telemetry.recorder import Recorder
from telemetry.span_buffer import State
from telemetry.tracer import Attributes
from telemetry.wire import to_span_context

__all__ = ["RecordingHop"]

_SAMPLED: Final = int(TraceFlag.SAMPLED | TraceFlag.RANDOM)
_NOTHING: Final[Attributes] = {}


class RecordingHop(HopValues):
    """A recording hop of `frame_id`.

    Args:
        recorder: what the process's hops share.
        kind: what the hop's own span is.
        frame_id: whose hop.
        contexts: what the frame came with, or is sent on with if it is not kept; and the parent's, None for a root.
        fixed: what the own span has that all frames of the camera have.
        begun: when, in nanoseconds since 1970, and with which further attributes, which nobody changes any more.
        kept: whether head sampling chose the frame.
    """

    __slots__ = ("_arrived", "_context", "_kept", "_over", "_recorder", "_sdk", "_sending", "_span")

    def __init__(
        self,
        recorder: Recorder,
        kind: HopKind,
        frame_id: FrameID,
        contexts: tuple[TraceContext, TraceContext | None],
        fixed: Fixed,
        begun: tuple[int, Attributes],
        *,
        kept: bool,
    ) -> None:
        self._recorder, self.kind, self._kept = recorder, kind, kept
        self.frame_id, self.fixed = frame_id, fixed
        self._arrived, self.parent = contexts
        self.start_ns, self.given = begun
        self.span_id = new_span_id()
        self.children: list[object] = []
        self._sending: tuple[bytes, str, int] | None = None
        self._context: TraceContext | None = None
        self._span: HopSpan | None = None
        self._sdk: Span | None = None
        self._over = False
        self.scopes = self.state = None

    @property
    def context(self) -> TraceContext:
        """The context of the hop's own span; of a frame that is not kept, the one that it came with."""
        if not self._kept:
            return self._arrived
        if self._context is None:
            self._context = self._context_of(self.span_id)
        return self._context

    @property
    def recording(self) -> bool:
        """Whether the hop has not ended."""
        return not self._over

    def record(self, name: str, start_ns: int, end_ns: int, attributes: Attributes | None = None) -> None:
        """Record a child span that is already over."""
        self.children += (b"", name, start_ns, end_ns, attributes or _NOTHING, None)

    def send(self, destination: str, start_ns: int) -> TraceContext:
        """Begin a producer span and return its context; of a frame that is not kept, the one that it came with."""
        if not self._kept:
            self._keep_if(at_ns=start_ns)
        span_id = new_span_id()
        self._sending = (span_id, destination, start_ns)
        return self._context_of(span_id) if self._kept else self._arrived

    def sent(self, end_ns: int, attributes: Attributes | None = None, error: BaseException | None = None) -> None:
        """End the producer span that `send` began.

        Raises:
            ValueError: if `send` was not called.
        """
        if self._sending is None:
            raise ValueError("sent() without send()")
        span_id, destination, start_ns = self._sending
        self._sending = None
        self.children += (span_id, destination, start_ns, end_ns, attributes or _NOTHING, error)
        if error is not None and not self._kept:
            self._keep_if(failed=True)

    def activate(self) -> AbstractContextManager[None]:
        """Make the hop's span current."""
        if self._span is None:
            self._span = HopSpan(self)
        return Activation(self.frame_id, self._span)

    def set_attributes(self, attributes: Attributes) -> None:
        """Set attributes on the hop's span."""
        if self._sdk is not None:
            self._sdk.set_attributes(dict(attributes))
        elif attributes:
            self.given = {**self.given, **attributes}

    def fail(self, error: BaseException) -> None:
        """Record an exception on the hop's span."""
        failed(self.sdk_span(), error)
        if not self._kept:
            self._keep_if(failed=True)

    def end(self, end_ns: int, outcome: Outcome | None = None, reason: DropReason | None = None) -> None:
        """End the hop and everything in it; encode it, if it is kept."""
        if self._over:
            return
        if self._sending is not None:
            self.sent(end_ns)
        if not self._kept:
            self._keep_if(failed=outcome is Outcome.DEAD_LETTERED, at_ns=end_ns)
        self.outcome, self.reason = outcome, reason
        self._over = True
        # Made again if asked for: the fewer objects wait for the sender, the less the collector looks at.
        self._context = None
        if self._span is not None:
            self._span.close()
            self._span = None  # they hold one another: a cycle a frame would keep the collector busy
        if not self._kept:
            if self._sdk is not None:
                self._recorder.forget(self._sdk)
            return
        self.end_ns, self.tracestate = end_ns, self._arrived.tracestate
        self.spans, self.sdk_made = len(self.children) // CHILD_FIELDS + 1, False
        if self._sdk is not None:
            self._leave_by(self._sdk)
        self._recorder.buffer.add(self)

    def span_context(self) -> SpanContext:
        """Return the context of the hop's own span, whether it is kept or not."""
        if self._kept:
            return to_span_context(self.context, remote=False)
        own = TraceContext(self.frame_id.trace_id, self.span_id.hex(), self._arrived.flags, self._arrived.tracestate)
        return to_span_context(own, remote=False)

    def sdk_span(self) -> Span:
        """Return the SDK's span that stands for the hop's own from now on."""
        if self._sdk is None:
            attributes = {**self.fixed.made, **self.kind.of_frame(self.frame_id), **self.given}
            begun = (self.parent, self.start_ns, attributes)
            self._sdk = self._recorder.sdk_span(self, self.kind, (self.frame_id, self.span_id), begun)
        return self._sdk

    def nest(self, scope: bytes, *, own: bool = False) -> bool:
        """See `Nest`."""
        return self._recorder.buffer.join(self, scope, own=own)

    def left_behind(self) -> None:
        """See `Nest`."""
        self.state = State.GONE

    def _context_of(self, span_id: bytes) -> TraceContext:
        return TraceContext(self.frame_id.trace_id, span_id.hex(), _SAMPLED, self._arrived.tracestate)

    def _keep_if(self, *, failed: bool = False, at_ns: int = 0) -> None:
        if self._recorder.keep.holds(failed=failed, took_ns=at_ns - self.start_ns):
            self._keep()

    def _keep(self) -> None:
        """Trace the frame from here on: a root of the computed trace, without what was before."""
        self._kept, self.parent = True, None
        self._recorder.partial += 1
        self._arrived = self._arrived.from_here()
        self.set_attributes({Attribute.FRAME_PARTIAL: "upstream"})

    def _leave_by(self, sdk: Span) -> None:
        """Let the SDK end the hop's own span: it comes back through `nest`."""
        self.spans, self.sdk_made = self.spans - 1, True
        sdk.set_attributes(dict(made.of_end(self.outcome, self.reason)))
        sdk.end(self.end_ns)

    def encode_into(self, parts: list[bytes]) -> None:
        """See `Entry`."""
        self._recorder.encoder.encode_into(parts, self)
