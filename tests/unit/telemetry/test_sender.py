"""The sender's thread: what is flushed, retried and given up, over a sink in memory."""

from __future__ import annotations

import threading
import time

import pytest
from frame_tracking import FrameIDGenerator
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from telemetry import Answer, MemorySink, Receipt, Service
from telemetry.recording import RecordingTracer

IDS = FrameIDGenerator("cam01")
SMALL = {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2", "OTEL_BSP_SCHEDULE_DELAY": "60000"}


class GatedSink(MemorySink):
    """Holds its first request back until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.gate = threading.Event(), threading.Event()

    def send(self, request: bytes, timeout_seconds: float) -> Receipt:
        self.asked.set()
        assert self.gate.wait(10)
        return super().send(request, timeout_seconds)


class FaultySink(MemorySink):
    """Breaks its promise once, and raises."""

    def send(self, request: bytes, timeout_seconds: float) -> Receipt:
        if not self.requests:
            self.requests.append(b"")
            raise OverflowError("too large")
        return super().send(request, timeout_seconds)


def _tracer(sink: MemorySink, deadline_seconds: float = 5.0) -> RecordingTracer:
    resource = Resource({"service.name": "rtsp-capture"})
    return RecordingTracer(
        Service("rtsp-capture"), sink, deadline_seconds=deadline_seconds, environ=SMALL, resource=resource
    )


def _frames(tracer: RecordingTracer, number: int) -> None:
    for _ in range(number):
        tracer.capture(IDS.next(), 1, {}).end(2)


def _sent(sink: MemorySink) -> list[int]:
    requests = [ExportTraceServiceRequest.FromString(request) for request in sink.requests]
    return [sum(len(ss.spans) for rs in request.resource_spans for ss in rs.scope_spans) for request in requests]


@pytest.mark.parametrize("more", [0, 1, 2, 5])
def test_a_flush_that_begins_while_a_request_is_under_way_sends_the_rest_too(more: int) -> None:
    sink = GatedSink()
    tracer = _tracer(sink)
    _frames(tracer, 2)
    assert sink.asked.wait(10)
    _frames(tracer, more)
    done: list[bool] = []
    flushing = threading.Thread(target=lambda: done.append(tracer.flush(10)))
    flushing.start()
    sink.gate.set()
    flushing.join()

    assert (done, sum(_sent(sink)), tracer.counts().exported) == ([True], 2 + more, 2 + more)


def test_requests_hold_no_more_than_a_batch() -> None:
    sink = MemorySink()
    tracer = _tracer(sink)
    _frames(tracer, 7)

    assert tracer.flush(10)
    assert _sent(sink) == [2, 2, 2, 1]


def test_a_receiver_that_asks_for_patience_is_asked_again() -> None:
    sink = MemorySink(answers=[Receipt(Answer.UNAVAILABLE, after_seconds=0.01)])
    tracer = _tracer(sink)
    _frames(tracer, 1)

    assert tracer.flush(10)
    assert (_sent(sink), tracer.counts().dropped) == ([1], {})


def test_patience_ends_with_the_deadline() -> None:
    sink = MemorySink(answers=[Receipt(Answer.UNAVAILABLE, after_seconds=99)])
    tracer = _tracer(sink)
    _frames(tracer, 1)

    assert tracer.flush(10) is False
    assert tracer.counts().dropped == {"unavailable": 1}


def test_a_receiver_that_asks_for_longer_than_a_request_may_take_is_left_alone_until_then() -> None:
    sink = MemorySink(answers=[Receipt(Answer.UNAVAILABLE, after_seconds=0.4)])
    tracer = _tracer(sink, deadline_seconds=0.2)
    asked: list[float] = []
    keep = sink.send

    def send(request: bytes, timeout_seconds: float) -> Receipt:
        asked.append(time.monotonic())
        return keep(request, timeout_seconds)

    sink.send = send  # type: ignore[method-assign]  # listens only
    _frames(tracer, 4)
    deadline = time.monotonic() + 30
    while _told(tracer) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)

    # The first request has two frames at most: one if it was made before the second frame was there.
    assert _told(tracer) == 4
    assert (tracer.counts().dropped.keys(), tracer.counts().exported) in (({"unavailable"}, 2), ({"unavailable"}, 3))
    assert asked[1] - asked[0] >= 0.4
    tracer.shutdown(10)


def _told(tracer: RecordingTracer) -> int:
    counts = tracer.counts()
    return counts.exported + sum(counts.dropped.values())


def test_what_cannot_be_encoded_costs_no_other_frame_its_spans() -> None:
    sink = MemorySink()
    tracer = _tracer(sink)
    _frames(tracer, 1)
    tracer.capture(IDS.next(), 1, {"odd": object()}).end(2)  # type: ignore[dict-item]  # against the types, as a user may
    _frames(tracer, 1)

    assert tracer.flush(10) is False
    assert (sum(_sent(sink)), tracer.counts().dropped) == (2, {"unencodable": 1})


def test_a_sink_that_raises_costs_its_request_and_not_the_thread() -> None:
    sink = FaultySink()
    tracer = _tracer(sink)
    _frames(tracer, 1)
    first = tracer.flush(10)
    _frames(tracer, 2)

    assert (first, tracer.flush(10), tracer.counts().exported) == (False, True, 2)
    assert tracer.counts().dropped == {"refused": 1}


def test_frames_go_on_where_no_thread_can_be_had_and_their_spans_are_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    sink = MemorySink()
    tracer = _tracer(sink)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        _frames(tracer, 1)
    _frames(tracer, 1)

    assert (tracer.flush(10), sum(_sent(sink))) == (True, 2)
