"""The recording tracer: spans that a handler's code opens leave with their hop, threads and all; or late, and say so."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from contextvars import copy_context
from typing import Any

import pytest
from frame_tracking import Outcome, recover
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from telemetry.hop_span import _refuse
from telemetry.span_buffer import HOLD_SECONDS

T0 = 1_800_000_000_000_000_000


def _hop(tracer: Any, frame_id: Any) -> Any:
    return tracer.process(frame_id, recover(frame_id, None), T0, {})


def _by_request(receiver: Any) -> list[set[str]]:
    return [
        {span.name for rs in request.resource_spans for ss in rs.scope_spans for span in ss.spans}
        for request in receiver.requests
    ]


def test_all_spans_of_a_hop_leave_in_one_request(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    tracer = recording()
    theirs, hop = tracer.provider.get_tracer("theirs"), _hop(tracer, new_frame_id())
    with hop.activate():
        with theirs.start_as_current_span("detect"):
            pass
        lasting = theirs.start_span("upload")
    hop.end(T0 + 1, Outcome.COMPLETED)
    lasting.end()  # at once, but after the hop

    time.sleep(HOLD_SECONDS)
    assert tracer.flush(5)

    assert _by_request(receiver) == [{"process_frame", "detect", "upload"}]
    assert (tracer.counts().created, tracer.counts().exported, tracer.counts().late) == (3, 3, 0)


@pytest.mark.parametrize("looked_at", [False, True])
def test_a_hop_with_more_spans_than_the_queue_holds_keeps_its_own(
    recording: Any, receiver: Any, new_frame_id: Any, monkeypatch: pytest.MonkeyPatch, *, looked_at: bool
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "50")
    tracer = recording()
    theirs, hop = tracer.provider.get_tracer("theirs"), _hop(tracer, new_frame_id())
    with hop.activate():
        for _ in range(200):
            theirs.start_span("detect").end()
        if looked_at:
            trace.get_current_span().set_attribute("objects", 200)
    hop.record("upload", T0, T0 + 1)
    hop.end(T0 + 1, Outcome.COMPLETED)
    assert tracer.flush(5)

    names = Counter(span.name for _, span in receiver.spans())
    assert names == {"process_frame": 1, "upload": 1, "detect": 48}
    counts = tracer.counts()
    assert (counts.created, counts.exported, counts.dropped) == (202, 50, {"queue_full": 152})


def test_a_span_that_ends_after_its_hop_has_left_goes_alone(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    tracer = recording()
    hop = _hop(tracer, new_frame_id())
    with hop.activate():
        lasting = tracer.provider.get_tracer("theirs").start_span("upload")
    hop.end(T0 + 1, Outcome.COMPLETED)
    assert tracer.flush(5)
    lasting.end()
    assert tracer.flush(5)

    assert _by_request(receiver) == [{"process_frame"}, {"upload"}]
    spans = {span.name: span for _, span in receiver.spans()}
    late = [attribute.key for attribute in spans["upload"].attributes if attribute.value.bool_value]
    assert late == ["frame.late"]
    assert spans["upload"].parent_span_id == spans["process_frame"].span_id
    assert tracer.counts().late == 1


def test_threads_that_a_handler_starts_nest_as_well(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    tracer = recording()
    theirs, hop = tracer.provider.get_tracer("theirs"), _hop(tracer, new_frame_id())

    def work() -> None:
        with theirs.start_as_current_span("in a thread"):
            pass

    with hop.activate():
        threads = [threading.Thread(target=copy_context().run, args=(work,)) for _ in range(8)]
        for thread in threads:
            thread.start()
    hop.end(T0 + 1, Outcome.COMPLETED)
    for thread in threads:
        thread.join()
    assert tracer.flush(5)

    spans = [span for _, span in receiver.spans()]
    root = next(span for span in spans if span.name == "process_frame")
    assert [span.parent_span_id for span in spans if span.name == "in a thread"] == [root.span_id] * 8
    assert tracer.counts().created == tracer.counts().exported == 9


def test_the_current_span_is_a_real_one(recording: Any, new_frame_id: Any) -> None:
    tracer, frame_id = recording(), new_frame_id()
    hop = _hop(tracer, frame_id)

    with hop.activate():
        span = trace.get_current_span()
        before, context = span.is_recording(), span.get_span_context()
        span.set_attribute("objects", 3)
        attributes = span.attributes  # type: ignore[attr-defined]  # instrumentations look there
    span.end()
    still = span.is_recording()
    hop.end(T0 + 1, Outcome.COMPLETED)

    assert (before, still, span.is_recording()) == (True, True, False)
    assert f"{context.trace_id:032x}" == frame_id.trace_id
    assert hop.context.span_id == f"{context.span_id:016x}"
    assert (attributes["objects"], attributes["frame.id"]) == (3, frame_id)
    assert isinstance(hop.sdk_span(), ReadableSpan)


def test_a_hop_is_found_by_its_name_whatever_a_handler_calls_it(
    recording: Any, receiver: Any, new_frame_id: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    _refuse.cache_clear()
    tracer, frame_ids = recording(), [new_frame_id(), new_frame_id()]
    for frame_id in frame_ids:
        hop = _hop(tracer, frame_id)
        with hop.activate():
            span = trace.get_current_span()
            span.update_name("detect people")
            span.set_attribute("objects", 3)
            span.end()
        hop.end(T0 + 1, Outcome.COMPLETED)
    assert tracer.flush(5)

    journeys = [receiver.journey(frame_id) for frame_id in frame_ids]
    assert [[span.name for span in journey.spans if span.is_hop] for journey in journeys] == [["process_frame"]] * 2
    assert all(journey.spans[0].attributes["objects"] == 3 for journey in journeys)
    assert capsys.readouterr().out.count("a frame's own span is not changed so") == 2  # each refusal once


def test_a_forked_child_traces_on_and_sends_nothing_of_its_parents(
    recording: Any, receiver: Any, new_frame_id: Any
) -> None:
    tracer = recording()
    _hop(tracer, new_frame_id()).end(T0 + 1, Outcome.COMPLETED)
    child = os.fork()
    if child == 0:
        _hop(tracer, new_frame_id()).end(T0 + 1, Outcome.COMPLETED)
        sent = tracer.flush(5) and tracer.counts().exported == tracer.counts().created == 1
        os._exit(0 if sent else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert tracer.flush(5)
    assert len({span.trace_id for _, span in receiver.spans()}) == len(receiver.spans()) == 2


def test_tracings_own_cpu_time_is_accounted_for(recording: Any, new_frame_id: Any) -> None:
    tracer, frame_ids = recording(), [new_frame_id() for _ in range(2000)]
    begun = time.process_time()
    for frame_id in frame_ids:
        hop = _hop(tracer, frame_id)
        with hop.activate():
            pass
        hop.end(T0 + 1, Outcome.COMPLETED)
    tracer.flush(5)
    spent = time.process_time() - begun

    assert 0 < tracer.counts().cpu_seconds < 2 * spent


def test_the_cpu_time_of_a_handlers_own_spans_is_accounted_for(recording: Any, new_frame_id: Any) -> None:
    tracer, frame_ids = recording(), [new_frame_id() for _ in range(20)]
    theirs = tracer.provider.get_tracer("theirs")
    begun = time.process_time()
    for frame_id in frame_ids:
        hop = _hop(tracer, frame_id)
        with hop.activate():
            for number in range(100):
                with theirs.start_as_current_span("detect") as span:
                    span.set_attribute("number", number)
        hop.end(T0 + 1, Outcome.COMPLETED)
    tracer.flush(5)
    spent = time.process_time() - begun  # all of it is tracing's

    assert 0.3 * spent < tracer.counts().cpu_seconds < 2 * spent
