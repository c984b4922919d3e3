"""Every transport: order, at least once, one outcome, nothing lost silently."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from frame_tracking import Arrival, DropReason, TraceContext


def test_a_frame_arrives_whole_with_its_context(bench: Any) -> None:
    producer, consumer, frame = bench.producer(), bench.consumer(), bench.frame(b"\x00\xff picture")
    context = bench.context(frame)

    sent = producer.send(frame, context)
    delivery = bench.receive(consumer)

    received, arrived = delivery
    assert sent.readers == ("motion",)
    assert (received.metadata, received.picture) == (frame.metadata, frame.picture)
    assert (arrived, delivery.arrival) == (context, Arrival.KEPT)
    assert (delivery.count, delivery.done, delivery.expired) == (1, False, False)
    assert 0 <= delivery.queued_ms < 60_000
    assert consumer.source("cam01") == producer.destination


def test_frames_arrive_in_the_order_they_were_sent(bench: Any) -> None:
    producer, consumer = bench.producer(), bench.consumer()

    sent = bench.send(producer, 20)

    assert [d.frame.frame_id for d in bench.drain(consumer)] == [frame.frame_id for frame in sent]
    assert consumer.lag() == {"cam01": 0}


def test_a_stage_that_starts_late_misses_nothing(bench: Any) -> None:
    producer = bench.producer()
    sent = bench.send(producer, 5)

    consumer = bench.consumer()

    assert len(bench.drain(consumer)) == len(sent)


@pytest.mark.needs("a common queue")
def test_a_stage_that_joins_later_finds_what_is_still_there(bench: Any) -> None:
    producer = bench.producer()
    sent = bench.send(producer, 3)
    bench.stages(("motion", "capture"), ("archive", "capture"))

    late = bench.consumer("archive")

    assert [d.frame.frame_id for d in bench.drain(late)] == [frame.frame_id for frame in sent]


def test_two_stages_read_one_hop_each_under_its_own_name(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("archive", "capture"))
    producer, motion, archive = bench.producer(), bench.consumer("motion"), bench.consumer("archive")

    sent = bench.send(producer, 10)

    for consumer in (motion, archive):
        assert [d.frame.frame_id for d in bench.drain(consumer)] == [frame.frame_id for frame in sent]


def test_replicas_share_a_stages_frames(bench: Any) -> None:
    producer, one, two = bench.producer(), bench.consumer(), bench.consumer()
    sent = bench.send(producer, 20)

    seen: dict[str, list[str]] = {"one": [], "two": []}
    while len(seen["one"]) + len(seen["two"]) < len(sent):
        for name, consumer in (("one", one), ("two", two)):
            delivery = consumer.receive(0.0)
            if delivery is not None:
                assert consumer.ack(delivery.frame)
                seen[name].append(delivery.frame.frame_id)

    assert sorted(seen["one"] + seen["two"]) == [frame.frame_id for frame in sent]
    assert min(len(seen["one"]), len(seen["two"])) >= 4


def test_a_forwarded_frame_goes_on_with_its_picture(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion, resize = bench.producer(), bench.consumer("motion"), bench.consumer("resize", "motion")
    (frame,) = bench.send(producer)
    first = bench.receive(motion)
    onward = TraceContext(frame.frame_id.trace_id, "b" * 16, 3)

    sent = motion.forward(first.frame, onward)
    second = bench.receive(resize)

    assert (sent.readers, sent.dropped, sent.duplicate, sent.refused) == (("resize",), (), False, False)
    assert (second.frame.frame_id, second.frame.picture) == (frame.frame_id, frame.picture)
    assert second.context == onward
    assert second.frame.reference == first.frame.reference
    assert motion.lag() == {"cam01": 0}


def test_a_new_picture_goes_on_in_the_old_ones_place(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion, resize = bench.producer(), bench.consumer("motion"), bench.consumer("resize", "motion")
    (frame,) = bench.send(producer)
    received = bench.receive(motion).frame

    motion.forward(replace(received, picture=b"smaller"), bench.context(frame))

    assert bench.receive(resize).frame.picture == b"smaller"


@pytest.mark.needs("pictures")
def test_both_pictures_of_a_frame_can_be_looked_up(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion = bench.producer(), bench.consumer("motion")
    (frame,) = bench.send(producer)

    motion.forward(replace(bench.receive(motion).frame, picture=b"smaller"), bench.context(frame))

    assert bench.broker.picture(frame.frame_id, "motion") == b"smaller"
    assert bench.broker.picture(frame.frame_id, "capture") == frame.picture


def test_forwarding_where_nobody_reads_completes_the_branch(bench: Any) -> None:
    producer, consumer = bench.producer(), bench.consumer()
    bench.send(producer)

    sent = consumer.forward(bench.receive(consumer).frame, bench.context(bench.frame()))

    assert (sent.message_id, sent.readers, sent.refused, sent.duplicate) == ("", (), False, False)
    assert consumer.lag() == {"cam01": 0}


def test_sending_where_nobody_reads_completes_the_branch(bench: Any) -> None:
    bench.stages()
    producer, frame = bench.producer(), bench.frame()

    sent = producer.send(frame, bench.context(frame))

    assert (sent.message_id, sent.readers, sent.refused) == ("", (), False)


@pytest.mark.needs("pictures")
def test_a_frame_that_nobody_reads_leaves_its_picture(bench: Any) -> None:
    bench.stages()
    producer, frame = bench.producer(), bench.frame(b"kept")

    producer.send(frame, bench.context(frame))

    assert bench.broker.picture(frame.frame_id, "capture") == b"kept"


def test_a_frame_without_a_picture_is_not_expired(bench: Any) -> None:
    producer, consumer = bench.producer(), bench.consumer()
    frame = bench.frame(b"")

    producer.send(frame, bench.context(frame))

    delivery = bench.receive(consumer)
    assert (delivery.frame.picture, delivery.expired) == (b"", False)


def test_a_foreign_context_is_replaced_by_the_frames_own(bench: Any) -> None:
    producer, consumer, frame = bench.producer(), bench.consumer(), bench.frame()

    producer.send(frame, TraceContext("a" * 32, "b" * 16, 3))

    delivery = bench.receive(consumer)
    assert delivery.arrival is Arrival.FOREIGN
    assert delivery.context.trace_id == frame.frame_id.trace_id


def test_a_killed_replicas_frame_is_claimed_by_another(bench: Any) -> None:
    producer, killed = bench.producer(), bench.consumer(claim_after=0.2)
    (frame,) = bench.send(producer)
    bench.receive(killed)

    delivery = bench.receive(bench.consumer(claim_after=0.2))

    assert (delivery.frame.frame_id, delivery.count) == (frame.frame_id, 2)


def test_what_a_replica_did_not_begin_is_given_back_when_it_closes(bench: Any) -> None:
    producer, leaving, staying = bench.producer(), bench.consumer(), bench.consumer()
    sent = bench.send(producer, 4)
    first = bench.receive(leaving)
    assert leaving.ack(first.frame)

    leaving.close()

    assert [d.frame.frame_id for d in bench.drain(staying)] == [frame.frame_id for frame in sent[1:]]


def test_the_second_execution_of_a_frame_is_told_so(bench: Any) -> None:
    producer, slow = bench.producer(), bench.consumer(claim_after=0.2)
    bench.send(producer)
    held = bench.receive(slow)
    again = bench.consumer(claim_after=0.2)
    claimed = bench.receive(again)

    assert slow.ack(held.frame) is bench.first_tells
    assert again.ack(claimed.frame) is not bench.first_tells


def test_a_frame_is_forwarded_once_however_often_it_was_executed(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, slow, resize = bench.producer(), bench.consumer(claim_after=0.2), bench.consumer("resize", "motion")
    (frame,) = bench.send(producer)
    held, again = bench.receive(slow), bench.consumer(claim_after=0.2)
    claimed = bench.receive(again)

    first = slow.forward(held.frame, bench.context(frame))
    second = again.forward(claimed.frame, bench.context(frame))

    told, duplicate = (first, second) if bench.first_tells else (second, first)
    assert (told.duplicate, duplicate.duplicate, duplicate.readers) == (False, True, ())
    assert len(bench.drain(resize)) == 1


def test_a_frame_given_back_comes_again_at_once_with_a_higher_count(bench: Any) -> None:
    producer, consumer = bench.producer(), bench.consumer()
    bench.send(producer)

    counts = []
    for _ in range(3):
        delivery = bench.receive(consumer)
        counts.append(delivery.count)
        consumer.retry(delivery.frame)

    assert counts == [1, 2, 3]


def test_a_frame_that_an_ending_replica_gives_back_does_not_count_as_handed_out(bench: Any) -> None:
    producer, ending, staying = bench.producer(), bench.consumer(), bench.consumer()
    (frame,) = bench.send(producer)

    ending.give_back(bench.receive(ending).frame)
    fresh = bench.receive(ending)
    ending.retry(fresh.frame)
    tried = bench.receive(ending)
    ending.give_back(tried.frame)
    ending.close()

    last = bench.receive(staying)
    assert (fresh.count, tried.count, last.count) == (1, 2, 2)
    assert (last.frame.frame_id, last.frame.picture) == (frame.frame_id, frame.picture)
    assert staying.ack(last.frame)
    assert staying.lag() == {"cam01": 0}


def test_a_poisonous_frame_ends_among_the_dead_letters(bench: Any) -> None:
    producer, consumer = bench.producer(), bench.consumer()
    sent = bench.send(producer, 2)
    good = []
    while (delivery := bench.receive(consumer)).count <= 3:
        if delivery.frame.frame_id == sent[0].frame_id:
            consumer.retry(delivery.frame)
        else:
            good.append(delivery.frame.frame_id)
            assert consumer.ack(delivery.frame)

    assert consumer.dead_letter(delivery.frame, "ValueError: poison") is True

    assert delivery.frame.frame_id == sent[0].frame_id
    assert good + [d.frame.frame_id for d in bench.drain(consumer)] == [sent[1].frame_id]
    assert consumer.lag() == {"cam01": 0}


def test_the_same_frame_sent_twice_is_queued_once(bench: Any) -> None:
    producer, consumer, frame = bench.producer(), bench.consumer(), bench.frame()

    first, second = (producer.send(frame, bench.context(frame)) for _ in range(2))

    assert (first.duplicate, second.duplicate) == (False, True)
    assert len(bench.drain(consumer)) == 1


def test_a_removed_stages_frames_are_reported_by_name(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("archive", "capture"))
    producer, motion = bench.producer(), bench.consumer("motion")
    sent = bench.send(producer, 2)
    bench.drain(motion)

    bench.stages(("motion", "capture"))
    dropped: list[Any] = []
    for _ in range(100):
        motion.receive(0.02)
        dropped += motion.take_dropped()
        if dropped:
            break

    told = [(d.frame_id, d.hop, d.reason, d.context) for d in dropped]
    assert told == [(f.frame_id, "archive", DropReason.STAGE_REMOVED, bench.context(f)) for f in sent]


def test_a_removed_last_stages_frames_are_reported_by_the_stage_that_fed_it(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion = bench.producer(), bench.consumer("motion")
    (frame,) = bench.send(producer)
    motion.forward(bench.receive(motion).frame, bench.context(frame))

    bench.stages(("motion", "capture"))
    dropped: list[Any] = []
    for _ in range(100):
        motion.receive(0.02)
        dropped += motion.take_dropped()
        if dropped:
            break

    assert [(d.frame_id, d.hop, d.reason) for d in dropped] == [(frame.frame_id, "resize", DropReason.STAGE_REMOVED)]


def test_a_frame_of_another_consumer_cannot_be_acknowledged(bench: Any) -> None:
    with pytest.raises(TypeError, match="not received"):
        bench.consumer().ack(bench.frame())
