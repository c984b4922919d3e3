"""Rows 2.1 to 2.3 and 2.x: every operation traced, with its attributes, through the queue, with no orphan."""

from __future__ import annotations

import time
from typing import Any

import pytest
from camera_runtime.frame import Frame
from camera_runtime.transports import connect
from frame_tracking import FrameID, FrameMetadata, Journey, Topology, TraceContext, judge, now
from frametrace_api.contract import BrokerContract, PipelineRef

from tests.real.pipeline import LocalPipeline
from tests.real.rabbitmq import RabbitServer
from tests.real.redis import RedisServer

CAPTURE = "rtsp-capture"


def _complete_traces(query: Any, traced: LocalPipeline) -> list[dict[str, Any]]:
    """Ten traces of the capture service that have ended: the newest few may be under way still."""
    deadline = time.monotonic() + 15
    while True:
        found = query.get("/api/traces", service=CAPTURE, limit="40")["data"]
        whole = [trace for trace in found if judge(Journey.from_jaeger(trace), traced.topology).complete]
        if len(whole) >= 10 or time.monotonic() > deadline:
            return whole[:10]
        time.sleep(0.2)


@pytest.mark.contract
def test_2_1_ten_frames_give_traces_of_several_spans(traced: LocalPipeline, query: Any) -> None:
    traces = _complete_traces(query, traced)

    assert len(traces) == 10
    names = [{span["operationName"] for span in trace["spans"]} for trace in traces]
    assert all({"capture_frame", "decode_frame", "process_frame"} <= found for found in names)
    limited = query.get("/api/traces", service=CAPTURE, limit="10")["data"]
    assert len(limited) == 10
    assert all(len(trace["spans"]) > 1 for trace in limited)


@pytest.mark.contract
def test_2_2_process_frame_carries_size_camera_and_time(traced: LocalPipeline, query: Any) -> None:
    journeys = [Journey.from_jaeger(trace) for trace in _complete_traces(query, traced)]
    spans = [span for found in journeys for span in found.spans if span.name == "process_frame"]
    captured = [span.attributes for span in spans if span.service == CAPTURE]

    assert len(captured) == 10
    assert all(attributes["frame.size_bytes"] > 1000 for attributes in captured)
    assert {attributes["camera.id"] for attributes in captured} == {"cam01"}
    assert all(0 < attributes["frame.processing_ms"] < 10_000 for attributes in captured)


@pytest.mark.contract
def test_2_3_context_survives_redis(redis_server: RedisServer) -> None:
    _context_survives(BrokerContract(url=redis_server.url))


@pytest.mark.contract
def test_2_3_context_survives_rabbitmq(rabbit_server: RabbitServer) -> None:
    _context_survives(BrokerContract(type="RabbitMQ", url=rabbit_server.url, overflow="DropNewest"))


def _context_survives(contract: BrokerContract) -> None:
    pipeline = PipelineRef(namespace="local", name="row-2-3", uid=FrameID.generate())
    broker = connect(contract, pipeline, lambda: Topology((("motion", "capture"),)))
    producer = broker.producer("cam01", "capture")
    consumer = broker.consumer("motion", "capture")
    consumer.set_cameras(["cam01"])
    frame_id = FrameID.generate()
    trace_context = TraceContext(frame_id.trace_id, "00f067aa0ba902b7", 3, "vendor=1")
    frame = Frame(FrameMetadata(frame_id=frame_id, timestamp=now()), b"picture")

    producer.send(frame, trace_context)
    received = consumer.receive(5.0)
    assert received is not None
    frame, context = received

    assert context.trace_id == trace_context.trace_id
    assert context == trace_context
    assert frame.picture == b"picture"
    broker.close()


@pytest.mark.contract
def test_2_x_no_span_is_an_orphan(traced: LocalPipeline, query: Any) -> None:
    journeys = [Journey.from_jaeger(trace) for trace in _complete_traces(query, traced)]

    assert len(journeys) == 10
    assert [journey.orphans for journey in journeys] == [()] * 10
    assert all(journey.trace_id == FrameID(str(journey.frame_id)).trace_id for journey in journeys)
