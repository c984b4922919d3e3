from __future__ import annotations

import pytest
from camera_runtime.frame import Frame
from camera_runtime.transports import UnsupportedBrokerError, connect
from camera_runtime.transports.memory import MemoryBroker
from camera_runtime.transports.memory.store import Store
from frame_tracking import Clock, FrameID, FrameIDGenerator, FrameMetadata, Topology, TraceContext
from frametrace_api.contract import BrokerContract, PipelineRef


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def broker(time: Time) -> MemoryBroker:
    return MemoryBroker(BrokerContract(frame_seconds=60), lambda: Topology.of([("motion", "capture")]), clock=time)


def _frame(camera: str = "cam01") -> Frame:
    frame_id = FrameIDGenerator(camera, clock=Clock()).next()
    return Frame(FrameMetadata(frame_id=frame_id, timestamp=frame_id.time), b"picture")


def _send(broker: MemoryBroker, frame: Frame) -> None:
    broker.producer("cam01", "capture").send(frame, TraceContext.untraced(frame.frame_id))


def test_a_picture_is_gone_after_its_time(broker: MemoryBroker, time: Time) -> None:
    frame = _frame()
    _send(broker, frame)
    consumer = broker.consumer("motion", "capture")
    consumer.set_cameras(["cam01"])
    time.now += 61

    delivery = consumer.receive(0)

    assert delivery is not None
    assert (delivery.expired, delivery.frame.picture, delivery.queued_ms) == (True, b"", 61_000)
    assert broker.picture(frame.frame_id, "capture") is None


def test_a_frame_is_claimed_only_after_the_time_for_it(broker: MemoryBroker, time: Time) -> None:
    _send(broker, _frame())
    one, two = (broker.consumer("motion", "capture", claim_after_seconds=35) for _ in range(2))
    for consumer in (one, two):
        consumer.set_cameras(["cam01"])
    first = one.receive(0)
    time.now += 34.9
    early = two.receive(0)
    time.now += 0.1

    late = two.receive(0)

    assert first is not None
    assert early is None
    assert late is not None
    assert (late.frame.frame_id, late.count) == (first.frame.frame_id, 2)


def test_another_cameras_frame_is_refused(broker: MemoryBroker) -> None:
    with pytest.raises(ValueError, match="is not camera 'cam01'"):
        _send(broker, _frame("cam02"))


def test_what_rabbitmq_cannot_do_is_refused_by_name() -> None:
    pipeline = PipelineRef(namespace="a", name="b", uid="c")
    with pytest.raises(UnsupportedBrokerError, match="no overflow DropOldest"):
        connect(BrokerContract(type="RabbitMQ", overflow="DropOldest"), pipeline, Topology)


@pytest.mark.parametrize(("longest", "kept"), [(3000, 6000), (1, 4096)])
def test_finished_frames_are_remembered_as_long_as_they_can_be_in_a_queue_or_in_work(longest: int, kept: int) -> None:
    store = Store(BrokerContract(max_frames=longest), Topology, lambda: 0.0)
    frames = [FrameID(f"20260301T120000000000_cam01_aaaaa_{number:06d}") for number in range(1, 7001)]
    for frame in frames:
        assert store.finish_first("motion", frame)
        assert not store.finish_first("motion", frame)

    assert [store.is_finished("motion", frame) for frame in frames] == [False] * (7000 - kept) + [True] * kept
    assert not store.is_finished("other", frames[-1])
