"""Every frame tracer: one frame's trace as the design's table has it, and how contexts travel."""

from __future__ import annotations

from typing import Any

import pytest
from frame_tracking import Arrival, DropReason, Outcome, Topology, TraceContext, judge, recover
from telemetry import Sampling

T0 = 1_800_000_000_000_000_000
MS = 1_000_000


@pytest.fixture
def tracers(bench: Any, capture_service: Any, motion_service: Any) -> tuple[Any, Any]:
    return bench.tracer(capture_service), bench.tracer(motion_service)


def _capture(tracer: Any, frame_id: Any) -> TraceContext:
    hop = tracer.capture(frame_id, T0, {"frame.width": 640, "frame.keyframe": True})
    hop.record("decode_frame", T0, T0 + 2 * MS)
    hop.record("process_frame", T0 + 2 * MS, T0 + 5 * MS, {"frame.size_bytes": 1234, "frame.processing_ms": 3.5})
    context: TraceContext = hop.send("cam01.capture", T0 + 5 * MS)
    hop.sent(T0 + 6 * MS, {"messaging.system": "redis"})
    hop.end(T0 + 7 * MS)
    return context


def _process(tracer: Any, frame_id: Any, arrived: tuple[TraceContext, Arrival]) -> Any:
    hop = tracer.process(frame_id, arrived, T0 + 10 * MS, {"frametrace.delivery.count": 1})
    hop.end(T0 + 20 * MS, Outcome.COMPLETED)
    return hop


