# ruff: noqa: ANN001, ANN201 - the yard's type lives in conftest.py, which cannot be imported
"""A capture is ready as long as its frames come as often as they are asked for."""

from __future__ import annotations

import time

import pytest
from camera_runtime.run.capture_parts import capture_parts
from frametrace_api.contract import BrokerContract, CameraContract, CaptureContract, PipelineRef
from telemetry import MemoryTracer, Service


def capture(yard, rate: str):
    contract = CaptureContract(
        pipeline=PipelineRef(namespace="default", name="yard", uid="u"),
        camera=CameraContract(id="cam01", url="test://"),
        broker=BrokerContract(),
        frames_per_second=rate,
    )
    traced = MemoryTracer(Service("rtsp-capture", "yard"), yard.store), yard.account
    return capture_parts(contract, traced, yard.broker.producer("cam01", "capture"), "memory")


@pytest.mark.parametrize(
    ("rate", "seconds"), [("", 5), ("30000/1001", 5), ("1", 5), ("0.5", 6), ("0.05", 60), ("0.016", 187.5)]
)
def test_a_capture_is_ready_until_three_frames_are_missing_and_for_five_seconds_at_least(
    yard, rate: str, seconds: float
) -> None:
    parts = capture(yard, rate)

    parts.pipeline.last_published = time.monotonic() - seconds + 1
    assert not parts.unready()

    parts.pipeline.last_published = time.monotonic() - seconds - 1
    assert parts.unready() == f"no frame was published in the last {seconds:g} s"


def test_a_capture_without_a_frame_is_not_ready_however_slow_it_is(yard) -> None:
    assert capture(yard, "0.001").unready() == "no frame was published in the last 3000 s"
