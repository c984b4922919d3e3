from __future__ import annotations

import pytest
from frame_tracking import Clock, FrameIDGenerator, tree
from telemetry import MemoryTracer, Service

FRAME = FrameIDGenerator("cam01", clock=Clock(wall=lambda: 10**18, monotonic=lambda: 0), session=lambda: "a7f3c").next()


@pytest.fixture
def tracer() -> MemoryTracer:
    return MemoryTracer(Service("rtsp-capture", "parking"))


def test_it_refuses_a_span_that_ends_before_it_starts(tracer: MemoryTracer) -> None:
    hop = tracer.capture(FRAME, 10, {})
    with pytest.raises(ValueError, match="cannot end at 4"):
        hop.record("decode_frame", 5, 4)


def test_it_refuses_a_second_end(tracer: MemoryTracer) -> None:
    hop = tracer.capture(FRAME, 10, {})
    hop.end(11)
    with pytest.raises(ValueError, match="cannot end"):
        hop.end(12)


def test_it_refuses_sent_without_send_and_an_end_in_between(tracer: MemoryTracer) -> None:
    hop = tracer.capture(FRAME, 10, {})
    with pytest.raises(ValueError, match="without send"):
        hop.sent(11)
    hop.send("queue", 11)
    with pytest.raises(ValueError, match="while it is sending"):
        hop.end(12)


def test_it_refuses_spans_after_the_end(tracer: MemoryTracer) -> None:
    hop = tracer.capture(FRAME, 10, {})
    hop.end(11)
    with pytest.raises(ValueError, match="after the hop's end"):
        hop.record("decode_frame", 12, 13)


def test_equal_work_gives_equal_trees() -> None:
    def work() -> list[str]:
        tracer = MemoryTracer(Service("rtsp-capture", "parking"))
        hop = tracer.capture(FRAME, 10**18, {})
        hop.record("decode_frame", 10**18, 10**18 + 2_000_000)
        hop.end(10**18 + 5_000_000)
        return tree(tracer.store.journey(FRAME.trace_id))

    assert work() == work()
    assert work()[1:] == [
        "└─ capture_frame  [rtsp-capture]  +0.0 ms  5.00 ms",
        "   └─ decode_frame  [rtsp-capture]  +0.0 ms  2.00 ms",
    ]
