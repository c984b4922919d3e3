"""The recording tracer alone: a handler's own spans, every loss counted by its cause, bounded shutdown, set-up by environment."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import weakref
from contextlib import nullcontext
from typing import Any

import pytest
from frame_tracking import Arrival, Outcome, TraceContext, recover
from frametrace_api.contract import LiveContract, LiveTracing, TracingState
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)
from telemetry import Sampling, SwitchableTracer, current_hop, set_up_tracing
from telemetry.sampling import Keep

T0 = 1_800_000_000_000_000_000
SECRET = "c4nary-s3cret"


def _frame(tracer: Any, frame_id: Any) -> TraceContext:
    hop = tracer.capture(frame_id, T0, {})
    hop.record("decode_frame", T0, T0 + 1)
    hop.end(T0 + 2)
    context: TraceContext = hop.context
    return context


def test_a_handlers_spans_nest_under_the_hop(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    tracer, frame_id = recording(), new_frame_id()
    theirs = tracer.provider.get_tracer("a user's library")

    hop = tracer.process(frame_id, recover(frame_id, None), T0, {})
    with hop.activate(), theirs.start_as_current_span("detect") as span:
        inside = current_hop()
        trace.get_current_span().add_event("seen", {"objects": 3})
        with theirs.start_as_current_span("load model"):
            assert span.is_recording()
    hop.end(time.time_ns(), Outcome.COMPLETED)
    assert tracer.flush(5)

    journey = receiver.journey(frame_id)
    names = {span.span_id: span.name for span in journey.spans}
    parents = {span.name: names.get(span.parent_id or "") for span in journey.spans}
    assert parents == {"process_frame": None, "detect": "process_frame", "load model": "detect"}
    assert inside is not None
    assert (inside.frame_id, inside.trace_id) == (frame_id, frame_id.trace_id)
    assert current_hop() is None


@pytest.mark.parametrize("flags", [0, 2])
def test_a_handlers_spans_in_an_unrecorded_hop_are_not_recorded(
    recording: Any, receiver: Any, new_frame_id: Any, flags: int
) -> None:
    tracer, frame_id = recording(), new_frame_id()
    arrived = TraceContext(frame_id.trace_id, "a" * 16, flags)

    hop = tracer.process(frame_id, (arrived, Arrival.KEPT), T0, {})
    with hop.activate(), tracer.provider.get_tracer("theirs").start_as_current_span("detect") as span:
        context = span.get_span_context()
    assert tracer.flush(5)

    assert (f"{context.trace_id:032x}", int(context.trace_flags) & 1) == (frame_id.trace_id, 0)
    assert receiver.spans() == []


def test_a_hop_that_turns_out_not_to_be_kept_leaves_nothing_behind(recording: Any, new_frame_id: Any) -> None:
    tracer, frame_id = recording(), new_frame_id()
    tracer.follow(Sampling(ratio=0.0, keep=Keep(errors=True)))

    hop = tracer.capture(frame_id, T0, {})
    with hop.activate():
        trace.get_current_span().set_attribute("seen", 3)
    hop.end(T0 + 1, Outcome.COMPLETED)

    kept = weakref.ref(hop)
    del hop
    gc.collect()
    assert kept() is None
    assert tracer.counts().created == 0


@pytest.mark.parametrize("inner", [False, True])
def test_spans_of_a_forked_child_are_sent_by_it(
    recording: Any, receiver: Any, new_frame_id: Any, *, inner: bool
) -> None:
    tracer, frame_id = recording(), new_frame_id()
    theirs = tracer.provider.get_tracer("theirs")
    around = theirs.start_as_current_span("around") if inner else nullcontext()

    hop = tracer.process(frame_id, recover(frame_id, None), T0, {})
    with hop.activate(), around:
        child = os.fork()
        if not child:
            with theirs.start_as_current_span("in the child"):
                pass
            os._exit(0 if tracer.flush(5) and tracer.counts().exported == 1 else 1)
        status = os.waitpid(child, 0)[1]
    hop.end(time.time_ns(), Outcome.COMPLETED)
    assert tracer.flush(5)

    spans = {span.name: span for span in receiver.journey(frame_id).spans}
    assert status == 0
    assert sorted(spans) == sorted(["process_frame", "in the child", *["around"] * inner])
    assert spans["in the child"].parent_id == spans["around" if inner else "process_frame"].span_id
    assert spans["in the child"].attributes["frame.late"] is True


def test_a_users_own_roots_follow_the_live_switch(recording: Any, receiver: Any) -> None:
    tracer = recording()
    theirs = tracer.provider.get_tracer("theirs")
    for sampling, name in ((Sampling(on=False), "off"), (Sampling(), "on")):
        tracer.follow(sampling)
        theirs.start_span(name).end()

    assert tracer.flush(5)

    assert [span.name for _, span in receiver.spans()] == ["on"]


def test_a_failure_tells_no_credential(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    tracer = recording()
    hop = tracer.capture(new_frame_id(), T0, {})
    hop.fail(ConnectionRefusedError(f"refused: 'rtsp://user:{SECRET}@camera/1'"))
    hop.end(T0 + 1)
    assert tracer.flush(5)

    ((_, span),) = receiver.spans()
    assert SECRET not in str(span)
    assert span.events[0].name == "exception"
    assert "rtsp://***@camera/1" in span.status.message


def test_spans_beyond_the_queue_are_counted(
    recording: Any, receiver: Any, new_frame_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "50")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "50")
    receiver.answer = lambda: (503, b"", {"Retry-After": "1"})
    tracer = recording()

    for _ in range(500):
        _frame(tracer, new_frame_id())
    receiver.answer = lambda: (200, b"", {})
    tracer.flush(10)

    counts = tracer.counts()
    assert counts.created == 1000
    assert counts.exported + counts.dropped["queue_full"] == 1000
    assert counts.exported == len(receiver.spans())
    assert counts.dropped["queue_full"] > 500


@pytest.mark.parametrize(("status", "cause"), [(400, "refused"), (302, "refused"), (500, "refused")])
def test_refused_spans_are_counted(recording: Any, receiver: Any, new_frame_id: Any, status: int, cause: str) -> None:
    receiver.answer = lambda: (status, b"no", {})
    tracer = recording()
    _frame(tracer, new_frame_id())

    assert tracer.flush(5) is False

    assert (tracer.counts().exported, tracer.counts().dropped) == (0, {cause: 2})


def test_partly_rejected_spans_are_counted(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    partial = ExportTraceServiceResponse(partial_success=ExportTracePartialSuccess(rejected_spans=1))
    receiver.answer = lambda: (200, partial.SerializeToString(), {})
    tracer = recording()
    _frame(tracer, new_frame_id())

    assert tracer.flush(5) is False

    assert (tracer.counts().exported, tracer.counts().dropped) == (1, {"rejected": 1})


def test_an_answer_that_is_garbage_is_still_a_yes(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    receiver.answer = lambda: (200, b"\xff\xff<html>", {})
    tracer = recording()
    _frame(tracer, new_frame_id())

    assert tracer.flush(5) is True
    assert tracer.counts().exported == 2


def test_an_absent_backend_costs_spans_and_nothing_else(
    recording: Any, new_frame_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    tracer = recording()

    context = _frame(tracer, new_frame_id())

    assert context.sampled
    assert tracer.flush(10) is False
    assert tracer.counts().dropped == {"unavailable": 2}


def test_shutdown_keeps_its_deadline_and_counts_what_it_gave_up(
    recording: Any, receiver: Any, new_frame_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answer = lambda: (503, b"", {"Retry-After": "5"})
    tracer = recording()
    _frame(tracer, new_frame_id())

    began = time.monotonic()
    assert tracer.shutdown(0.5) is False

    assert time.monotonic() - began < 3
    assert tracer.counts().dropped == {"shutdown": 2}
    _frame(tracer, new_frame_id())
    assert tracer.counts().created == 4
    assert tracer.counts().dropped == {"shutdown": 4}


def test_live_switching_loses_no_frame_and_no_ended_span(recording: Any, receiver: Any, new_frame_id: Any) -> None:
    switch = SwitchableTracer(recording())
    off = LiveContract(revision="r", tracing=LiveTracing(state=TracingState.OFF))
    none = LiveContract(revision="r", tracing=LiveTracing(ratio="0"))
    on = LiveContract(revision="r")
    begun_on = new_frame_id()
    hop = switch.capture(begun_on, T0, {})

    flags = []
    for contract in (off, none, on):
        switch.apply(contract)
        flags.append(_frame(switch, new_frame_id()).flags)
    hop.end(T0 + 1)
    assert switch.flush(5)

    assert flags == [0, 2, 3]
    assert [span.name for span in receiver.journey(begun_on).spans] == ["capture_frame"]
    assert switch.counts().created == len(receiver.spans()) == 3


def test_the_environment_sets_everything_up(
    receiver: Any, capture_service: Any, new_frame_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "named-by-environment")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=capture-0")
    tracer = set_up_tracing(capture_service, make_global=False)

    _frame(tracer, new_frame_id())

    assert tracer.shutdown(5)
    resource = receiver.requests[0].resource_spans[0].resource
    found = {attribute.key: attribute.value.string_value for attribute in resource.attributes}
    assert (found["service.name"], found["k8s.pod.name"]) == ("named-by-environment", "capture-0")


def test_the_sampler_of_the_environment_holds_until_the_live_contract_does(
    receiver: Any, capture_service: Any, new_frame_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    tracer = set_up_tracing(capture_service, make_global=False)

    before = _frame(tracer, new_frame_id()).flags
    tracer.apply(LiveContract(revision="r"))
    after = _frame(tracer, new_frame_id()).flags

    assert (before, after) == (2, 3)
    assert tracer.shutdown(5)
    assert len(receiver.spans()) == 2


def test_a_disabled_sdk_sends_nothing_and_frames_still_have_valid_contexts(
    receiver: Any, capture_service: Any, new_frame_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    tracer, frame_id = set_up_tracing(capture_service, make_global=False), new_frame_id()

    context = _frame(tracer, frame_id)
    tracer.apply(LiveContract(revision="r"))
    still = _frame(tracer, frame_id)

    assert (context.trace_id, context.flags, context.is_valid()) == (frame_id.trace_id, 0, True)
    assert still == context
    assert tracer.shutdown(1)
    assert receiver.requests == []


STOPPED = """
import signal, sys, time
from frame_tracking import FrameID
from telemetry import Service, set_up_tracing
tracer = set_up_tracing(Service("rtsp-capture"))
def stop(*_):
    sys.exit(0 if tracer.shutdown(5) else 1)
signal.signal(signal.SIGTERM, stop)
for _ in range(100):
    tracer.capture(FrameID.generate(), 1, {}).end(2)
print("ready", flush=True)
time.sleep(60)
"""


def test_sigterm_exports_every_ended_span(receiver: Any) -> None:
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.otlp_url}
    with subprocess.Popen([sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()

    assert process.returncode == 0
    assert len(receiver.spans()) == 100
