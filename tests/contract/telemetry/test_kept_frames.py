"""Every frame tracer: frames that sampling left out are traced all the same from the hop on where they fail or are slow."""

from __future__ import annotations

from typing import Any

import pytest
from frame_tracking import Arrival, Outcome, TraceContext, recover
from telemetry import Sampling
from telemetry.sampling import Keep

T0 = 1_800_000_000_000_000_000
MS = 1_000_000
NONE = Sampling(ratio=0.0, revision="rev1", keep=Keep(errors=True, slower_ns=50 * MS))


@pytest.fixture
def tracers(bench: Any, capture_service: Any, motion_service: Any) -> tuple[Any, Any]:
    made = bench.tracer(capture_service), bench.tracer(motion_service)
    for tracer in made:
        tracer.follow(NONE)
    return made


def _captured(tracer: Any, frame_id: Any, took_ms: int = 5) -> TraceContext:
    hop = tracer.capture(frame_id, T0, {})
    hop.record("decode_frame", T0, T0 + MS)
    context: TraceContext = hop.send("cam01.capture", T0 + took_ms * MS)
    hop.sent(T0 + took_ms * MS)
    hop.end(T0 + took_ms * MS)
    return context


def test_a_frame_that_is_neither_slow_nor_fails_stays_left_out(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers

    context = _captured(capture, frame_id)
    hop = motion.process(frame_id, recover(frame_id, context.traceparent), T0, {})
    onward = hop.send("cam01.motion", T0 + MS)
    hop.sent(T0 + MS)
    hop.end(T0 + MS, Outcome.COMPLETED)

    assert (context.flags, onward) == (2, context)
    assert bench.journey(frame_id, 0).spans == ()
    assert (capture.counts().created, motion.counts().created) == (0, 0)


def test_a_frame_that_fails_is_kept_from_there_on(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers
    context = _captured(capture, frame_id)

    hop = motion.process(frame_id, recover(frame_id, context.traceparent), T0, {})
    hop.record("detect", T0, T0 + MS)
    hop.fail(ValueError("no picture"))
    hop.end(T0 + 2 * MS, Outcome.DEAD_LETTERED)

    spans = {span.name: span for span in bench.journey(frame_id, 2).spans}
    root = spans["process_frame"]
    assert (root.parent_id, root.failed, root.links) == (None, True, ())
    assert root.attributes["frame.partial"] == "upstream"
    assert spans["detect"].parent_id == root.span_id
    assert "frame.partial" not in spans["detect"].attributes


def test_a_slow_frame_is_kept_and_later_hops_go_on_with_it(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers

    context = _captured(capture, frame_id, took_ms=60)
    received, arrival = recover(frame_id, context.traceparent, context.tracestate)
    motion.process(frame_id, (received, arrival), T0 + 70 * MS, {}).end(T0 + 71 * MS, Outcome.COMPLETED)

    spans = {(span.service, span.name): span for span in bench.journey(frame_id, 4).spans}
    root, stage = spans["rtsp-capture", "capture_frame"], spans["motion", "process_frame"]
    assert (context.sampled, context.partial, arrival) == (True, True, Arrival.KEPT)
    assert (root.parent_id, root.attributes["frame.partial"]) == (None, "upstream")
    assert stage.parent_id == spans["rtsp-capture", "send cam01.capture"].span_id
    assert "frame.partial" not in stage.attributes


def test_a_frame_whose_sending_fails_is_kept(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, _) = new_frame_id(), tracers

    hop = capture.capture(frame_id, T0, {})
    hop.send("cam01.capture", T0)
    hop.sent(T0 + MS, error=ConnectionError("gone"))
    hop.end(T0 + MS, Outcome.DROPPED)

    spans = {span.name: span for span in bench.journey(frame_id, 2).spans}
    assert spans["send cam01.capture"].failed
    assert spans["capture_frame"].attributes["frame.partial"] == "upstream"


@pytest.mark.parametrize("keep", [Keep(), Keep(slower_ns=50 * MS)])
def test_what_is_not_kept_is_not(bench: Any, tracers: Any, new_frame_id: Any, keep: Keep) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers
    motion.follow(Sampling(ratio=0.0, keep=keep))
    context = _captured(capture, frame_id)

    hop = motion.process(frame_id, recover(frame_id, context.traceparent), T0, {})
    hop.fail(ValueError("no picture"))
    hop.end(T0 + 2 * MS, Outcome.DEAD_LETTERED)

    assert bench.journey(frame_id, 0).spans == ()


def test_a_frame_that_was_switched_off_is_never_kept(tracers: Any, new_frame_id: Any) -> None:
    frame_id, (_, motion) = new_frame_id(), tracers
    arrived = TraceContext.untraced(frame_id)

    hop = motion.process(frame_id, (arrived, Arrival.KEPT), T0, {})
    hop.fail(ValueError("no picture"))
    hop.end(T0 + 100 * MS, Outcome.DEAD_LETTERED)

    assert motion.counts().created == 0
