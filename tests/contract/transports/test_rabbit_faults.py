"""RabbitMQ stopped, silent, short of memory; its queues full, deleted, or made by an older contract."""

from __future__ import annotations

import time
from typing import Any

import pytest
from camera_runtime.transports import BrokerProblem, BrokerUnavailableError
from frame_tracking import DropReason

from tests.real.waiting import eventually, until

pytestmark = pytest.mark.contract


def test_a_restarted_rabbitmq_is_found_again_and_has_lost_nothing(rabbit_bench: Any, rabbit_server: Any) -> None:
    bench = rabbit_bench
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion, resize = bench.producer(), bench.consumer("motion"), bench.consumer("resize", "motion")
    sent = [frame.frame_id for frame in bench.send(producer, 5)]
    held = bench.receive(motion)

    rabbit_server.halt()
    try:
        began, lost = time.monotonic(), bench.frame()
        with pytest.raises(BrokerUnavailableError, match=r"is not reachable|is shutting down"):
            producer.send(lost, bench.context(lost))
        with pytest.raises(BrokerUnavailableError):
            motion.receive(0.1)
        waited = time.monotonic() - began
    finally:
        rabbit_server.start()
    late = motion.forward(held.frame, held.context) if held else None
    after = bench.frame()
    eventually(lambda: producer.send(after, bench.context(after)))
    through: list[tuple[str, int]] = []
    while len(through) < 6:
        delivery = eventually(lambda: motion.receive(2))
        if delivery is not None and not motion.forward(delivery.frame, delivery.context).duplicate:
            through.append((delivery.frame.frame_id, delivery.count))

    assert waited < 5
    assert late is not None
    assert late.duplicate
    assert min(through) == (sent[0], 2)
    assert sorted(frame_id for frame_id, _ in through) == [*sent, after.frame_id]
    assert [count for frame_id, count in through if frame_id != sent[0]] == [1] * 5
    assert len(bench.drain(resize)) == 6


def test_a_silent_rabbitmq_holds_nobody_up_for_long(rabbit_bench: Any, rabbit_server: Any) -> None:
    bench = rabbit_bench
    producer, consumer = bench.producer(), bench.consumer()
    bench.send(producer)
    bench.drain(consumer)
    rabbit_server.freeze()
    try:
        began, frame = time.monotonic(), bench.frame()
        with pytest.raises(BrokerUnavailableError, match="did not answer in time"):
            producer.send(frame, bench.context(frame))
        first = time.monotonic() - began
        with pytest.raises(BrokerUnavailableError):
            producer.send(frame, bench.context(frame))
        second = time.monotonic() - began - first
        with pytest.raises(BrokerUnavailableError, match="did not answer in time"):
            consumer.receive(30)
        waited = time.monotonic() - began
    finally:
        rabbit_server.thaw()

    assert (first < 4, second < 1, waited < 15) == (True, True, True)
    sent = eventually(lambda: producer.send(frame, bench.context(frame)))
    assert (sent.duplicate, sent.readers) == (False, ("motion",))
    received = eventually(lambda: bench.receive(consumer))
    assert received.frame.frame_id == frame.frame_id
    assert consumer.ack(received.frame)
    again = [eventually(lambda: consumer.receive(1)) for _ in range(2)]
    assert all(delivery.done for delivery in again if delivery is not None)


def test_a_memory_alarm_stops_new_frames_but_not_the_emptying(rabbit_bench: Any, rabbit_server: Any) -> None:
    bench = rabbit_bench
    producer, consumer = bench.producer(), bench.consumer()
    sent = bench.send(producer, 3)
    rabbit_server.control("set_vm_memory_high_watermark", "0.00001")
    try:
        problems = until(lambda: _problems_of_sending(bench, producer))
        began, frame = time.monotonic(), bench.frame()
        with pytest.raises(BrokerUnavailableError, match="memory or disk is short"):
            producer.send(frame, bench.context(frame))
        waited = time.monotonic() - began
        received = [bench.receive(consumer).frame for _ in sent[:2]]
        finished = [consumer.ack(frame) for frame in received]
    finally:
        rabbit_server.control("set_vm_memory_high_watermark", "0.4")

    assert problems == [BrokerProblem.FULL]
    assert waited < 4
    assert [frame.frame_id for frame in received] == [frame.frame_id for frame in sent[:2]]
    assert finished == [True, True]
    assert eventually(lambda: producer.send(frame, bench.context(frame))).readers == ("motion",)


