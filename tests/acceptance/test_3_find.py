"""Row 3.2: any frame's journey is found by its ID, by tag and by the trace ID that the frame ID gives."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest
from frame_tracking import FrameID, Journey, judge

from tests.real.jaeger import JaegerServer
from tests.real.pipeline import LocalPipeline

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def frame_id(query: Any, traced: LocalPipeline) -> FrameID:
    """A frame whose journey is complete in Jaeger."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        for trace in query.get("/api/traces", service="rtsp-capture", tag="camera.id:cam01", limit="40")["data"]:
            journey = Journey.from_jaeger(trace)
            if judge(journey, traced.topology).complete:
                return FrameID(str(journey.frame_id))
        time.sleep(0.2)
    raise AssertionError("no frame's journey was complete in 15 s")


def _frametrace(*arguments: str) -> Any:
    command = [sys.executable, "-m", "camera_runtime.cli.main", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def test_3_2_by_tag_and_by_the_computed_trace_id(query: Any, frame_id: FrameID) -> None:
    begun = time.monotonic()
    by_tag = query.get("/api/traces", service="rtsp-capture", tag=f"frame.id:{frame_id}")["data"]
    between = time.monotonic()
    by_id = query.get(f"/api/traces/{frame_id.trace_id}")["data"]
    ended = time.monotonic()

    assert [trace["traceID"] for trace in by_tag] == [trace["traceID"] for trace in by_id] == [frame_id.trace_id]
    assert between - begun < 1
    assert ended - between < 1


def test_3_2_the_tasks_older_form_finds_the_frames_that_it_may_mean(jaeger: JaegerServer, frame_id: FrameID) -> None:
    older = f"{frame_id.time:%Y%m%d}_cam01_{frame_id.sequence:06d}"
    assert not FrameID(older).is_exact

    found = [row["frame_id"] for row in _frametrace("find", older, "--jaeger", jaeger.query_url)]

    assert frame_id in found
    assert {FrameID(each).sequence for each in found} == {frame_id.sequence}


def test_3_2_the_journey_is_shown_whole(jaeger: JaegerServer, frame_id: FrameID, traced: LocalPipeline) -> None:
    said = _frametrace("journey", frame_id, "--jaeger", jaeger.query_url)

    assert (said["trace_id"], said["outcome"]) == (frame_id.trace_id, "completed")
    assert {span["service"] for span in said["spans"]} == {
        "rtsp-capture",
        *(name for name, _ in traced.topology.stages),
    }
