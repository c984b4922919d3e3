"""A camera that is taken out of the spec: what waits of it in Redis is read to its end, by whoever comes to know it when."""

from __future__ import annotations

import time
from typing import Any

import pytest
from redis import Redis

from tests.real.waiting import until

pytestmark = pytest.mark.contract
OTHERS = ["cam02"]


def test_a_stage_goes_on_with_what_waits_of_a_removed_camera_and_then_leaves_it(redis_bench: Any) -> None:
    producer, consumer = redis_bench.producer(), redis_bench.consumer()
    sent = redis_bench.send(producer, 12)
    assert consumer.ack(redis_bench.receive(consumer).frame)

    consumer.set_cameras(OTHERS)
    late = redis_bench.send(producer, 2)  # its capture learns of it a little later

    assert [d.frame.frame_id for d in redis_bench.drain(consumer)] == [f.frame_id for f in (*sent[1:], *late)]
    assert consumer.lag() == {"cam02": 0}
    until(lambda: consumer.receive(0.05) or list(consumer._streams.values()) == OTHERS)


def test_what_was_sent_after_a_removed_cameras_stream_was_left_is_read(redis_bench: Any) -> None:
    redis_bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion, resize = redis_bench.producer(), redis_bench.consumer(), redis_bench.consumer("resize", "motion")
    (frame,) = redis_bench.send(producer)
    held = redis_bench.receive(motion).frame

    motion.set_cameras(OTHERS)
    resize.set_cameras(OTHERS)
    until(lambda: resize.receive(0.05) or list(resize._streams.values()) == OTHERS)
    motion.forward(held, redis_bench.context(held))

    assert redis_bench.receive(resize).frame.frame_id == frame.frame_id


def test_a_process_that_never_knew_a_removed_camera_reads_what_waits_of_it(redis_bench: Any, redis_server: Any) -> None:
    sent = redis_bench.send(redis_bench.producer(), 3)
    raw, foreign = Redis.from_url(redis_server.url), "frametrace:{other/pipeline}:frames:cam01:capture"
    (streams,) = raw.keys(f"{redis_bench.broker._settings.keys.prefix}streams:*")
    raw.zadd(streams, dict.fromkeys((foreign, b"\xff", ""), time.time()))
    raw.xadd(foreign, {"x": "not for you"})

    fresh = redis_bench.consumer()
    fresh.set_cameras(OTHERS)

    assert [d.frame.frame_id for d in redis_bench.drain(fresh)] == [frame.frame_id for frame in sent]
    assert (raw.xinfo_groups(foreign), fresh.unreadable) == ([], 0)
    raw.delete(foreign)
    raw.close()
