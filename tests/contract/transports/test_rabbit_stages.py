"""Stages over RabbitMQ: killed, slow, closing; a frame that kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from camera_runtime.frame import Frame
from camera_runtime.transports import connect
from frame_tracking import FrameIDGenerator, FrameMetadata, Topology, TraceContext
from frametrace_api.contract import BrokerContract, PipelineRef

pytestmark = pytest.mark.contract


STAGE = """
import os, sys
from camera_runtime.transports import connect
from frame_tracking import Topology
from frametrace_api.contract import BrokerContract, PipelineRef
pipeline = PipelineRef(namespace="test", name="killed", uid=sys.argv[2])
contract = BrokerContract(type="RabbitMQ", url=sys.argv[1], overflow="DropNewest")
broker = connect(contract, pipeline, lambda: Topology.of([("motion", "capture")]))
consumer = broker.consumer("motion", "capture")
consumer.set_cameras(sys.argv[4].split(","))
while True:
    delivery = consumer.receive(1)
    if delivery is None:
        continue
    frame_id = delivery.frame.frame_id
    if delivery.count > 3:
        print("dead", frame_id, delivery.count, flush=True)
        consumer.dead_letter(delivery.frame, "it kills")
        continue
    print("begun", frame_id, delivery.count, flush=True)
    if frame_id == sys.argv[3]:
        os.kill(os.getpid(), 9)
    assert consumer.ack(delivery.frame)
    print("done", frame_id, delivery.count, flush=True)
"""


def test_a_frame_that_kills_its_stage_takes_no_innocent_ones_with_it(rabbit_server: Any, raw_rabbit: Any) -> None:
    uid, cameras = os.urandom(8).hex(), [f"cam{number:02}" for number in range(6)]
    contract = BrokerContract(type="RabbitMQ", url=rabbit_server.url, overflow="DropNewest")
    pipeline = PipelineRef(namespace="test", name="killed", uid=uid)
    broker = connect(contract, pipeline, lambda: Topology.of([("motion", "capture")]))
    frames = [frame for camera in cameras for frame in _sent(broker, camera, 3)]
    poison = frames[0]

    lines: list[list[str]] = []
    for _ in range(8):
        lines += _run_stage([rabbit_server.url, uid, poison, ",".join(cameras)], stop_after=lines)
        if len({line[1] for line in lines if line[0] in {"done", "dead"}}) == len(frames):
            break
    broker.close()

    done = [line[1] for line in lines if line[0] == "done"]
    begun = [int(line[2]) for line in lines if line[0] == "begun" and line[1] == poison]
    assert sorted(done) == sorted(frames[1:])
    assert begun == [1, 2, 3]
    assert [line for line in lines if line[0] == "dead"] == [["dead", poison, "4"]]
    _, properties, body = raw_rabbit.basic_get(f"frametrace.test.killed.{uid[:8]}:dead:motion", auto_ack=True)
    assert (properties.headers["frame_id"], properties.headers["error"], body) == (poison, "it kills", b"picture")


def _sent(broker: Any, camera: str, number: int) -> list[str]:
    producer, ids, sent = broker.producer(camera, "capture"), FrameIDGenerator(camera), []
    for _ in range(number):
        frame_id = ids.next()
        frame = Frame(FrameMetadata(frame_id=frame_id, timestamp=frame_id.time), b"picture")
        producer.send(frame, TraceContext.untraced(frame_id))
        sent.append(str(frame_id))
    return sent


def _run_stage(arguments: list[str], stop_after: list[list[str]]) -> list[list[str]]:
    """Run the stage until it dies, or has had nothing to do for three seconds."""
    lines: list[list[str]] = []
    with subprocess.Popen([sys.executable, "-c", STAGE, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        idle = threading.Timer(3, process.terminate)
        for line in process.stdout:
            idle.cancel()
            lines.append(line.split())
            idle = threading.Timer(3, process.terminate)
            idle.start()
        idle.cancel()
    return lines


def test_a_killed_replicas_frame_is_another_ones_within_a_second(rabbit_bench: Any, rabbit_server: Any) -> None:
    bench, uid = rabbit_bench, os.urandom(8).hex()
    contract = BrokerContract(type="RabbitMQ", url=rabbit_server.url, overflow="DropNewest")
    broker = connect(
        contract, PipelineRef(namespace="test", name="killed", uid=uid), lambda: Topology.of([("motion", "capture")])
    )
    frame = bench.frame()
    broker.producer("cam01", "capture").send(frame, bench.context(frame))
    command = [sys.executable, "-c", STAGE.replace("os.kill(os.getpid(), 9)", "sys.stdin.read()")]
    command += [rabbit_server.url, uid, frame.frame_id, "cam01"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == ["begun", frame.frame_id, "1"]
        process.send_signal(signal.SIGKILL)

    consumer = broker.consumer("motion", "capture")
    consumer.set_cameras(["cam01"])
    delivery = consumer.receive(5)

    assert delivery is not None
    assert (delivery.frame.frame_id, delivery.count) == (frame.frame_id, 2)
    assert consumer.ack(delivery.frame)
    broker.close()


def test_frames_that_a_closing_replica_never_began_count_as_handed_out_once(rabbit_bench: Any) -> None:
    producer, leaving = rabbit_bench.producer(), rabbit_bench.consumer()
    sent = rabbit_bench.send(producer, 4)
    assert leaving.ack(rabbit_bench.receive(leaving).frame)

    leaving.close()

    deliveries = rabbit_bench.drain(rabbit_bench.consumer())
    assert [(d.frame.frame_id, d.count) for d in deliveries] == [(frame.frame_id, 1) for frame in sent[1:]]


def test_a_replica_holds_few_frames_and_waits_within_bounds_for_more(rabbit_bench: Any) -> None:
    producer, consumer = rabbit_bench.producer(), rabbit_bench.consumer()
    rabbit_bench.send(producer, 4)
    held = [rabbit_bench.receive(consumer) for _ in range(2)]

    began = time.monotonic()
    more = consumer.receive(0.3)
    waited = time.monotonic() - began

    assert more is None
    assert waited < 3
    assert all(consumer.ack(delivery.frame) for delivery in held)
    assert len(rabbit_bench.drain(consumer)) == 2


def test_a_handler_may_take_longer_than_heartbeats_do(rabbit_bench: Any) -> None:
    producer, consumer = rabbit_bench.producer(), rabbit_bench.consumer(claim_after=60)
    rabbit_bench.send(producer)
    held = rabbit_bench.receive(consumer)

    time.sleep(25)  # RabbitMQ gives up a connection that is silent for two heartbeats of 10 s

    assert consumer.ack(held.frame) is True
    assert consumer.receive(0.5) is None
