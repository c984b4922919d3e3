"""Journeys to be analysed, and the span files that hold them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from camera_runtime.journeys.saved import SavedFile
from frame_tracking import FrameID, Journey, JourneySpan, Topology

TREE = Topology.of([("motion", "capture"), ("archive", "capture"), ("resize", "motion")])


@dataclass(frozen=True)
class Made:
    """Makes one frame's spans; each takes 5 ms, begins 2 ms after the one before, and waits 1 ms in a queue."""

    sequence: int = 1
    revision: str = TREE.revision
    ratio: str = "1"
    slow_ms: int = 0
    pipeline: str = ""
    namespace: str = ""
    session: str = "a7f3c"

    @property
    def frame_id(self) -> FrameID:
        return FrameID(f"20240315T101530{self.sequence % 1_000_000:06d}_cam01_{self.session}_{self.sequence:06d}")

    def spans(self) -> tuple[JourneySpan, ...]:
        root = {
            "frametrace.revision": self.revision,
            "frametrace.sampling.ratio": self.ratio,
            "frame.id": self.frame_id,
        }
        return (
            self._span(1, 0, "capture_frame", "rtsp-capture", root),
            self._span(2, 1, "send cam01.capture", "rtsp-capture", {"span.kind": "producer"}),
            self._stage(3, 2, "motion"),
            self._stage(4, 2, "archive", outcome="completed"),
            self._span(5, 3, "send cam01.motion", "motion", {"span.kind": "producer"}),
            self._stage(6, 5, "resize", outcome="completed", more_ms=self.slow_ms),
        )

    def journey(self, without: Iterable[int] = ()) -> Journey:
        left_out = set(without)
        return Journey.of(
            self.frame_id.trace_id, (span for span in self.spans() if int(span.span_id, 16) not in left_out)
        )

    def kept(self) -> Journey:
        """Return the journey of a frame that sampling had left out, and that `motion` kept."""
        spans = self.spans()
        motion = replace(spans[2], parent_id=None, attributes={**spans[2].attributes, "frame.partial": "upstream"})
        return Journey.of(self.frame_id.trace_id, (motion, spans[4], spans[5]))

    def _stage(self, number: int, parent: int, service: str, outcome: str = "", more_ms: int = 0) -> JourneySpan:
        ended = {"frame.outcome": outcome} if outcome else {}
        attributes = {"span.kind": "consumer", "frametrace.queued_ms": 1.0, "frame.id": self.frame_id, **ended}
        return self._span(number, parent, "process_frame", service, attributes, 5000 + 1000 * more_ms)

    def _span(
        self, number: int, parent: int, name: str, service: str, attributes: dict[str, Any], duration_us: int = 5000
    ) -> JourneySpan:
        begun = 1_710_497_730_000_000 + self.sequence * 100_000 + number * 2000
        above = f"{parent:016x}" if parent else None
        told = {
            **attributes,
            **({"pipeline.name": self.pipeline} if self.pipeline and "frame.id" in attributes else {}),
        }
        resource = {"k8s.namespace.name": self.namespace} if self.namespace else {}
        return JourneySpan(f"{number:016x}", above, (), name, service, begun, duration_us, told, resource)


@dataclass
class Listed:
    """A source that has been told its journeys."""

    listed: list[Journey]
    name: str = "a list"
    unreadable: int = 0
    until_us: int = 0
    shortfall: str = ""

    def journeys(self, progress: Any) -> Iterable[Journey]:
        for number, journey in enumerate(self.listed, 1):
            progress(number / len(self.listed))
            yield journey


def write_spans(path: Path, journeys: Iterable[Journey]) -> Path:
    """Write journeys as OTLP-JSON, a line for each service's spans, in an order of no sense."""
    services = ("resize", "rtsp-capture", "motion", "archive")
    lines = [json.dumps(_batch(journey, service)) for journey in journeys for service in services]
    path.write_text("\n".join(sorted(lines, reverse=True)) + "\n")
    return path


def read_spans(path: Path) -> tuple[tuple[Journey, ...], int]:
    """Return a span file's journeys, in the order of their start, and how many of its lines could not be read."""
    file = SavedFile(path)
    spans = defaultdict[str, list[JourneySpan]](list)
    for trace_id, span in file.spans():
        spans[trace_id].append(span)
    found = (Journey.of(trace_id, inside) for trace_id, inside in spans.items())
    return tuple(sorted(found, key=lambda journey: journey.spans[0].start_us)), file.unreadable


def traces_data(journeys: Iterable[Journey]) -> dict[str, Any]:
    """Return journeys as one `TracesData` of OTLP-JSON, as a receiver takes it."""
    services = [(journey, service) for journey in journeys for service in {span.service for span in journey.spans}]
    return {"resourceSpans": [_batch(journey, service)["resourceSpans"][0] for journey, service in services]}


def as_jaeger(journey: Journey) -> dict[str, Any]:
    """Return a journey as Jaeger's `/api/traces` has it."""
    services = sorted({span.service for span in journey.spans})
    resources = {span.service: span.resource for span in journey.spans}
    return {
        "traceID": journey.trace_id,
        "processes": {
            f"p{services.index(name)}": {"serviceName": name, "tags": _tags(resources[name])} for name in services
        },
        "spans": [
            {
                "traceID": journey.trace_id,
                "spanID": span.span_id,
                "operationName": span.name,
                "processID": f"p{services.index(span.service)}",
                "startTime": span.start_us,
                "duration": span.duration_us,
                "references": [{"refType": "CHILD_OF", "traceID": journey.trace_id, "spanID": span.parent_id}]
                if span.parent_id
                else [],
                "tags": _tags(span.attributes),
            }
            for span in journey.spans
        ],
    }


def of_a_web_shop(number: int, milliseconds: int = 2000) -> Journey:
    """Return a trace of another program, which has no frame."""
    begun = 1_710_497_730_000_000 + number * 100_000
    span = JourneySpan("0000000000000001", None, (), "GET /cart", "shop", begun, milliseconds * 1000, {})
    return Journey.of(f"{number:032x}", [span])


def _tags(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in told.items()]


def _batch(journey: Journey, service: str) -> dict[str, Any]:
    spans = [span for span in journey.spans if span.service == service]
    told = {"service.name": service, **(spans[0].resource if spans else {})}
    resource = {"attributes": [{"key": key, "value": {"stringValue": value}} for key, value in told.items()]}
    raw = [_raw(journey.trace_id, span) for span in spans]
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": raw}]}]}


def _raw(trace_id: str, span: JourneySpan) -> dict[str, Any]:
    kinds = {"producer": 4, "consumer": 5}
    return {
        "traceId": trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id or "",
        "name": span.name,
        "kind": kinds.get(span.attributes.get("span.kind", ""), 1),
        "startTimeUnixNano": str(span.start_us * 1000),
        "endTimeUnixNano": str(span.end_us * 1000),
        "attributes": [
            {"key": key, "value": _value(value)} for key, value in span.attributes.items() if key != "span.kind"
        ],
    }


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"intValue": str(value)} if type(value) is int else {"stringValue": str(value)}
