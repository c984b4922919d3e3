"""Redis alone: killed, full, silent, restarted, secured; foreign entries; what its keys promise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.transports import BrokerUnavailableError, connect
from camera_runtime.transports.redis.broker import RedisBroker
from frame_tracking import Arrival, DropReason, Topology
from frametrace_api.contract import BrokerContract, PipelineRef
from redis import Redis

pytestmark = pytest.mark.contract
SECRET = "c4nary-s3cret"


@pytest.fixture
def server_with(redis_server_class: Any, tmp_path: Path) -> Iterator[Any]:
    servers: list[Any] = []

    def start(*options: str) -> Any:
        folder = tmp_path / f"redis-{len(servers)}"
        folder.mkdir()
        servers.append(redis_server_class(folder, *options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def raw(redis_server: Any) -> Iterator[Redis]:
    client = Redis.from_url(redis_server.url)
    yield client
    client.close()


def eventually(attempt: Any, seconds: float = 15.0) -> Any:
    """Repeat while the broker is away: it comes back by itself."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except BrokerUnavailableError:
            assert time.monotonic() < deadline, "the transport did not recover"
            time.sleep(0.05)


KILLED = """
import sys
from camera_runtime.transports import connect
from frame_tracking import Topology
from frametrace_api.contract import BrokerContract, PipelineRef
pipeline = PipelineRef(namespace="test", name="killed", uid=sys.argv[2])
broker = connect(BrokerContract(url=sys.argv[1]), pipeline, lambda: Topology.of([("motion", "capture")]), replica=sys.argv[3])
consumer = broker.consumer("motion", "capture")
consumer.set_cameras(["cam01"])
print(consumer.receive(10).frame.frame_id, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(("replica", "claim_after"), [("motion-0", 30.0), ("motion-1", 0.3)], ids=["reborn", "another"])
def test_what_a_killed_process_held_is_processed(
    redis_server: Any, bench_over: Any, replica: str, claim_after: float
) -> None:
    uid = os.urandom(8).hex()
    contract, pipeline = BrokerContract(url=redis_server.url), PipelineRef(namespace="test", name="killed", uid=uid)
    broker = connect(contract, pipeline, lambda: Topology.of([("motion", "capture")]), replica=replica)
    bench = bench_over(redis_server)
    frame = bench.frame()
    broker.producer("cam01", "capture").send(frame, bench.context(frame))
    command = [sys.executable, "-c", KILLED, redis_server.url, uid, "motion-0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        held = process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)

    consumer = broker.consumer("motion", "capture", claim_after_seconds=claim_after)
    consumer.set_cameras(["cam01"])
    delivery = consumer.receive(5)

    assert delivery is not None
    assert (held, delivery.frame.frame_id, delivery.count) == (frame.frame_id, frame.frame_id, 2)
    assert consumer.ack(delivery.frame)
    broker.close()


def test_frames_that_a_killed_replica_never_began_count_as_handed_out_once(redis_bench: Any) -> None:
    producer, killed = redis_bench.producer(), redis_bench.consumer(claim_after=0.2)
    sent = redis_bench.send(producer, 8)
    for _ in range(2):  # the first one taken alone, then four at once
        redis_bench.receive(killed)

    survivor = redis_bench.consumer(claim_after=0.2)
    counts = {}
    while len(counts) < len(sent):
        delivery = redis_bench.receive(survivor)
        counts[delivery.frame.frame_id] = delivery.count
        assert survivor.ack(delivery.frame)

    assert [counts[frame.frame_id] for frame in sent] == [2, 2, 1, 1, 1, 1, 1, 1]


def test_a_finished_frame_that_comes_again_is_marked_done(redis_bench: Any, raw: Redis) -> None:
    producer, consumer = redis_bench.producer(), redis_bench.consumer()
    (frame,) = redis_bench.send(producer)
    assert consumer.ack(redis_bench.receive(consumer).frame)
    stream = next(iter(consumer._streams))
    entry = {"frame_id": str(frame.frame_id), "metadata": frame.metadata.to_json(), "to": "motion"}
    raw.xadd(stream, entry)  # as after a restored backup

    delivery = redis_bench.receive(consumer)

    assert delivery.done
    assert consumer.ack(delivery.frame) is False


def test_a_replica_that_is_born_again_takes_up_all_that_it_held(redis_server: Any, bench_over: Any) -> None:
    bench, uid = bench_over(redis_server), os.urandom(8).hex()
    contract, pipeline = BrokerContract(url=redis_server.url), PipelineRef(namespace="test", name="reborn", uid=uid)
    brokers = [connect(contract, pipeline, lambda: Topology.of([("motion", "capture")]), replica="m-0") for _ in "12"]
    sent = bench.send(brokers[0].producer("cam01", "capture"), 9)
    killed, reborn = (broker.consumer("motion", "capture") for broker in brokers)
    killed.set_cameras(["cam01"])
    reborn.set_cameras(["cam01"])
    for _ in range(2):  # the first one taken alone, then four at once
        bench.receive(killed)

    assert [delivery.frame.frame_id for delivery in bench.drain(reborn)] == [frame.frame_id for frame in sent]
    for broker in brokers:
        broker.close()


def test_an_expired_picture_is_told(redis_bench: Any, raw: Redis) -> None:
    producer, consumer = redis_bench.producer(), redis_bench.consumer()
    (frame,) = redis_bench.send(producer)
    raw.delete(*raw.keys(f"*picture:{frame.frame_id}:*"))

    delivery = redis_bench.receive(consumer)

    assert (delivery.frame.frame_id, delivery.expired, delivery.frame.picture) == (frame.frame_id, True, b"")
    assert consumer.ack(delivery.frame)


def test_a_picture_that_expires_while_it_is_worked_on_goes_on_all_the_same(redis_bench: Any, raw: Redis) -> None:
    redis_bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion = redis_bench.producer(), redis_bench.consumer("motion")
    (frame,) = redis_bench.send(producer)
    held = redis_bench.receive(motion).frame
    raw.delete(*raw.keys(f"*picture:{frame.frame_id}:*"))

    motion.forward(held, redis_bench.context(frame))

    delivery = redis_bench.receive(redis_bench.consumer("resize", "motion"))
    assert (delivery.expired, delivery.frame.picture) == (False, frame.picture)


def test_entries_that_cannot_be_read_end_among_the_dead_letters(redis_bench: Any, raw: Redis) -> None:
    producer, consumer = redis_bench.producer(), redis_bench.consumer()
    (good,) = redis_bench.send(producer)
    bad = redis_bench.frame()
    stream = next(iter(consumer._streams))
    raw.xadd(stream, {b"\xff": b"\x00"})
    raw.xadd(stream, {"frame_id": "nonsense", "metadata": "{}"})
    raw.xadd(
        stream, {"frame_id": str(bad.frame_id), "metadata": "{", "traceparent": redis_bench.context(bad).traceparent}
    )

    received = [delivery.frame.frame_id for delivery in redis_bench.drain(consumer)]

    told = [(d.frame_id, d.camera, d.hop, d.reason, d.context.span_id) for d in consumer.take_dropped()]
    span_id = redis_bench.context(bad).span_id
    assert received == [good.frame_id]
    assert told == [(bad.frame_id, "cam01", "motion", DropReason.MALFORMED, span_id)]
    assert consumer.unreadable == 2
    (dead,) = raw.keys(stream.partition("frames:")[0].replace("{", "?").replace("}", "?") + "dead:motion")
    assert raw.xlen(dead) == 3
    assert raw.xlen(stream) == 0


def test_a_lost_or_broken_context_is_told_and_replaced(redis_bench: Any, raw: Redis) -> None:
    producer, consumer = redis_bench.producer(), redis_bench.consumer()
    redis_bench.send(producer)
    redis_bench.drain(consumer)
    stream = next(iter(consumer._streams))
    arrivals = []
    for traceparent in ("", "garbage"):
        frame = redis_bench.frame()
        fields = {"frame_id": str(frame.frame_id), "metadata": frame.metadata.to_json(), "traceparent": traceparent}
        raw.xadd(stream, fields)
        delivery = redis_bench.receive(consumer)
        arrivals.append((delivery.arrival, delivery.context.trace_id == frame.frame_id.trace_id))

    assert arrivals == [(Arrival.MISSING, True), (Arrival.MALFORMED, True)]


def test_nothing_stays_for_ever(redis_bench: Any, raw: Redis) -> None:
    redis_bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion = redis_bench.producer(), redis_bench.consumer("motion")
    frames = redis_bench.send(producer, 3)
    motion.forward(redis_bench.receive(motion).frame, redis_bench.context(frames[0]))
    motion.dead_letter(redis_bench.receive(motion).frame, "poison")

    prefix = next(iter(motion._streams)).partition("frames:")[0]
    keys = [key for key in raw.keys("frametrace:*") if key.decode().startswith(prefix)]

    assert len(keys) >= 6
    assert [key for key in keys if raw.ttl(key) < 0] == []


def test_a_restarted_redis_is_found_again_and_what_is_in_hand_goes_on(own_redis_bench: Any, own_redis: Any) -> None:
    bench = own_redis_bench
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion, resize = bench.producer(), bench.consumer("motion"), bench.consumer("resize", "motion")
    (held_frame,) = bench.send(producer)
    held = bench.receive(motion).frame

    own_redis.stop()
    lost = bench.frame()
    with pytest.raises(BrokerUnavailableError, match="is not reachable"):
        producer.send(lost, bench.context(lost))
    with pytest.raises(BrokerUnavailableError):
        motion.receive(0.1)
    own_redis.start()
    eventually(lambda: motion.forward(held, bench.context(held_frame)))
    after = bench.frame()
    eventually(lambda: producer.send(after, bench.context(after)))

    assert eventually(lambda: motion.receive(2)).frame.frame_id == after.frame_id
    assert eventually(lambda: resize.receive(2)).frame.frame_id == held_frame.frame_id


def test_a_silent_redis_holds_nobody_up_for_long(own_redis_bench: Any, own_redis: Any) -> None:
    bench = own_redis_bench
    producer, consumer = bench.producer(), bench.consumer()
    bench.send(producer)
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        began, frame = time.monotonic(), bench.frame()
        with pytest.raises(BrokerUnavailableError, match="did not answer in time"):
            producer.send(frame, bench.context(frame))
        first = time.monotonic() - began
        with pytest.raises(BrokerUnavailableError):
            producer.send(frame, bench.context(frame))
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)

    assert first < 5
    sent = eventually(lambda: producer.send(frame, bench.context(frame)))
    assert (sent.duplicate, sent.readers) == (False, ("motion",))
    assert len(eventually(lambda: bench.drain(consumer))) == 2


def test_a_full_redis_refuses_new_frames_and_empties_again(server_with: Any, bench_over: Any) -> None:
    server = server_with("--maxmemory", "3mb", "--maxmemory-policy", "noeviction")
    bench = bench_over(server)
    bench.configure(frame_seconds=2)
    bench.stages(("motion", "capture"), ("resize", "motion"))
    producer, motion, resize = bench.producer(), bench.consumer("motion"), bench.consumer("resize", "motion")
    sent = []

    def fill() -> None:
        for _ in range(100):
            frame = bench.frame(b"x" * 200_000)
            producer.send(frame, bench.context(frame))
            sent.append(frame.frame_id)

    with pytest.raises(BrokerUnavailableError, match="is full"):
        fill()

    through = []
    for _ in sent:
        delivery = eventually(lambda: motion.receive(1))
        assert motion.forward(delivery.frame, delivery.context).readers == ("resize",)
        last = bench.receive(resize)
        assert resize.ack(last.frame)
        through.append(last.frame.frame_id)
    frame = bench.frame(b"x" * 200_000)
    eventually(lambda: producer.send(frame, bench.context(frame)))

    assert len(sent) > 3
    assert through == sent
    bench.close()


def test_a_changed_password_is_read_at_the_next_connection(server_with: Any, bench_over: Any, tmp_path: Path) -> None:
    server = server_with("--requirepass", SECRET)
    secret = tmp_path / "password"
    secret.write_text("wrong-one\n")
    bench = bench_over(server)
    bench.configure(password_file=str(secret))
    producer, frame = bench.producer(), bench.frame()
    with pytest.raises(BrokerUnavailableError, match="refused the credentials"):
        producer.send(frame, bench.context(frame))

    secret.write_text(f"{SECRET}\n")

    assert eventually(lambda: producer.send(frame, bench.context(frame))).readers == ("motion",)
    bench.close()


@pytest.mark.parametrize("place", ["down", "refused", "malformed", "no scheme"])
def test_no_error_tells_a_credential(server_with: Any, tmp_path: Path, place: str) -> None:
    server = server_with("--requirepass", "another")
    url = {
        "down": f"redis://user:{SECRET}@127.0.0.1:1/0",
        "refused": f"redis://:{SECRET}@127.0.0.1:{server.port}/0",
        "malformed": f"redis://:a#{SECRET}@127.0.0.1:{server.port}/0",
        "no scheme": f"user:{SECRET}@127.0.0.1",
    }[place]
    secret = tmp_path / "url"
    secret.write_text(url)
    pipeline = PipelineRef(namespace="n", name="p", uid="u")
    broker = RedisBroker(BrokerContract(url_file=str(secret)), pipeline, Topology)

    with pytest.raises(BrokerUnavailableError) as caught:
        broker.ping()

    error: BaseException | None = caught.value
    assert SECRET not in str(error)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    broker.close()
