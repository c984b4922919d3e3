"""What no process of ours would write: frames that cannot be written, and entries that others put into Redis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from camera_runtime.transports import BrokerUnavailableError
from frame_tracking import DropReason, FrameID, FrameMetadata
from redis import Redis

HALF = "half a pair \ud800"


def test_a_frame_that_cannot_be_written_is_refused_and_can_still_be_put_aside(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, consumer = bench.producer(), bench.consumer()
    bench.send(producer)
    delivery = bench.receive(consumer)
    delivery.frame.metadata.results["score"] = object()

    with pytest.raises(TypeError, match="not JSON serializable"):
        consumer.forward(delivery.frame, delivery.context)

    assert consumer.dead_letter(delivery.frame, "it cannot be written")
    assert (consumer.receive(0.05), bench.consumer("resize", "motion").receive(0.05)) == (None, None)


def test_results_and_errors_with_half_a_surrogate_pair_pass(bench: Any) -> None:
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion, resize = bench.producer(), bench.consumer(), bench.consumer("resize", "motion")
    bench.send(producer)
    received = bench.receive(motion)
    metadata = replace(received.frame.metadata, results={"label": HALF})

    motion.forward(replace(received.frame, metadata=metadata), received.context)

    assert bench.receive(resize).frame.metadata.results == {"label": HALF}


@pytest.mark.contract
@pytest.mark.parametrize(
    "what", ["another camera's", "endless sequence", "many fields", "long field", "nothing of ours"]
)
def test_a_foreign_entry_is_put_aside_and_holds_up_no_frame(redis_bench: Any, redis_server: Any, what: str) -> None:
    producer, consumer = redis_bench.producer(), redis_bench.consumer(claim_after=0.2)
    redis_bench.send(producer)
    redis_bench.drain(consumer)
    raw, stream = Redis.from_url(redis_server.url), next(iter(consumer._streams))
    raw.xadd(stream, _entry(what))
    (sent,) = redis_bench.send(producer)

    received = redis_bench.receive(consumer, 1.0)

    assert received.frame.frame_id == sent.frame_id
    assert consumer.ack(received.frame)
    assert consumer.receive(0.5) is None
    assert (consumer.unreadable, consumer.take_dropped(), raw.xlen(stream)) == (1, (), 0)
    (letter,) = raw.xrange(stream.partition("frames:")[0] + "dead:motion")
    assert letter[1][b"error"] == b"no frame ID of this camera's"
    assert sum(len(part) for field in letter[1].items() for part in field) < 200_000
    raw.close()


@pytest.mark.contract
@pytest.mark.parametrize("place", ["alone", "among others"])
@pytest.mark.parametrize("what", ["a list", "another pipeline's"])
def test_a_frame_whose_key_holds_no_picture_is_put_aside_and_holds_up_no_other(
    redis_bench: Any, redis_server: Any, what: str, place: str
) -> None:
    producer, consumer = redis_bench.producer(), redis_bench.consumer(claim_after=0.2)
    redis_bench.send(producer, 2 if place == "among others" else 0)
    frame, raw, stream = redis_bench.frame(), Redis.from_url(redis_server.url), next(iter(consumer._streams))
    key = f"{stream.partition('frames:')[0]}picture:x" if what == "a list" else "frametrace:{other/pipeline}:picture:y"
    raw.rpush(key, "no picture") if what == "a list" else raw.set(key, "not for you")
    entry = {"frame_id": frame.frame_id, "metadata": frame.metadata.to_json(), "picture": key, "to": "motion"}
    raw.xadd(stream, entry)
    (after,) = redis_bench.send(producer)

    arrived = [delivery.frame for delivery in redis_bench.drain(consumer)]

    assert (arrived[-1].frame_id, arrived[-1].picture) == (after.frame_id, after.picture)
    assert frame.frame_id not in {received.frame_id for received in arrived}
    told = [(dropped.frame_id, dropped.reason) for dropped in consumer.take_dropped()]
    assert told == [(frame.frame_id, DropReason.MALFORMED)]
    (letter,) = raw.xrange(stream.partition("frames:")[0] + "dead:motion")
    assert (letter[1][b"error"], raw.xlen(stream)) == (b"no picture under its key", 0)
    raw.delete(key)
    raw.close()


@pytest.mark.contract
def test_a_redis_that_gives_out_no_picture_costs_no_frame(own_redis_bench: Any, own_redis: Any) -> None:
    producer, consumer = own_redis_bench.producer(), own_redis_bench.consumer()
    (sent,) = own_redis_bench.send(producer)
    raw = Redis.from_url(own_redis.url)
    raw.execute_command("ACL", "SETUSER", "default", "-get")

    with pytest.raises(BrokerUnavailableError, match="lacks a permission"):
        consumer.receive(1.0)
    raw.execute_command("ACL", "SETUSER", "default", "+get")

    received = own_redis_bench.receive(consumer).frame
    assert (received.frame_id, received.picture, consumer.take_dropped()) == (sent.frame_id, sent.picture, ())
    raw.close()


def _entry(what: str) -> dict[str, str]:
    foreign = FrameID("20240315T101530123456_cam99_a7f3c_000123")
    metadata = FrameMetadata(frame_id=foreign, timestamp=foreign.time).to_json()
    return {
        "another camera's": {"frame_id": foreign, "metadata": metadata, "to": "motion"},
        "endless sequence": {"frame_id": "20240315T101530123456_cam01_a7f3c_" + "9" * 400, "metadata": metadata},
        "many fields": {f"field {number}": "x" for number in range(9000)},
        "long field": {"junk": "x" * 5_000_000},
        "nothing of ours": {"x": ""},
    }[what]
