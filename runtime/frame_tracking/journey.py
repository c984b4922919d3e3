"""Journey: one frame's way through a pipeline, read from a trace as Jaeger's query API returns it. Pure.

Source of the JSON's shape: Jaeger `model/json` (`/api/traces/{id}`): times in microseconds, parents as references.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from frame_tracking.names import CAPTURE_HOP, CAPTURE_SERVICE, Attribute, Outcome, SpanName

__all__ = ["InvalidTraceError", "Journey", "JourneySpan"]

_OUTCOMES: Final = tuple(Outcome)
_UINT64: Final = 1 << 64


class InvalidTraceError(ValueError):
    """An answer that is not a trace of Jaeger's."""


@dataclass(
    slots=True
)  # not frozen: the guard reads thousands a second, and a frozen one takes three times as long to make
class JourneySpan:
    """One span of a journey. Nobody changes one.

    Attributes:
        parent_id: the parent's span ID, or None for a root.
        links: span IDs in this trace that the span is linked to.
        start_us: microseconds since 1970.
        duration_us: microseconds.
        resource: what the spans of one process share, such as `k8s.pod.name`; without `service.name`, which is `service`.
    """

    span_id: str
    parent_id: str | None
    links: tuple[str, ...]
    name: str
    service: str
    start_us: int
    duration_us: int
    attributes: Mapping[str, Any]
    resource: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end_us(self) -> int:
        """Microseconds since 1970."""
        return self.start_us + self.duration_us

    @property
    def failed(self) -> bool:
        """Whether the span's status is an error."""
        return self.attributes.get("error") is True or self.attributes.get("otel.status_code") == "ERROR"

    @property
    def is_hop(self) -> bool:
        """Whether this span stands for a whole hop: the root, or a stage's consumer span."""
        return self.name == SpanName.CAPTURE_FRAME or (
            self.name == SpanName.PROCESS_FRAME and self.attributes.get("span.kind") == "consumer"
        )

    @property
    def hop(self) -> str:
        """The hop's name: `capture`, or the stage's; of a `drop_frame`, the stage that the frame did not reach."""
        own = CAPTURE_HOP if self.service == CAPTURE_SERVICE else self.service
        return str(self.attributes.get(Attribute.STAGE_NAME, own)) if self.name == SpanName.DROP_FRAME else own


@dataclass(frozen=True, slots=True)
class Journey:
    """All spans of one trace, in order of their start."""

    trace_id: str
    spans: tuple[JourneySpan, ...]

    @classmethod
    def of(cls, trace_id: str, spans: Iterable[JourneySpan]) -> Journey:
        """Put spans of one trace in order; of a span that came twice, the last one counts."""
        each = {span.span_id: span for span in spans}
        return cls(trace_id, tuple(sorted(each.values(), key=lambda span: (span.start_us, span.span_id))))

    @classmethod
    def from_jaeger(cls, trace: Mapping[str, Any]) -> Journey:
        """Read one element of the `data` list of `/api/traces/{id}` or `/api/traces`.

        Raises:
            InvalidTraceError: if the answer does not have that shape.
        """
        try:
            processes = {key: _process(process) for key, process in trace["processes"].items()}
            return cls.of(_text(trace["traceID"]), [_span(raw, processes) for raw in trace["spans"]])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InvalidTraceError(f"not a trace as Jaeger returns it: {error!r}") from None

    @property
    def frame_id(self) -> str | None:
        """The frame's ID as the spans carry it."""
        return next(
            (str(span.attributes[Attribute.FRAME_ID]) for span in self.spans if Attribute.FRAME_ID in span.attributes),
            None,
        )

    @property
    def roots(self) -> tuple[JourneySpan, ...]:
        """Spans without a parent."""
        return tuple(span for span in self.spans if span.parent_id is None)

    @property
    def partial(self) -> tuple[JourneySpan, ...]:
        """Roots of a frame that sampling had left out and that was kept from there on; nothing before is to be expected."""
        return tuple(span for span in self.roots if Attribute.FRAME_PARTIAL in span.attributes)

    @property
    def orphans(self) -> tuple[JourneySpan, ...]:
        """Spans whose parent is not in the trace."""
        known = {span.span_id for span in self.spans}
        return tuple(span for span in self.spans if span.parent_id is not None and span.parent_id not in known)

    @property
    def hops(self) -> tuple[str, ...]:
        """The hops that have a span, in order of their start, each once."""
        return tuple(dict.fromkeys(span.hop for span in self.spans if span.is_hop))

    @property
    def duration_us(self) -> int:
        """From the first span's start to the last one's end, in microseconds."""
        return max((span.end_us for span in self.spans), default=0) - min(
            (span.start_us for span in self.spans), default=0
        )

    @property
    def outcomes(self) -> tuple[tuple[str, Outcome], ...]:
        """(hop, outcome) of each ended branch, second executions left out."""
        return tuple(
            (span.hop, Outcome(span.attributes[Attribute.FRAME_OUTCOME]))
            for span in self.spans
            if span.attributes.get(Attribute.FRAME_OUTCOME) in _OUTCOMES
            and not span.attributes.get(Attribute.FRAME_DUPLICATE)
        )

    @property
    def not_reached(self) -> frozenset[str]:
        """Stages that the frame did not reach, because it ended on the way there."""
        return frozenset(span.hop for span in self.spans if span.name == SpanName.DROP_FRAME)

    @property
    def outcome(self) -> Outcome | None:
        """The frame's outcome: that of its worst branch; None while none has ended."""
        return max((outcome for _, outcome in self.outcomes), key=_OUTCOMES.index, default=None)

    def children(self, span_id: str) -> tuple[JourneySpan, ...]:
        """The spans whose parent is `span_id`."""
        return tuple(span for span in self.spans if span.parent_id == span_id)


def _process(raw: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a process's service and the rest of its resource."""
    return _text(raw["serviceName"]), {tag["key"]: tag["value"] for tag in raw.get("tags") or ()}


def _span(raw: Mapping[str, Any], processes: Mapping[str, tuple[str, dict[str, Any]]]) -> JourneySpan:
    service, resource = processes[raw["processID"]]
    references = raw.get("references")
    parent, links = _references(references, raw["traceID"]) if references else (None, ())
    return JourneySpan(  # by position: names cost as much as the rest of it
        _text(raw["spanID"]),
        parent,
        links,
        _text(raw["operationName"]),
        service,
        _microseconds(raw["startTime"]),
        _microseconds(raw["duration"]),
        {tag["key"]: tag["value"] for tag in raw.get("tags") or ()},
        resource,
    )


def _references(references: Iterable[Mapping[str, Any]], trace_id: str) -> tuple[str | None, tuple[str, ...]]:
    """Return a span's parent and its links, as far as they are in its own trace.

    A span that is linked to its own parent, as a queue's consumer is, has one reference in Jaeger's answer, and that is called
    FOLLOWS_FROM.
    """
    children, others = list[str](), list[str]()
    for reference in references:
        if reference["traceID"] == trace_id:
            (children if reference["refType"] == "CHILD_OF" else others).append(_text(reference["spanID"]))
    return next(iter((*children, *others)), None), tuple(others)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} for a text")
    return value


def _microseconds(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{type(value).__name__} for microseconds")
    if abs(value) >= _UINT64:  # no time of Jaeger's; and nothing could be reckoned with it
        raise ValueError("microseconds of more than 64 bits")
    return value
