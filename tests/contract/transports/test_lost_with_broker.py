"""What a Redis in memory loses by a restart is told by identity, once a branch; what a Redis keeps is told by nobody."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from frame_tracking import DropReason

from tests.real.waiting import eventually

pytestmark = pytest.mark.contract


def told_while_sending(bench: Any, producer: Any, consumers: list[Any], seconds: float = 1.0) -> list[Any]:
    """Go on sending and processing; return what was told as lost meanwhile."""
    told: list[Any] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        frame = bench.frame()
        told += eventually(lambda: producer.send(frame, bench.context(frame))).dropped  # noqa: B023
        for consumer in consumers:
            delivery = eventually(lambda: consumer.receive(0.01))  # noqa: B023
            if delivery is not None:
                assert eventually(lambda: consumer.ack(delivery.frame))  # noqa: B023
                told += consumer.take_dropped()
    return [dropped for dropped in told if dropped.reason is not DropReason.OVERFLOW]


def test_only_what_was_under_way_is_lost_and_told_once(own_redis_bench: Any, own_redis: Any) -> None:
    bench = own_redis_bench
    bench.stages(("motion", "capture"), ("archive", "capture"), ("verify", "motion"))
    producer, motion, archive = bench.producer(), bench.consumer(), bench.consumer("archive")
    verify = bench.consumer("verify", "motion")
    sent = bench.send(producer, 6)
    finished, forwarded = (bench.receive(motion).frame for _ in range(2))
    assert motion.ack(finished)
    motion.forward(forwarded, bench.context(forwarded))
    for _ in range(3):
        assert archive.ack(bench.receive(archive).frame)
    held = bench.receive(motion).frame

    own_redis.kill()
    own_redis.start()
    assert eventually(lambda: motion.ack(held))
    told = told_while_sending(bench, producer, [motion, archive, verify])

    names = [frame.frame_id for frame in sent]
    lost = Counter((dropped.frame_id, dropped.hop, dropped.reason) for dropped in told)
    # Both stages had taken the frames 2 to 5 together, and go on with what they have.
    expected = [(names[1], "verify"), (names[5], "archive"), (names[5], "motion")]
    assert sorted(lost.elements()) == sorted((name, hop, DropReason.LOST_WITH_BROKER) for name, hop in expected)
    assert {dropped.context.trace_id for dropped in told} <= {name.trace_id for name in names}
    assert told_while_sending(bench, producer, [motion, archive, verify]) == []


@pytest.fixture
def lasting_redis(redis_server_class: Any, tmp_path: Path) -> Iterator[Any]:
    server = redis_server_class(tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    yield server
    server.stop()


def test_a_redis_that_keeps_its_data_loses_nothing(bench_over: Any, lasting_redis: Any) -> None:
    bench = bench_over(lasting_redis)
    producer, motion = bench.producer(), bench.consumer()
    sent = bench.send(producer, 6)
    assert motion.ack(bench.receive(motion).frame)

    lasting_redis.kill()
    lasting_redis.start()
    seen, told = [], []
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        frame = bench.frame()
        told += eventually(lambda: producer.send(frame, bench.context(frame))).dropped  # noqa: B023
        while (delivery := eventually(lambda: motion.receive(0.01))) is not None:
            seen.append(delivery.frame.frame_id)
            assert eventually(lambda: motion.ack(delivery.frame))

    assert told == []
    assert seen[:5] == [frame.frame_id for frame in sent[1:]]
    bench.close()


def test_a_handler_that_ends_after_its_frame_was_told_as_lost_ends_nothing(
    own_redis_bench: Any, own_redis: Any
) -> None:
    bench = own_redis_bench
    producer, motion = bench.producer(), bench.consumer()
    bench.send(producer, 1)
    held = bench.receive(motion).frame

    own_redis.kill()
    own_redis.start()
    told = told_while_sending(bench, producer, [])

    assert [(dropped.frame_id, dropped.hop) for dropped in told] == [(held.frame_id, "motion")]
    assert eventually(lambda: motion.ack(held)) is False


def test_what_was_finished_is_not_told_as_lost_while_a_handler_takes_its_time(
    own_redis_bench: Any, own_redis: Any
) -> None:
    bench = own_redis_bench
    bench.stages(("motion", "capture"), ("verify", "motion"))
    producer, motion, verify = bench.producer(), bench.consumer(), bench.consumer("verify", "motion")
    time.sleep(0.2)  # the heralds have looked before anything is finished, as in every real process
    sent = bench.send(producer, 6)
    assert motion.ack(bench.receive(motion).frame)
    letter, forwarded = (bench.receive(motion).frame for _ in range(2))
    assert motion.dead_letter(letter, "ValueError: poison")
    motion.forward(forwarded, bench.context(forwarded))
    assert verify.ack(bench.receive(verify).frame)
    held = bench.receive(motion).frame

    own_redis.kill()
    own_redis.start()
    told = told_while_sending(bench, producer, [], 2.0)  # nobody receives: the stages' handlers work

    names = [frame.frame_id for frame in sent]
    assert held.frame_id == names[3]
    assert sorted((dropped.frame_id, dropped.hop) for dropped in told) == [(name, "motion") for name in names[3:]]
    assert eventually(lambda: motion.ack(held)) is False
    assert told_while_sending(bench, producer, [motion, verify]) == []  # nor of what motion had handed on


def test_a_frame_that_is_long_under_way_is_told_as_lost_however_many_passed_it(
    own_redis_bench: Any, own_redis: Any
) -> None:
    bench = own_redis_bench
    bench.configure(max_frames=20)
    producer, stuck, motion = bench.producer(), bench.consumer(), bench.consumer()
    (held,) = bench.send(producer, 1)
    assert bench.receive(stuck).frame.frame_id == held.frame_id
    for _ in range(2_500):
        bench.send(producer, 1)
        assert motion.ack(bench.receive(motion).frame)

    own_redis.kill()
    own_redis.start()
    told = told_while_sending(bench, producer, [motion])

    assert [(dropped.frame_id, dropped.hop) for dropped in told] == [(held.frame_id, "motion")]
