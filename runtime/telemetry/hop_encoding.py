"""Encodes ended hops, many at a time: called by the sender, off the frames' path, where a loop over many is cheap.

What is the same for all frames of a camera (names, kinds, fixed attributes) is encoded once and remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from frame_tracking import Attribute, DropReason, FrameID, Outcome, SpanName, TraceContext
from opentelemetry.trace import SpanKind

from telemetry import attributes as made
from telemetry.attribute_encoding import AttributeEncoder
from telemetry.encoding import LOCAL, REMOTE, TIMES_LENGTH, link, named, parent_of, span_tag, text, times, trace_of
from telemetry.failures import failure_fields
from telemetry.frame_ids import new_span_ids
from telemetry.span_buffer import Entry
from telemetry.tracer import Attributes, AttributeValue

__all__ = ["CHILD_FIELDS", "SCOPE", "Fixed", "HopEncoder", "HopKind", "HopValues"]

SCOPE: Final = "frametrace"
"""The instrumentation scope of the built-in spans."""
_KINDS: Final = {SpanKind.INTERNAL: 1, SpanKind.PRODUCER: 4, SpanKind.CONSUMER: 5}
_NO_STATUS: Final = b"\x7a\x00"
"""An empty `Span.status`, as the stock exporter sends it; a failure's, further on, is merged into it."""
_STATE: Final = b"\x1a"
_REMEMBERED: Final = 1024
_MANY: Final = 64
"""Attributes that no built-in span has, with all that is given: with a lower limit they are counted together."""


@dataclass(frozen=True, slots=True)
class HopKind:
    """What a hop's own span is: its name and kind, and which attributes name the frame."""

    name: SpanName
    kind: SpanKind
    of_frame: Callable[[FrameID], dict[str, AttributeValue]]
    frame_keys: tuple[str, ...]
    linked: bool = False
    """Whether the span links its parent as well: a consumer links what was sent to it."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What a kind of span has that is the same for all frames of a camera.

    Attributes:
        made: its attributes.
        named: its name and kind, encoded.
        encoded: those and its attributes.
        keys: of its attributes, and of those that name the frame.
    """

    made: Mapping[str, AttributeValue]
    named: bytes
    encoded: bytes
    keys: frozenset[str]


_Child = tuple[bytes, str, int, int, Attributes, BaseException | None]
"""A built-in span inside a hop: the ID of a producer span, whose context was sent (empty for others); the name, of a producer
span its destination; start and end in nanoseconds since 1970; attributes; what it failed of."""
CHILD_FIELDS: Final = 6
"""Of such a span. They stand one after the other in one list: a tuple each would be three more objects a frame that the
garbage collector visits while they wait."""


class HopValues(Entry):
    """A hop's plain values.

    Attributes:
        span_id: 8 bytes.
        parent: None for a root.
        fixed: what the own span has that all frames of the camera have.
        given: further attributes, which win over those and over the frame's.
        children: the other built-in spans, `CHILD_FIELDS` values each.
        outcome: how the branch ended here, if it did; `reason` why.
        sdk_made: whether the SDK has made the hop's own span; it is among the entry's scopes.
    """

    __slots__ = (
        "children",
        "end_ns",
        "fixed",
        "frame_id",
        "given",
        "kind",
        "outcome",
        "parent",
        "reason",
        "sdk_made",
        "span_id",
        "start_ns",
        "tracestate",
    )
    frame_id: FrameID
    span_id: bytes
    parent: TraceContext | None
    kind: HopKind
    tracestate: str
    fixed: Fixed
    given: Attributes
    start_ns: int
    end_ns: int
    children: list[object]
    outcome: Outcome | None
    reason: DropReason | None
    sdk_made: bool


