"""Numbers of a user's code that are not finite: Jaeger's query API can make no JSON of them, and would show no such trace."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from math import inf, nan
from typing import Any

import pytest
from frame_tracking import FrameID, Outcome
from opentelemetry import trace
from telemetry import Service

pytestmark = pytest.mark.contract
T0 = 1_710_497_730_000_000_000
ODD = {"score": nan, "least": -inf, "most": inf, "scores": (0.5, nan), "plain": 0.25, "count": 3}
WRITTEN = {"score": "NaN", "least": "-Infinity", "most": "Infinity", "plain": 0.25, "count": 3}


def _frame(tracer: Any, frame_id: FrameID) -> None:
    """Capture a frame with such numbers on its own spans, on one that a handler opens, and on an event of it."""
    own = tracer.provider.get_tracer("own")
    plain = {key: value for key, value in ODD.items() if key != "scores"}
    hop = tracer.capture(frame_id, T0, plain)
    hop.record("decode_frame", T0, T0 + 1, plain)
    with hop.activate(), own.start_as_current_span("detect", attributes=ODD) as span:
        span.add_event("seen", ODD)
    hop.end(T0 + 1000, Outcome.COMPLETED)


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))


def test_they_leave_as_texts(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    tracer = recording()
    _frame(tracer, new_frame_id())
    assert tracer.flush(5)

    spans = {span.name: span for _, span in receiver.spans()}
    [event] = spans["detect"].events
    for holder in (*spans.values(), event):
        found = {each.key: each.value for each in holder.attributes}
        assert {key: _value(found[key]) for key in WRITTEN} == WRITTEN
    for holder in (spans["detect"], event):
        [scores] = [each.value.array_value.values for each in holder.attributes if each.key == "scores"]
        assert [_value(each) for each in scores] == [0.5, "NaN"]


def test_they_leave_as_texts_from_a_frames_own_span_that_a_handler_looked_at(
    recording: Any, receiver: Any, new_frame_id: Any
) -> None:
    tracer = recording()
    hop = tracer.capture(new_frame_id(), T0, {})
    with hop.activate():
        trace.get_current_span().set_attributes(ODD)
    hop.end(T0 + 1, Outcome.COMPLETED)
    assert tracer.flush(5)

    [(_, span)] = receiver.spans()
    found = {each.key: each.value for each in span.attributes}
    assert {key: _value(found[key]) for key in WRITTEN} == WRITTEN


def test_every_tracer_makes_texts_of_them(bench: Any, new_frame_id: Any) -> None:
    frame_id = new_frame_id()
    hop = bench.tracer(Service("rtsp-capture", "parking")).capture(frame_id, T0, {"score": nan})
    hop.set_attributes({"least": -inf, "most": inf})
    hop.end(T0 + 1000, Outcome.COMPLETED)

    [span] = bench.journey(frame_id, 1).spans
    assert {key: span.attributes[key] for key in ("score", "least", "most")} == {
        key: WRITTEN[key] for key in ("score", "least", "most")
    }


@pytest.mark.parametrize("bench", ["jaeger"], indirect=True)
def test_jaeger_shows_such_a_frame_and_finds_it_among_others(bench: Any, jaeger: Any, new_frame_id: Any) -> None:
    tracer, frame_id = bench.tracer(Service("rtsp-capture", "parking")), new_frame_id()
    _frame(tracer, frame_id)
    journey = bench.journey(frame_id, 3)
    query = {
        "service": "rtsp-capture",
        "tag": f"frame.id:{frame_id}",
        "start": str(T0 // 1000 - 1),
        "end": str(T0 // 1000 + 9),
    }
    with urllib.request.urlopen(f"{jaeger.query_url}/api/traces?{urllib.parse.urlencode(query)}", timeout=5) as answer:
        found = json.load(answer)["data"]

    assert {span.name for span in journey.spans} == {"capture_frame", "decode_frame", "detect"}
    assert [span.attributes["score"] for span in journey.spans] == ["NaN"] * 3
    assert [trace["traceID"] for trace in found] == [frame_id.trace_id]
