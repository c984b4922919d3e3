"""Spans in a file: lines as OpenTelemetry's file exporter has them, whole ones only, and the journeys that are read back."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from frame_tracking import InvalidTraceError, journeys_from_otlp
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status
from telemetry.sink import Answer
from telemetry.span_file import SpanFile

from tests.generated.journeys import read_spans

TRACE = bytes(range(16))
START = 1_710_497_730_123_456_000
Value = str | bool | int | float | list[str]


def any_value(value: Value) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[any_value(each) for each in value]))
        case _:
            return AnyValue(string_value=value)


def span(number: int = 1, parent: int = 0, **fields: Any) -> Span:
    attributes = {"frame.id": "f", **fields.pop("attributes", {})}
    return Span(
        trace_id=TRACE,
        span_id=number.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name=fields.pop("name", "capture_frame"),
        kind=fields.pop("kind", Span.SPAN_KIND_INTERNAL),
        start_time_unix_nano=START + number * 1000,
        end_time_unix_nano=START + number * 1000 + 2999,
        attributes=[KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()],
        **fields,
    )


def request(*spans: Span, service: str = "rtsp-capture") -> bytes:
    of = Resource(attributes=[KeyValue(key="service.name", value=any_value(service))])
    whole = ResourceSpans(resource=of, scope_spans=[ScopeSpans(spans=spans)])
    made: bytes = ExportTraceServiceRequest(resource_spans=[whole]).SerializeToString()
    return made


@pytest.fixture
def file(tmp_path: Path) -> Iterator[SpanFile]:
    with SpanFile(tmp_path / "spans.jsonl") as opened:
        yield opened


def test_a_batch_is_a_line_with_hexadecimal_ids_and_numbers_of_enums(file: SpanFile, tmp_path: Path) -> None:
    link = Span.Link(trace_id=TRACE, span_id=b"\1" * 8)
    sent = span(
        7, 1, kind=Span.SPAN_KIND_CONSUMER, links=[link], status=Status(code=Status.STATUS_CODE_ERROR, message="no")
    )

    assert file.send(request(sent), 1.0).answer is Answer.TAKEN

    (line,) = (tmp_path / "spans.jsonl").read_text().splitlines()
    (found,) = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (found["traceId"], found["spanId"], found["parentSpanId"]) == (TRACE.hex(), f"{7:016x}", f"{1:016x}")
    assert (found["links"][0]["spanId"], found["kind"], found["status"]["code"]) == ("01" * 8, 5, 2)
    assert found["startTimeUnixNano"] == str(START + 7000)


def test_a_journey_read_back_is_the_one_that_was_written(file: SpanFile, tmp_path: Path) -> None:
    file.send(request(span(1, attributes={"frame.sequence": 7, "ratio": 0.5, "key": True, "many": ["a", "b"]})), 1.0)
    failed = Status(code=Status.STATUS_CODE_ERROR, message="ValueError: no")
    link = Span.Link(trace_id=TRACE, span_id=(1).to_bytes(8, "big"))
    file.send(request(span(2, 1, name="process_frame", kind=5, status=failed, links=[link]), service="motion"), 1.0)

    ((journey,), unreadable) = read_spans(tmp_path / "spans.jsonl")

    first, second = journey.spans
    assert (journey.trace_id, journey.frame_id, journey.hops, unreadable) == (
        TRACE.hex(),
        "f",
        ("capture", "motion"),
        0,
    )
    assert first.attributes == {
        "frame.id": "f",
        "frame.sequence": 7,
        "ratio": 0.5,
        "key": True,
        "many": '["a","b"]',
        "span.kind": "internal",
    }
    assert (first.start_us, first.duration_us) == (START // 1000 + 1, 2)
    assert (second.parent_id, second.links, second.failed) == (first.span_id, (first.span_id,), True)
    assert second.attributes["otel.status_description"] == "ValueError: no"


@given(
    st.dictionaries(
        st.text(max_size=8), st.text() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
    )
)
def test_any_attributes_come_back(tmp_path_factory: pytest.TempPathFactory, attributes: dict[str, Value]) -> None:
    path = tmp_path_factory.mktemp("any") / "spans.jsonl"
    with SpanFile(path) as file:
        file.send(request(span(attributes=attributes)), 1.0)

    ((journey,), _) = read_spans(path)

    kept = {key: value for key, value in journey.spans[0].attributes.items() if key in attributes}
    assert kept == attributes | ({"span.kind": "internal"} if "span.kind" in attributes else {})


def test_a_file_that_is_full_becomes_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    one = len(request(span())) * 4
    with SpanFile(path, max_bytes=one) as file:
        for number in range(1, 8):
            file.send(request(span(number)), 1.0)

    older, newer = (tmp_path / "spans.jsonl.1").read_bytes(), path.read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["spans.jsonl", "spans.jsonl.1"]
    assert max(len(older), len(newer)) <= one
    assert read_spans(path)[0][0].spans[-1].span_id == f"{7:016x}"


def test_a_full_disk_leaves_no_half_line_and_is_told(file: SpanFile, tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    file.send(request(span(1)), 1.0)
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, hard))
    try:
        receipt = file.send(request(span(2)), 1.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (receipt.answer, receipt.why) == (Answer.UNAVAILABLE, f"{path} cannot be written: File too large")
    assert path.read_bytes() == before
    assert file.send(request(span(2)), 1.0).answer is Answer.TAKEN


def test_a_line_that_a_killed_process_left_is_ended_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "spans.jsonl"
    path.write_bytes(b'{"resourceSpans":[{"sco')
    with SpanFile(path) as file:
        file.send(request(span(1)), 1.0)

    journeys, unreadable = read_spans(path)

    assert (len(journeys), unreadable) == (1, 1)


def test_what_is_no_request_is_refused_and_a_closed_file_is_not_written(file: SpanFile) -> None:
    assert file.send(b"\xff\xff", 1.0).answer is Answer.REFUSED
    file.shut()
    assert file.send(request(span()), 1.0).answer is Answer.UNAVAILABLE


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inside: (
            st.lists(inside, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "resourceSpans",
                        "scopeSpans",
                        "spans",
                        "traceId",
                        "spanId",
                        "attributes",
                        "key",
                        "value",
                        "resource",
                        "status",
                    ]
                ),
                inside,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused_by_its_own_error(value: Any) -> None:
    with suppress(InvalidTraceError):
        journeys_from_otlp((value,))


def test_enums_may_be_names_as_some_writers_have_them() -> None:
    raw = {
        "traceId": TRACE.hex(),
        "spanId": "0" * 15 + "1",
        "name": "x",
        "kind": "SPAN_KIND_CONSUMER",
        "startTimeUnixNano": START,
        "endTimeUnixNano": str(START),
        "status": {"code": "STATUS_CODE_ERROR"},
    }
    (journey,) = journeys_from_otlp(({"resourceSpans": [{"scopeSpans": [{"spans": [raw]}]}]},))
    assert (journey.spans[0].attributes["span.kind"], journey.spans[0].failed) == ("consumer", True)
