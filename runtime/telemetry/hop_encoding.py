"""Encodes ended hops, many at a time: called by the sender, off the frames' path, where a loop over many is cheap.

What is the same for all frames of a camera (names, kinds, fixed attributes) is encoded once and remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from frame_tracking import Attribute, DropReason, FrameID, Outcome, SpanName, TraceContext
from opentelemetry.trace import SpanKind

from telemetry import attributes as made
from telemetry.attribute_encoding import AttributeEncoder
from telemetry.encoding import LOCAL, REMOTE, link, named, parent_of, span, text, times, trace_of
from telemetry.failures import failure_fields
from telemetry.frame_ids import new_span_ids
from telemetry.span_buffer import Entry
from telemetry.tracer import Attributes, AttributeValue

__all__ = ["SCOPE", "Child", "Fixed", "HopEncoder", "HopValues"]

SCOPE: Final = "frametrace"
"""The instrumentation scope of the built-in spans."""
_KINDS: Final = {SpanKind.INTERNAL: 1, SpanKind.PRODUCER: 4, SpanKind.CONSUMER: 5}
_STATE: Final = b"\x1a"
_REMEMBERED: Final = 1024
_NOTHING: Final[Attributes] = {}
_MANY: Final = 64
"""Attributes that no built-in span has, with all that is given: with a lower limit they are counted together."""


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


Child = tuple[bytes, str, int, int, Attributes, BaseException | None]
"""A built-in span inside a hop: the ID of a producer span, whose context was sent (empty for others); the name, of a producer
span its destination; start and end in nanoseconds since 1970; attributes; what it failed of."""


class HopValues(Entry):
    """A hop's plain values.

    Attributes:
        span_id: 8 bytes.
        parent: None for a root.
        linked: whether the parent is linked as well.
        fixed: what the own span has that all frames of the camera have.
        frame: attributes that name the frame.
        given: further ones, which win over both.
        ended: how the branch ended here, if it did.
        sdk_made: whether the SDK has made the hop's own span; it is among the entry's scopes.
    """

    __slots__ = (
        "children",
        "end_ns",
        "ended",
        "fixed",
        "frame",
        "frame_id",
        "given",
        "linked",
        "parent",
        "sdk_made",
        "span_id",
        "start_ns",
        "tracestate",
    )
    frame_id: FrameID
    span_id: bytes
    parent: TraceContext | None
    linked: bool
    tracestate: str
    fixed: Fixed
    frame: Mapping[str, AttributeValue]
    given: Attributes
    start_ns: int
    end_ns: int
    children: list[Child]
    ended: tuple[Outcome | None, DropReason | None]
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
        head = named(name, _KINDS[kind])
        return Fixed(made_of, head, head + self._encode(made_of), frozenset({*made_of, *frame_keys}))

    def encode(self, hop: HopValues) -> bytes:
        """Return the fields `ScopeSpans.spans` of a hop."""
        head = trace_of(bytes.fromhex(hop.frame_id.trace_id))
        state = text(_STATE, hop.tracestate) if hop.tracestate else b""
        encoded = self._inside(hop, head, parent_of(hop.span_id) + state) if hop.children else []
        if not hop.sdk_made:
            encoded.append(self._own(hop, head, state))
        return b"".join(encoded)

    def _inside(self, hop: HopValues, head: bytes, under: bytes) -> list[bytes]:
        camera, inner, attributes, encoded = hop.frame_id.camera, self._inner, self._attributes, []
        ids = new_span_ids(len(hop.children))
        for number, (span_id, name, start_ns, end_ns, given, error) in enumerate(hop.children):
            if span_id:
                frame = _NOTHING if Attribute.MESSAGING_MESSAGE_ID in given else made.of_send(hop.frame_id)
                rest = attributes(self._of_send(camera, name), frame, given)
            else:
                fixed = inner.get((camera, name)) or self._of_child(camera, name)
                rest = attributes(fixed, _NOTHING, given) if given else fixed.encoded
                span_id = ids[8 * number : 8 * number + 8]  # noqa: PLW2901 - nobody has asked for it before
            if error is not None:
                rest += failure_fields(error, end_ns)
            encoded.append(span(head, span_id, under, times(start_ns, end_ns, LOCAL), rest))
        return encoded

    def _own(self, hop: HopValues, head: bytes, state: bytes) -> bytes:
        given = hop.given
        if self._limited:
            given = {**given, **made.of_end(*hop.ended)}
        rest = self._attributes(hop.fixed, hop.frame, given)
        if hop.ended[0] is not None and not self._limited:
            rest += self._of_end(hop.ended)
        parent = hop.parent
        if parent is None:
            return span(head, hop.span_id, state, times(hop.start_ns, hop.end_ns, LOCAL), rest)
        parent_id = bytes.fromhex(parent.span_id)
        links = link(head, parent_id) if hop.linked else b""
        lasted = times(hop.start_ns, hop.end_ns, REMOTE)
        return span(head, hop.span_id, parent_of(parent_id), state, lasted, rest, links)

    def _attributes(self, fixed: Fixed, frame: Mapping[str, AttributeValue], given: Attributes) -> bytes:
        """Encode name, kind and attributes: those of the camera, those of the frame, and those that win over both."""
        if self._limited or not fixed.keys.isdisjoint(given):
            return fixed.named + self._encode({**fixed.made, **frame, **given})
        return fixed.encoded + self._encode({**frame, **given} if frame else given)

    def _of_end(self, ended: tuple[Outcome | None, DropReason | None]) -> bytes:
        known = self._ends.get(ended)
        if known is None:
            known = self._ends[ended] = self._encode(made.of_end(*ended))
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