class HopEncoder:
    """Encodes hops; remembers what comes again."""

    def __init__(self, attributes: AttributeEncoder) -> None:
        self._encode = attributes.encode
        self._limited = attributes.most < _MANY
        self._inner: dict[tuple[str, str], Fixed] = {}
        self._sends: dict[tuple[str, str], Fixed] = {}
        self._ends: dict[tuple[Outcome | None, DropReason | None], bytes] = {}

    def fixed(
        self, name: str, kind: SpanKind, made_of: Mapping[str, AttributeValue], frame_keys: Iterable[str] = ()
    ) -> Fixed:
        """Encode what many spans will have."""
        head = named(name, _KINDS[kind]) + _NO_STATUS
        return Fixed(made_of, head, head + self._encode(made_of), frozenset({*made_of, *frame_keys}))

    def encode_into(self, parts: list[bytes], hop: HopValues) -> None:
        """Append the fields `ScopeSpans.spans` of a hop, in pieces: they are joined once, with those of other hops."""
        head = trace_of(bytes.fromhex(hop.frame_id.trace_id))
        state = text(_STATE, hop.tracestate) if hop.tracestate else b""
        if hop.children:
            self._inside(parts, hop, head, parent_of(hop.span_id) + state)
        if not hop.sdk_made:
            self._own(parts, hop, head, state)

    def _inside(self, parts: list[bytes], hop: HopValues, head: bytes, under: bytes) -> None:
        children = cast("Iterator[_Child]", zip(*[iter(hop.children)] * CHILD_FIELDS, strict=True))
        camera, inner, encode, limited = hop.frame_id.camera, self._inner, self._encode, self._limited
        around = len(head) + 8 + len(under) + TIMES_LENGTH
        ids, at = new_span_ids(len(hop.children) // CHILD_FIELDS), 0
        for span_id, name, start_ns, end_ns, given, error in children:
            if span_id:
                fixed, more = self._of_send(camera, name), self._sent(hop.frame_id, given)
            else:
                span_id, at = ids[at : at + 8], at + 8  # noqa: PLW2901 - nobody has asked for it before
                fixed, more = inner.get((camera, name)) or self._of_child(camera, name), given
            rest = fixed.encoded
            if limited or (given and not fixed.keys.isdisjoint(given)):
                rest = fixed.named + encode({**fixed.made, **more})
            elif more:
                rest += encode(more)
            if error is not None:
                rest += failure_fields(error, end_ns)
            length = around + len(rest)
            parts += (span_tag(length), head, span_id, under, times(start_ns, end_ns, LOCAL), rest)

    def _own(self, parts: list[bytes], hop: HopValues, head: bytes, state: bytes) -> None:
        fixed, parent = hop.fixed, hop.parent
        more = hop.kind.of_frame(hop.frame_id)
        more.update(hop.given)
        if self._limited or not fixed.keys.isdisjoint(hop.given):
            rest, further = fixed.named, self._encode({**fixed.made, **more, **made.of_end(hop.outcome, hop.reason)})
        else:
            rest, further = fixed.encoded, self._encode(more) + self._of_end(hop.outcome, hop.reason)
        parents, flags = state, LOCAL
        if parent is not None:
            parent_id, flags = bytes.fromhex(parent.span_id), REMOTE
            parents += parent_of(parent_id) + link(head, parent_id) if hop.kind.linked else parent_of(parent_id)
        length = len(head) + 8 + len(parents) + TIMES_LENGTH + len(rest) + len(further)
        lasted = times(hop.start_ns, hop.end_ns, flags)
        parts += (span_tag(length), head, hop.span_id, parents, lasted, rest, further)

    @staticmethod
    def _sent(frame_id: FrameID, given: Attributes) -> Attributes:
        """Name the frame by its ID until the broker has a name for its entry."""
        return given if Attribute.MESSAGING_MESSAGE_ID in given else {**made.of_send(frame_id), **given}

    def _of_end(self, outcome: Outcome | None, reason: DropReason | None) -> bytes:
        if outcome is None:
            return b""
        known = self._ends.get((outcome, reason))
        if known is None:
            known = self._ends[outcome, reason] = self._encode(made.of_end(outcome, reason))
        return known

    def _of_child(self, camera: str, name: str) -> Fixed:
        known = self._inner.get((camera, name))
        if known is None:
            known = self.fixed(name, SpanKind.INTERNAL, made.fixed_of_child(camera))
            if len(self._inner) < _REMEMBERED:
                self._inner[camera, name] = known
        return known

    def _of_send(self, camera: str, destination: str) -> Fixed:
        known = self._sends.get((camera, destination))
        if known is None:
            name = f"{SpanName.SEND} {destination}"
            known = self.fixed(name, SpanKind.PRODUCER, made.fixed_of_send(camera, destination))
            if len(self._sends) < _REMEMBERED:
                self._sends[camera, destination] = known
        return known
