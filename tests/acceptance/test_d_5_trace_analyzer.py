"""Row D.5: `scripts/trace_analyzer.py` analyses the traces that a real Jaeger has."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from frame_tracking import FrameID

from tests.real.jaeger import JaegerServer
from tests.real.pipeline import LocalPipeline

pytestmark = pytest.mark.contract
ANALYZER = Path(__file__).resolve().parents[2] / "scripts" / "trace_analyzer.py"


@pytest.fixture(scope="module")
def begun(traced: LocalPipeline) -> float:
    """When 230 frames began to pass, monotonic seconds: other tests have sent frames before that are not complete, for their purposes."""
    moment, before = time.monotonic(), sum(hop.entered for hop in traced.ledger("motion").hops)
    traced.wait_for_frames("motion", before + 230)
    return moment


@pytest.fixture
def analyzer(begun: float, jaeger: JaegerServer) -> Any:
    """What a command finds in the Jaeger of a running pipeline, which leaves frames of the last ten seconds out."""

    def analyse(command: str, *arguments: str) -> Any:
        since = () if command == "journey" else ("--since", f"{time.monotonic() - begun:.0f}")
        typed = [str(ANALYZER), command, *arguments, *since, "--json", "--jaeger", jaeger.query_url]
        done = subprocess.run(typed, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        return json.loads(done.stdout)

    return analyse


def test_d_5_completeness_is_told_hop_by_hop(analyzer: Any) -> None:
    read = analyzer("completeness")
    found = read["completeness"]

    assert found["complete"] == found["frames"] >= 50
    assert read["left_out"]["under_way"] >= 50
    assert {"capture", "motion"} <= {hop["hop"] for hop in found["hops"]}


def test_d_5_work_is_told_apart_from_the_wait_in_the_queue(analyzer: Any) -> None:
    spreads = {(each["hop"], each["kind"]): each for each in analyzer("latency")["latency"]}

    for kind in (("capture", "work"), ("motion", "work"), ("motion", "queue")):
        each = spreads[kind]
        assert each["frames"] >= 50
        assert 0 <= each["p50"] <= each["p99"] <= each["most"]


def test_d_5_the_slowest_frame_is_named_and_its_journey_shown(analyzer: Any) -> None:
    slowest = analyzer("slowest", "--top", "5")["slowest"]
    times = [each["milliseconds"] for each in slowest]
    journey = analyzer("journey", slowest[0]["frame_id"])

    assert (len(times), times) == (5, sorted(times, reverse=True))
    assert journey["trace_id"] == FrameID(slowest[0]["frame_id"]).trace_id == slowest[0]["trace_id"]
    assert journey["spans"]


def test_d_5_no_number_of_the_cameras_session_is_missing(analyzer: Any, traced: LocalPipeline) -> None:
    [captured] = [hop for hop in traced.ledger("rtsp-capture").hops if hop.camera == "cam01"]
    [session] = [each for each in analyzer("gaps")["gaps"] if each["session"] == captured.session]

    assert (session["camera"], session["missing"]) == ("cam01", 0)
