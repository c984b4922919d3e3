# ruff: noqa: ANN001, ANN201, ARG002 - the yard's type lives in conftest.py, which cannot be imported
from __future__ import annotations

from dataclasses import replace

import pytest
from camera_runtime.capture.events import Lost, LostReason, Received
from camera_runtime.capture.memory import MemoryPacket, MemorySource
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.capture.taker import PictureTaker
from camera_runtime.run.capture_parts import capture_parts
from camera_runtime.stages.decoder import PictureDecoder
from camera_runtime.transports.base import BrokerUnavailableError
from frame_tracking import Attribute, DropReason, Outcome, Topology, judge
from frametrace_api.contract import BrokerContract, CameraContract, CaptureContract, PipelineRef
from telemetry import MemoryTracer, Service

NOW = 10**18


class Unreachable:
    """A producer whose broker is away."""

    destination = "cam01.capture"

    def send(self, frame, trace_context):
        raise BrokerUnavailableError("Redis at redis:6379 is not reachable")

    def close(self):
        pass


def test_a_packet_becomes_a_frame_in_the_queue_with_its_trace(yard, picture) -> None:
    pipeline = yard.pipeline()
    pipeline.begin()

    yard.play(pipeline, [MemoryPacket(NOW, [picture()])])

    consumer = yard.broker.consumer("motion", "capture")
    consumer.set_cameras(["cam01"])
    frame, context = consumer.receive(0)
    journey = yard.store.journey(frame.frame_id.trace_id)
    assert [span.name for span in journey.spans] == [
        "capture_frame",
        "decode_frame",
        "process_frame",
        "send cam01.capture",
    ]
    assert context.span_id == journey.spans[-1].span_id
    assert frame.picture[:2] == b"\xff\xd8"
    assert (frame.metadata.width, frame.metadata.height, frame.metadata.encoding) == (64, 48, "jpeg")
    assert journey.spans[2].attributes[Attribute.FRAME_SIZE_BYTES] == len(frame.picture)
    assert yard.account.calls == [
        ("entered", 1, True, False), ("broker", True, ""), ("left", 1), ("processed", 1, True, True),
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["JPEG", "Raw"])
def test_the_snapshot_is_the_newest_picture_as_jpeg_whatever_is_sent(yard, picture, encoding: str) -> None:
    contract = CaptureContract(
        pipeline=PipelineRef(namespace="default", name="yard", uid="u"),
        camera=CameraContract(id="cam01", url="test://"),
        broker=BrokerContract(),
        encoding=encoding,
    )
    tools = MemoryTracer(Service("rtsp-capture", "yard"), yard.store), yard.account
    parts = capture_parts(contract, tools, yard.broker.producer("cam01", "capture"), "memory")
    before = parts.snapshot()

    yard.play(
        parts.pipeline, [MemoryPacket(NOW, [picture(level)]) for level in (30, 90)], encoder=PictureEncoder(encoding)
    )

    metadata = replace(parts.pipeline.last_frame.metadata, encoding="jpeg")
    shown = PictureDecoder().rgb(parts.snapshot(), metadata)
    assert (before, shown.shape) == (b"", (48, 64, 3))
    assert abs(int(shown.mean()) - 90) < 3


def test_without_stages_a_frame_is_complete_at_capture(new_yard, picture) -> None:
    yard = new_yard(stages=())
    yard.play(yard.pipeline(), [MemoryPacket(NOW, [picture()])])
    journey = yard.store.journey(yard.store.spans[0].context.trace_id)
    assert judge(journey, Topology()).complete
    assert yard.account.calls[-2] == ("ended", 1, Outcome.COMPLETED, None)


def test_frames_begin_with_a_key_frame(yard, picture) -> None:
    pipeline = yard.pipeline()
    yard.play(pipeline, [MemoryPacket(NOW, [picture()], keyframe) for keyframe in (False, False, True, False)])
    assert yard.account.names().count("entered") == 2