def test_a_frames_spans_have_the_names_parents_and_times_of_the_table(
    bench: Any, tracers: Any, new_frame_id: Any
) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers
    capture.follow(Sampling(revision="rev1"))

    context = _capture(capture, frame_id)
    _process(motion, frame_id, recover(frame_id, context.traceparent))

    journey = bench.journey(frame_id, 5)
    names = {span.span_id: span.name for span in journey.spans}
    found = [
        (s.name, s.service, s.attributes["span.kind"], names.get(s.parent_id), s.start_us - T0 // 1000, s.duration_us)
        for s in journey.spans
    ]
    assert sorted(found) == [
        ("capture_frame", "rtsp-capture", "internal", None, 0, 7000),
        ("decode_frame", "rtsp-capture", "internal", "capture_frame", 0, 2000),
        ("process_frame", "motion", "consumer", "send cam01.capture", 10_000, 10_000),
        ("process_frame", "rtsp-capture", "internal", "capture_frame", 2000, 3000),
        ("send cam01.capture", "rtsp-capture", "producer", "capture_frame", 5000, 1000),
    ]
    assert judge(journey, Topology.of([("motion", "capture")])).complete


def test_a_frames_spans_carry_their_attributes(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers
    capture.follow(Sampling(revision="rev1"))

    context = _capture(capture, frame_id)
    _process(motion, frame_id, recover(frame_id, context.traceparent))

    spans = {(s.service, s.name): s for s in bench.journey(frame_id, 5).spans}
    root = spans["rtsp-capture", "capture_frame"].attributes
    stage = spans["motion", "process_frame"]
    assert {
        "frame.id": str(frame_id),
        "frame.sequence": frame_id.sequence,
        "camera.id": "cam01",
        "pipeline.name": "parking",
        "frametrace.revision": "rev1",
        "frametrace.sampling.ratio": 1.0,
        "frame.width": 640,
        "frame.keyframe": True,
    }.items() <= dict(root).items()
    assert {"frame.size_bytes": 1234, "camera.id": "cam01", "frame.processing_ms": 3.5}.items() <= dict(
        spans["rtsp-capture", "process_frame"].attributes
    ).items()
    assert {
        "messaging.system": "redis",
        "messaging.operation.name": "send",
        "messaging.destination.name": "cam01.capture",
    }.items() <= dict(spans["rtsp-capture", "send cam01.capture"].attributes).items()
    assert {
        "frame.id": str(frame_id),
        "camera.id": "cam01",
        "stage.name": "motion",
        "messaging.operation.name": "process",
        "frame.outcome": "completed",
        "frametrace.delivery.count": 1,
    }.items() <= dict(stage.attributes).items()
    assert "frame.context_lost" not in stage.attributes
    assert "frame.outcome" not in root


def test_the_sent_context_is_the_send_spans_and_the_stage_links_it(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers

    context = _capture(capture, frame_id)
    _process(motion, frame_id, (context, Arrival.KEPT))

    spans = {(s.service, s.name): s for s in bench.journey(frame_id, 5).spans}
    stage = spans["motion", "process_frame"]
    assert (context.trace_id, context.flags) == (frame_id.trace_id, 3)
    assert context.span_id == spans["rtsp-capture", "send cam01.capture"].span_id
    # Jaeger keeps a link to the parent beside the parent, or as the parent alone.
    assert stage.parent_id == context.span_id
    assert set(stage.links) <= {context.span_id}


def test_the_tracestate_travels_with_the_frame(tracers: Any, new_frame_id: Any) -> None:
    frame_id, (_, motion) = new_frame_id(), tracers
    arrived = TraceContext(frame_id.trace_id, "a" * 16, 3, "vendor=x,other=y")

    hop = motion.process(frame_id, (arrived, Arrival.KEPT), T0, {})
    onward = hop.send("cam01.motion", T0 + 1)
    hop.sent(T0 + 2)
    hop.end(T0 + 3)

    assert (onward.tracestate, onward.flags) == ("vendor=x,other=y", 3)


def test_a_lost_context_goes_on_as_a_root_of_the_computed_trace(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (_, motion) = new_frame_id(), tracers

    hop = _process(motion, frame_id, recover(frame_id, None))

    (span,) = bench.journey(frame_id, 1).spans
    assert (span.parent_id, span.links, span.attributes["frame.context_lost"]) == (None, (), True)
    assert hop.context.trace_id == frame_id.trace_id


def test_a_frame_left_out_by_sampling_is_recorded_nowhere_and_says_so(
    bench: Any, tracers: Any, new_frame_id: Any
) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers
    capture.follow(Sampling(ratio=0.0))

    context = _capture(capture, frame_id)
    hop = motion.process(frame_id, recover(frame_id, context.traceparent), T0, {})
    onward = hop.send("cam01.motion", T0)
    hop.sent(T0)
    hop.end(T0, Outcome.COMPLETED)

    assert (context.trace_id, context.flags, context.is_valid()) == (frame_id.trace_id, 2, True)
    assert (onward, hop.recording) == (context, False)
    assert bench.journey(frame_id, 0).spans == ()
    assert motion.counts().created == 0


def test_a_stage_obeys_the_flag_whatever_its_own_ratio(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers
    motion.follow(Sampling(ratio=0.0))

    context = _capture(capture, frame_id)
    hop = _process(motion, frame_id, (context, Arrival.KEPT))

    assert hop.context.sampled
    assert len(bench.journey(frame_id, 5).spans) == 5


def test_an_untraced_frame_stays_untraced(tracers: Any, new_frame_id: Any) -> None:
    frame_id, (_, motion) = new_frame_id(), tracers
    arrived = TraceContext.untraced(frame_id)

    hop = motion.process(frame_id, (arrived, Arrival.KEPT), T0, {})
    motion.drop(frame_id, arrived, (Outcome.DROPPED, DropReason.OVERFLOW), {"stage.name": "motion"})

    assert (hop.recording, hop.context, hop.send("x", T0)) == (False, arrived, arrived)
    assert motion.counts().created == 0


def test_the_ratio_decides_by_trace_id_alike_everywhere(tracers: Any, new_frame_id: Any) -> None:
    capture, other = tracers
    for tracer in tracers:
        tracer.follow(Sampling(ratio=1.0, by_camera={"cam01": 0.25}))
    frame_ids = [new_frame_id() for _ in range(400)]

    decided = [
        [tracer.capture(frame_id, T0, {}).context.sampled for frame_id in frame_ids] for tracer in (capture, other)
    ]

    assert decided[0] == decided[1]
    assert 60 <= sum(decided[0]) <= 140


def test_a_failed_hop_says_so(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, motion) = new_frame_id(), tracers
    context = _capture(capture, frame_id)

    hop = motion.process(frame_id, (context, Arrival.KEPT), T0 + 10 * MS, {})
    hop.fail(ValueError("no picture"))
    hop.end(T0 + 11 * MS, Outcome.DEAD_LETTERED)

    journey = bench.journey(frame_id, 5)
    (stage,) = [span for span in journey.spans if span.service == "motion"]
    assert stage.failed
    assert journey.outcome is Outcome.DEAD_LETTERED


def test_a_dropped_frame_has_its_own_span_and_accounts_for_the_branch(
    bench: Any, tracers: Any, new_frame_id: Any
) -> None:
    frame_id, (capture, _) = new_frame_id(), tracers
    context = _capture(capture, frame_id)

    capture.drop(frame_id, context, (Outcome.DROPPED, DropReason.OVERFLOW), {"stage.name": "motion"})

    journey = bench.journey(frame_id, 5)
    (drop,) = [span for span in journey.spans if span.name == "drop_frame"]
    told = [drop.attributes[key] for key in ("frame.id", "frame.outcome", "frame.drop_reason", "stage.name")]
    assert told == [str(frame_id), "dropped", "overflow", "motion"]
    assert drop.parent_id == context.span_id
    assert judge(journey, Topology.of([("motion", "capture"), ("resize", "motion")])).complete


def test_every_span_is_counted(bench: Any, tracers: Any, new_frame_id: Any) -> None:
    frame_id, (capture, _) = new_frame_id(), tracers
    _capture(capture, frame_id)
    bench.journey(frame_id, 4)

    counts = capture.counts()

    assert (counts.created, counts.exported, counts.dropped) == (4, 4, {})
