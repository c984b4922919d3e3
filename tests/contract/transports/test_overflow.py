"""Every transport: a full queue gives frames up by its policy, and says which."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from frame_tracking import DropReason


@pytest.mark.needs("drop oldest")
def test_drop_oldest_gives_up_the_oldest_and_names_every_branch(bench: Any) -> None:
    bench.configure(max_frames=3, overflow="DropOldest")
    bench.stages(("motion", "capture"), ("archive", "capture"))
    producer, motion = bench.producer(), bench.consumer("motion")
    sent = bench.send(producer, 3)
    bench.drain(motion)  # archive is stalled

    frame = bench.frame()
    told = producer.send(frame, bench.context(frame))

    assert [(d.frame_id, d.hop, d.reason) for d in told.dropped] == [(sent[0].frame_id, "archive", DropReason.OVERFLOW)]
    assert told.dropped[0].context == bench.context(sent[0])
    assert [d.frame.frame_id for d in bench.drain(motion)] == [frame.frame_id]
    rest = [d.frame.frame_id for d in bench.drain(bench.consumer("archive"))]
    assert rest == [sent[1].frame_id, sent[2].frame_id, frame.frame_id]


@pytest.mark.needs("drop oldest")
def test_drop_oldest_spares_the_frame_that_is_in_work(bench: Any) -> None:
    bench.configure(max_frames=3, overflow="DropOldest")
    producer, consumer = bench.producer(), bench.consumer()
    (first,) = bench.send(producer, 1)
    held = bench.receive(consumer)
    second, _third = bench.send(producer, 2)

    frame = bench.frame()
    told = producer.send(frame, bench.context(frame))

    assert held.frame.frame_id == first.frame_id
    assert [d.frame_id for d in told.dropped] == [second.frame_id]
    assert consumer.ack(held.frame) is True


@pytest.mark.needs("drop oldest")
def test_drop_oldest_of_frames_all_in_work_ends_each_branch_once(bench: Any) -> None:
    bench.configure(max_frames=1, overflow="DropOldest")
    producer, consumer = bench.producer(), bench.consumer()
    (first,) = bench.send(producer)
    held = bench.receive(consumer)

    frame = bench.frame()
    told = producer.send(frame, bench.context(frame))

    assert [(d.frame_id, d.hop) for d in told.dropped] == [(first.frame_id, "motion")]
    assert consumer.ack(held.frame) is False
    assert [d.frame.frame_id for d in bench.drain(consumer)] == [frame.frame_id]


def test_drop_newest_refuses_the_new_frame(bench: Any) -> None:
    bench.configure(max_frames=2, overflow="DropNewest")
    producer, consumer = bench.producer(), bench.consumer()
    sent = bench.send(producer, 2)

    frame = bench.frame()
    told = producer.send(frame, bench.context(frame))

    assert (told.message_id, told.readers, told.dropped, told.refused) == ("", (), (), True)
    assert [d.frame.frame_id for d in bench.drain(consumer)] == [frame.frame_id for frame in sent]


def test_block_waits_for_room(bench: Any) -> None:
    bench.configure(max_frames=1, overflow="Block")
    producer, consumer = bench.producer(), bench.consumer()
    bench.send(producer)
    held = bench.receive(consumer)
    making_room = threading.Timer(0.2, lambda: consumer.ack(held.frame))
    making_room.start()

    frame = bench.frame()
    told = producer.send(frame, bench.context(frame))
    making_room.join()

    assert (told.refused, told.readers) == (False, ("motion",))


def test_block_gives_the_new_frame_up_in_the_end(bench: Any) -> None:
    bench.configure(max_frames=1, overflow="Block")
    producer = bench.producer()
    bench.send(producer)

    frame = bench.frame()
    told = producer.send(frame, bench.context(frame))

    assert (told.message_id, told.refused) == ("", True)


def test_a_stage_that_cannot_hand_on_ends_the_branch_itself(bench: Any) -> None:
    bench.configure(max_frames=1, overflow="DropNewest")
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion = bench.producer(), bench.consumer("motion")
    outcomes = []
    for _ in range(2):
        (frame,) = bench.send(producer)
        sent = motion.forward(bench.receive(motion).frame, bench.context(frame))
        outcomes.append((sent.refused, sent.readers))

    assert outcomes == [(False, ("resize",)), (True, ())]
    assert motion.lag() == {"cam01": 0}