def test_frames_over_the_rate_get_no_id_and_are_counted(yard, picture) -> None:
    packets = [MemoryPacket(NOW + number * 33_333_333, [picture()]) for number in range(6)]
    yard.play(yard.pipeline(), packets, pace=Pace.of("10"))
    assert [call[1] for call in yard.account.calls if call[0] == "entered"] == [1, 2]
    assert yard.account.calls.count(("skipped", "cam01")) == 4


def test_a_broker_that_is_away_costs_the_frame_and_nothing_else(yard, picture) -> None:
    pipeline = yard.pipeline(producer=Unreachable())
    yard.play(pipeline, [MemoryPacket(NOW, [picture()])] * 3)
    ended = ("ended", 3, Outcome.DROPPED, DropReason.BROKER_UNAVAILABLE)
    assert yard.account.calls[-2] == ended
    assert yard.account.calls[-3] == ("broker", False, "Redis at redis:6379 is not reachable")
    journey = yard.store.journey(yard.store.spans[-1].context.trace_id)
    assert journey.outcome is Outcome.DROPPED
    assert [span.name for span in journey.spans if span.failed] == ["send cam01.capture"]


def test_a_refused_frame_is_dropped_for_overflow(new_yard, picture) -> None:
    yard = new_yard(overflow="DropNewest", max_frames=1)
    pipeline = yard.pipeline()
    yard.play(pipeline, [MemoryPacket(NOW, [picture()])] * 2)
    assert yard.account.calls[-2] == ("ended", 2, Outcome.DROPPED, DropReason.OVERFLOW)


def test_a_frame_that_makes_room_ends_as_a_drop_of_its_own_trace(new_yard, picture) -> None:
    yard = new_yard(max_frames=1)
    pipeline = yard.pipeline()
    yard.play(pipeline, [MemoryPacket(NOW, [picture()])] * 2)
    assert yard.account.calls[-2] == ("dropped", 1, "motion", DropReason.OVERFLOW)
    first = yard.store.journey(yard.store.spans[0].context.trace_id)
    assert judge(first, Topology.of(yard.stages)).complete
    assert first.outcome is Outcome.DROPPED


def test_a_damaged_packet_is_a_dropped_frame_with_a_trace(yard) -> None:
    yard.play(yard.pipeline(), [MemoryPacket(NOW, damaged=True)])
    assert yard.account.calls[-1] == ("ended", 1, Outcome.DROPPED, DropReason.MALFORMED)


def test_a_picture_that_the_decoder_held_back_keeps_the_time_of_its_own_packet(yard, picture) -> None:
    first, second = picture(), picture()
    first.pts, second.pts = 1, 2
    packets = [MemoryPacket(NOW, pts=1), MemoryPacket(NOW + 1000, [first], pts=2), MemoryPacket(NOW + 2000, [second])]
    feed = yard.feed(MemorySource(packets))
    feed.open()
    events = feed.events()
    assert [next(events).received.wall_ns for _ in range(2)] == [NOW, NOW + 1000]


def test_pictures_that_nobody_took_in_time_are_dropped_frames_with_their_reason(yard) -> None:
    lost = Lost(Received(NOW, 5), LostReason.OVERFLOW, "the broker did not take pictures in time", count=2)
    yard.pipeline().take(lost)
    ends = [call for call in yard.account.calls if call[0] == "ended"]
    assert ends == [("ended", number, Outcome.DROPPED, DropReason.OVERFLOW) for number in (1, 2)]


def test_without_room_a_picture_is_lost_before_it_is_encoded(picture) -> None:
    taker = PictureTaker(Pace(), PictureEncoder(), has_room=lambda: False)
    events = list(taker.take(MemoryPacket(NOW, [picture()])))
    assert [(type(event), event.reason) for event in events] == [(Lost, LostReason.OVERFLOW)]


def test_stream_time_goes_into_the_metadata_only(yard, picture) -> None:
    yard.play(yard.pipeline(timestamps="Stream"), [MemoryPacket(NOW, [picture()])], encoder=PictureEncoder("Raw"))
    consumer = yard.broker.consumer("motion", "capture")
    consumer.set_cameras(["cam01"])
    frame, _ = consumer.receive(0)
    assert frame.metadata.timestamp.timestamp() == NOW / 1e9
    assert len(frame.picture) == 64 * 48 * 3
