"""Messages in RabbitMQ: those that wait too long, those of foreign hands, and that nothing stays for ever."""

from __future__ import annotations

import time
from typing import Any

import pika
import pytest
from frame_tracking import Arrival, DropReason

from tests.real.waiting import until

pytestmark = pytest.mark.contract


def test_frames_that_waited_too_long_end_as_expired(rabbit_bench: Any) -> None:
    bench = rabbit_bench
    bench.configure(frame_seconds=1)
    bench.stages(("motion", "capture"), ("archive", "capture"))
    sent = bench.send(bench.producer(), 3)
    time.sleep(1.5)
    consumer = bench.consumer("motion")
    dropped: list[Any] = []

    def both() -> bool:
        assert consumer.receive(0.1) is None
        dropped.extend(consumer.take_dropped())
        return len(dropped) >= 6

    until(both)

    told = sorted((d.frame_id, d.hop, d.reason) for d in dropped)
    expected = [(f.frame_id, hop, DropReason.EXPIRED) for f in sent for hop in ("archive", "motion")]
    assert told == sorted(expected)
    assert {d.context for d in dropped} == {bench.context(frame) for frame in sent}


def test_frames_that_no_stage_runs_for_are_reported_by_who_sent_them(rabbit_bench: Any) -> None:
    bench = rabbit_bench
    bench.configure(frame_seconds=1)
    producer = bench.producer()
    (old,) = bench.send(producer)
    time.sleep(1.5)

    def told() -> Any:
        frame = bench.frame()
        return producer.send(frame, bench.context(frame)).dropped

    first = until(told)[0]
    assert (first.frame_id, first.hop, first.reason) == (old.frame_id, "motion", DropReason.EXPIRED)


@pytest.mark.parametrize("what", ["another camera's", "many headers", "long header", "nothing of ours"])
def test_a_foreign_message_is_put_aside_and_holds_up_no_frame(
    rabbit_bench: Any, raw_rabbit: Any, queue_name: Any, what: str
) -> None:
    producer, consumer = rabbit_bench.producer(), rabbit_bench.consumer()
    rabbit_bench.send(producer)
    rabbit_bench.drain(consumer)
    headers: dict[str, Any] = {
        "another camera's": {"frame_id": "20240315T101530123456_cam99_a7f3c_000123", "metadata": "{}"},
        "many headers": {f"header {number}": "x" for number in range(2000)},
        "long header": {"frame_id": "x" * 100_000},
        "nothing of ours": {},
    }[what]
    name = queue_name("frames", "cam01", "capture", "motion")
    raw_rabbit.basic_publish("", name, b"\x00" * 10, pika.BasicProperties(headers=headers))
    (sent,) = rabbit_bench.send(producer)

    received = rabbit_bench.receive(consumer, 5.0)

    assert received.frame.frame_id == sent.frame_id
    assert consumer.ack(received.frame)
    assert (consumer.unreadable, consumer.take_dropped(), consumer.lag()) == (1, (), {"cam01": 0})
    _, properties, _ = raw_rabbit.basic_get(queue_name("dead", "motion"), auto_ack=True)
    assert properties.headers["error"] == "no frame ID of this camera's"
    assert sum(len(str(value)) for value in properties.headers.values()) < 10_000


def test_a_message_with_broken_metadata_ends_as_malformed(rabbit_bench: Any, raw_rabbit: Any, queue_name: Any) -> None:
    producer, consumer = rabbit_bench.producer(), rabbit_bench.consumer()
    rabbit_bench.send(producer)
    rabbit_bench.drain(consumer)
    bad = rabbit_bench.frame()
    headers = {"frame_id": str(bad.frame_id), "metadata": "{", "traceparent": rabbit_bench.context(bad).traceparent}
    name = queue_name("frames", "cam01", "capture", "motion")
    raw_rabbit.basic_publish("", name, b"", pika.BasicProperties(headers=headers))

    assert consumer.receive(0.5) is None

    told = [(d.frame_id, d.camera, d.hop, d.reason, d.context.span_id) for d in consumer.take_dropped()]
    span_id = rabbit_bench.context(bad).span_id
    assert told == [(bad.frame_id, "cam01", "motion", DropReason.MALFORMED, span_id)]


@pytest.mark.parametrize(("traceparent", "arrival"), [("", Arrival.MISSING), ("garbage", Arrival.MALFORMED)])
def test_a_lost_or_broken_context_is_told_and_replaced(
    rabbit_bench: Any, raw_rabbit: Any, queue_name: Any, traceparent: str, arrival: Arrival
) -> None:
    producer, consumer, frame = rabbit_bench.producer(), rabbit_bench.consumer(), rabbit_bench.frame()
    rabbit_bench.send(producer)
    rabbit_bench.drain(consumer)
    headers = {"frame_id": str(frame.frame_id), "metadata": frame.metadata.to_json(), "traceparent": traceparent}
    name = queue_name("frames", "cam01", "capture", "motion")
    raw_rabbit.basic_publish("", name, b"", pika.BasicProperties(headers=headers))

    delivery = rabbit_bench.receive(consumer)

    assert (delivery.arrival, delivery.context.trace_id) == (arrival, frame.frame_id.trace_id)


def test_nothing_stays_for_ever(rabbit_bench: Any, rabbit_server: Any) -> None:
    rabbit_bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion = rabbit_bench.producer(), rabbit_bench.consumer("motion")
    frames = rabbit_bench.send(producer, 3)
    motion.forward(rabbit_bench.receive(motion).frame, rabbit_bench.context(frames[0]))
    motion.dead_letter(rabbit_bench.receive(motion).frame, "poison")

    prefix = rabbit_bench.broker._settings.names.prefix
    listed = rabbit_server.control("list_queues", "name", "arguments").splitlines()
    ours = [line for line in listed if line.startswith(prefix)]

    assert len(ours) >= 6
    assert [line for line in ours if "x-expires" not in line] == []