def _problems_of_sending(bench: Any, producer: Any) -> list[BrokerProblem]:
    """What stops a frame, once the alarm has come to this connection: by its first frame, which is still taken."""
    frame = bench.frame()
    try:
        producer.send(frame, bench.context(frame))
    except BrokerUnavailableError as error:
        return [error.problem]
    return []


def test_a_queue_that_vanished_is_made_anew(rabbit_bench: Any, raw_rabbit: Any, queue_name: Any) -> None:
    producer, consumer = rabbit_bench.producer(), rabbit_bench.consumer()
    rabbit_bench.send(producer)
    rabbit_bench.drain(consumer)
    raw_rabbit.queue_delete(queue_name("frames", "cam01", "capture", "motion"))

    sent = [frame.frame_id for frame in rabbit_bench.send(producer, 3)]
    received: list[str] = []

    def all_came() -> bool:
        received.extend(delivery.frame.frame_id for delivery in eventually(lambda: rabbit_bench.drain(consumer)))
        eventually(consumer.lag)  # as a stage asks every few seconds: so it notices
        return len(received) >= len(sent)

    until(all_came, 20)
    assert sorted(received) == sent


def test_a_queue_that_an_older_contract_made_is_used_as_it_is(
    rabbit_bench: Any, raw_rabbit: Any, queue_name: Any
) -> None:
    name = queue_name("frames", "cam01", "capture", "motion")
    raw_rabbit.queue_declare(name, durable=True, arguments={"x-queue-type": "quorum", "x-max-length": 7})

    sent = rabbit_bench.send(rabbit_bench.producer(), 3)

    consumer = rabbit_bench.consumer()
    assert [d.frame.frame_id for d in rabbit_bench.drain(consumer)] == [frame.frame_id for frame in sent]
    assert consumer.lag() == {"cam01": 0}


def test_a_stalled_stage_does_not_stop_its_sibling(rabbit_bench: Any) -> None:
    bench = rabbit_bench
    bench.configure(max_frames=2)
    bench.stages(("motion", "capture"), ("archive", "capture"))
    producer, motion = bench.producer(), bench.consumer("motion")
    bench.send(producer, 2)
    bench.drain(motion)  # archive is stalled

    frame = bench.frame()
    sent = producer.send(frame, bench.context(frame))

    told = [(d.frame_id, d.hop, d.reason, d.context) for d in sent.dropped]
    assert (sent.readers, sent.refused) == (("motion",), False)
    assert told == [(frame.frame_id, "archive", DropReason.OVERFLOW, bench.context(frame))]
    assert [d.frame.frame_id for d in bench.drain(motion)] == [frame.frame_id]


def test_a_stage_at_a_branchs_end_empties_its_queue_through_an_alarm(rabbit_bench: Any, rabbit_server: Any) -> None:
    bench = rabbit_bench
    producer, consumer = bench.producer(), bench.consumer()
    sent = bench.send(producer, 6)
    assert consumer.dead_letter(bench.receive(consumer).frame, "so that its way out is stopped too")
    rabbit_server.control("set_vm_memory_high_watermark", "0.00001")
    try:
        until(lambda: _problems_of_sending(bench, producer))
        held = bench.receive(consumer)
        problem = until(lambda: _problem_of_putting_aside(consumer, held))
        consumer.retry(held.frame)
        through = [delivery.frame.frame_id for delivery in bench.drain(consumer)]
    finally:
        rabbit_server.control("set_vm_memory_high_watermark", "0.4")

    assert problem is BrokerProblem.FULL
    assert sorted(set(through))[:5] == [frame.frame_id for frame in sent[1:]]


def _problem_of_putting_aside(consumer: Any, held: Any) -> BrokerProblem | None:
    try:
        consumer._put_aside(held.frame.token.arrived, "once more")
    except BrokerUnavailableError as error:
        return error.problem
    return None
