"""Texts of a user's code that OTLP cannot carry, or should not: they cost no other frame its spans, and tell no secret."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from frame_tracking import Outcome
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

pytestmark = pytest.mark.contract
T0 = 1_710_497_730_000_000_000
SECRET = "c4nary-s3cret"
HALF = "half a pair \ud800"


class _UnspeakableError(Exception):
    def __str__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize("error", [ValueError(HALF), ValueError("x" * 30_000_000), _UnspeakableError()])
def test_an_odd_failure_costs_no_other_frame_its_spans(
    recording: Any, receiver: Any, new_frame_id: Any, error: Exception
) -> None:
    tracer = recording()
    hops = [tracer.capture(new_frame_id(), T0, {}) for _ in range(5)]
    hops[2].fail(error)
    for hop in hops:
        hop.end(T0 + 1, Outcome.COMPLETED)

    assert tracer.flush(10) is True

    assert len(receiver.spans()) == tracer.counts().exported == 5
    assert sum(len(request.SerializeToString()) for request in receiver.requests) < 100_000


def test_a_handlers_own_span_may_have_any_name_and_fail_of_anything(
    recording: Any, receiver: Any, new_frame_id: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # OpenTelemetry's encoder logs the odd text as it is, which pytest cannot hand from process to process.
    caplog.set_level(logging.CRITICAL, "opentelemetry.exporter.otlp.proto.common._internal")
    tracer = recording()
    hop, own = tracer.capture(new_frame_id(), T0, {}), tracer.provider.get_tracer("own")

    def fail() -> None:
        with own.start_as_current_span(HALF) as span:
            span.add_event(HALF, {"note": HALF, "number": 1})
            raise ConnectionError(f"refused: redis://:{SECRET}@host/0 {HALF}")

    with hop.activate(), pytest.raises(ConnectionError):
        fail()
    hop.end(T0 + 1, Outcome.COMPLETED)

    assert tracer.flush(5) is True

    taken = {span.name: span for _, span in receiver.spans()}
    assert set(taken) == {"capture_frame", "half a pair ?"}
    assert taken["half a pair ?"].parent_span_id == taken["capture_frame"].span_id
    assert SECRET not in str(taken)
    assert [event.name for event in taken["half a pair ?"].events] == ["half a pair ?", "exception"]
    assert taken["half a pair ?"].status.message == "ConnectionError: refused: redis://***@host/0 half a pair ?"


def test_a_receiver_that_rejects_less_than_nothing_adds_no_spans(
    recording: Any, receiver: Any, new_frame_id: Any
) -> None:
    partial = ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=-7))
    receiver.answer = lambda: (200, partial.SerializeToString(), {})
    tracer = recording()
    tracer.capture(new_frame_id(), T0, {}).end(T0 + 1, Outcome.COMPLETED)

    assert tracer.flush(5) is True

    assert (tracer.counts().exported, tracer.counts().dropped) == (1, {})
