"""What the frame tracer sends decodes to the spans that the stock SDK and exporter produce for the same calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from frame_tracking import Arrival, Attribute, Clock, DropReason, FrameIDGenerator, Outcome, TraceContext, recover
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from telemetry import MemorySink, Sampling, Service
from telemetry.recording import RecordingTracer

from tests.real.stock_tracer import StockTracer

MOTION = Service("motion", "parking", "motion")
RESOURCE = Resource({"service.name": "motion", "k8s.pod.name": "motion-0", "replicas": 3}, "https://schema.example/1")
IDS = FrameIDGenerator("cam01", clock=Clock())

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PLAIN = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.integers(0, 70_000),
    st.floats(allow_nan=False, allow_infinity=False),  # those go as texts: tests/contract/telemetry/test_odd_values.py
    st.sampled_from([Attribute.FRAME_ID, Outcome.COMPLETED]),
)
KEYS = st.one_of(st.text("abc.é", min_size=1, max_size=8), st.sampled_from(list(Attribute)))
GIVEN = st.dictionaries(KEYS, PLAIN, max_size=8)
ANY = st.one_of(PLAIN, st.lists(TEXT, max_size=3), st.lists(st.integers(-9, 9), max_size=3), st.binary(max_size=8))
OWN = st.dictionaries(st.text("xyz", min_size=1, max_size=4), ANY, max_size=5)
TIMES = st.tuples(st.integers(1, 1 << 62), st.integers(0, 1 << 40)).map(lambda t: (t[0], t[0] + t[1]))
ENDS = st.sampled_from(
    [(None, None), (Outcome.COMPLETED, None), (Outcome.DROPPED, DropReason.OVERFLOW), (Outcome.DEAD_LETTERED, None)]
)
ERRORS = st.sampled_from([None, ValueError("bad"), ConnectionError("rtsp://user:pw@host/1"), KeyError("k")])


def _both() -> tuple[RecordingTracer, MemorySink, StockTracer]:
    sink = MemorySink()
    ours = RecordingTracer(MOTION, sink, resource=RESOURCE, measured=2)
    theirs = StockTracer(MOTION, RESOURCE)
    for tracer in (ours, theirs):
        tracer.follow(Sampling(revision="4f3a2b1c"))
    return ours, sink, theirs


def _same(calls: Callable[[Any], None]) -> None:
    """Make the same calls on both tracers, and compare what they send."""
    ours, sink, theirs = _both()
    calls(ours)
    calls(theirs)
    assert ours.flush(5)
    assert ours.shutdown(5)
    sent = _plain([ExportTraceServiceRequest.FromString(request) for request in sink.requests])
    expected = _plain([theirs.request()])
    assert [span for span in sent if span not in expected] == [span for span in expected if span not in sent] == []
    assert len(sent) == len(expected)


def _plain(requests: list[Any]) -> list[Any]:
    """Everything that was sent, with names for the IDs that are random, in an order that does not depend on them."""
    spans = [
        (MessageToDict(rs.resource), rs.schema_url, MessageToDict(ss.scope), ss.schema_url, span)
        for request in requests
        for rs in request.resource_spans
        for ss in rs.scope_spans
        for span in ss.spans
    ]
    names = {span.span_id: span.name for *_, span in spans}
    told = []
    for resource, schema, scope, scope_schema, span in spans:
        found = MessageToDict(span)
        found["parentSpanId"] = names.get(span.parent_span_id, span.parent_span_id.hex())
        del found["spanId"]
        for key in ("attributes", "events"):
            found[key] = _sorted(found.get(key, []))
        told.append([_sorted_resource(resource), schema, scope, scope_schema, found])
    return sorted(told, key=str)


def _sorted_resource(resource: Any) -> Any:
    return sorted(map(str, resource.get("attributes", [])))


def _sorted(entries: list[Any]) -> list[Any]:
    for entry in entries:
        entry.pop("timeUnixNano", None)  # of an exception: when it was told
        if "attributes" in entry:
            entry["attributes"] = _sorted(entry["attributes"])
        if entry.get("key") == "exception.stacktrace":
            entry["value"] = "a stack"
    return sorted(entries, key=str)


@given(root=GIVEN, child=GIVEN, sent=GIVEN, late=GIVEN, times=TIMES, ended=ENDS, error=ERRORS)
def test_a_captured_frames_spans(
    root: Any, child: Any, sent: Any, late: Any, times: Any, ended: Any, error: Any
) -> None:
    frame_id = IDS.next()

    def calls(tracer: Any) -> None:
        hop = tracer.capture(frame_id, times[0], root)
        hop.record("decode_frame", *times)
        hop.record("process_frame", *times, child)
        hop.send("cam01.capture", times[0])
        hop.sent(times[1], sent, error)
        hop.set_attributes(late)
        hop.end(times[1], *ended)

    _same(calls)


@given(attributes=GIVEN, state=st.sampled_from(["", "vendor=x,other=y"]), flags=st.sampled_from([1, 3]), ended=ENDS)
def test_a_stages_span(attributes: Any, state: str, flags: int, ended: Any) -> None:
    frame_id = IDS.next()
    arrived = (TraceContext(frame_id.trace_id, "a" * 16, flags, state), Arrival.KEPT)

    def calls(tracer: Any) -> None:
        tracer.process(frame_id, arrived, 7, attributes).end(9, *ended)

    _same(calls)


@given(attributes=OWN, event=OWN, link=OWN, name=TEXT.filter(bool), status=st.sampled_from(["", "why"]))
def test_what_a_handler_does_with_its_frames_span(
    attributes: Any, event: Any, link: Any, name: str, status: str
) -> None:
    frame_id = IDS.next()
    other = SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(1))

    def calls(tracer: Any) -> None:
        hop = tracer.process(frame_id, recover(frame_id, None), 7, {"given": 1})
        with hop.activate():
            span = trace.get_current_span()
            span.set_attribute("one", True)
            span.set_attributes(attributes)
            span.add_event(name, event, 8)
            span.add_link(other, link)
            span.set_status(Status(StatusCode.ERROR, status))
        hop.end(9, Outcome.COMPLETED)

    _same(calls)


@given(attributes=OWN, kind=st.sampled_from(list(SpanKind)), name=TEXT.filter(bool), links=st.integers(0, 3))
def test_spans_that_a_handler_opens(attributes: Any, kind: SpanKind, name: str, links: int) -> None:
    frame_id = IDS.next()
    linked = [Link(SpanContext(5, 6, is_remote=False), {"n": number}) for number in range(links)]

    def calls(tracer: Any) -> None:
        theirs = tracer.provider.get_tracer("a library", "1.2", "https://schema.example/2", {"scope": "attribute"})
        hop = tracer.process(frame_id, recover(frame_id, None), 7, {})
        with hop.activate():
            outer = theirs.start_span("outer " + name, kind=kind, attributes=attributes, links=linked, start_time=8)
            with trace.use_span(outer):
                theirs.start_span("inner", start_time=8).end(8)
            outer.end(9)
        hop.end(9, Outcome.COMPLETED)

    _same(calls)


@pytest.mark.parametrize("names", [("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",), ("OTEL_ATTRIBUTE_COUNT_LIMIT",)])
@pytest.mark.parametrize("most", [0, 3, 200])
def test_limits_of_attributes(monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], most: int) -> None:
    for name in names:
        monkeypatch.setenv(name, str(most))
    monkeypatch.setenv("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "10")
    frame_id = IDS.next()

    def calls(tracer: Any) -> None:
        hop = tracer.capture(frame_id, 1, {f"k{number}": "a long value indeed" for number in range(9)})
        hop.record("decode_frame", 1, 2, {"text": "x" * 50, "number": 1})
        with hop.activate():
            trace.get_current_span().set_attribute("own", "y" * 50)
        hop.end(2, Outcome.DROPPED, DropReason.MALFORMED)
        tracer.process(frame_id, recover(frame_id, None), 3, {"z": "z" * 20}).end(4, Outcome.COMPLETED)

    _same(calls)
