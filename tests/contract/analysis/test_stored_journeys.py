"""The trace analyzer on a real Jaeger: every journey once, whatever the slices of time are."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from camera_runtime.analysis.analysis import analyse
from camera_runtime.analysis.owners import Owner
from camera_runtime.analysis.pages import StoredJourneys
from camera_runtime.analysis.spool import SavedJourneys
from camera_runtime.journeys.jaeger import Jaeger
from frame_tracking import FrameID

from scripts.bench.frame_spans import FrameSpans
from scripts.bench.saved_answer import save_answer
from scripts.bench.stored_frames import StoredFrames
from scripts.servers.jaeger import JaegerServer

pytestmark = pytest.mark.contract
ANALYZER = Path(__file__).resolve().parents[3] / "scripts" / "trace_analyzer.py"


@pytest.mark.parametrize("of_capture", [True, False])
def test_every_journey_is_read_once(stored: StoredFrames, of_capture: bool) -> None:  # noqa: FBT001 - pytest's way
    end = datetime.now(UTC)
    source = StoredJourneys(Jaeger(stored.query_url), end - timedelta(hours=1), end, of_capture=of_capture)
    told: list[float] = []
    read = Counter(journey.frame_id for journey in source.journeys(told.append))

    assert read == Counter({str(frame_id): 1 for frame_id in stored.frames})
    assert not source.shortfall
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_journeys_without_a_span_of_the_capture_are_found_too(tmp_path: Path) -> None:
    server = JaegerServer(tmp_path)
    try:
        whole = StoredFrames(server.otlp_url, server.query_url)
        whole.add(1_000)
        lost, made = FrameID.generate("cam40"), FrameSpans.to(server.otlp_url)
        made.frame_without_capture(lost)
        made.flush()
        made.close()
        whole.add(2_000)
        end = datetime.now(UTC)
        source = StoredJourneys(Jaeger(server.query_url), end - timedelta(hours=1), end)
        read = Counter(journey.frame_id for journey in source.journeys(lambda _: None))
    finally:
        server.stop()

    assert read == Counter({str(frame_id): 1 for frame_id in (*whole.frames, lost)})


def test_a_time_in_which_nothing_was_captured_is_empty(stored: StoredFrames) -> None:
    end = datetime.now(UTC) - timedelta(days=1)
    source = StoredJourneys(Jaeger(stored.query_url), end - timedelta(hours=1), end)

    assert not list(source.journeys(lambda _: None))


def test_the_command_tells_that_all_of_them_are_complete(stored: StoredFrames) -> None:
    command = [str(ANALYZER), "completeness", "--json", "--settle", "0", "--jaeger", stored.query_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)

    assert (found["traces"], found["spans"]) == (3000, 15_000)
    assert (found["completeness"]["frames"], found["completeness"]["complete"]) == (3000, 3000)


def test_frames_that_began_lately_are_told_and_not_judged(stored: StoredFrames) -> None:
    command = [str(ANALYZER), "completeness", "--json", "--settle", "3600", "--jaeger", stored.query_url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 1
    assert "3000 journeys that began lately are left out" in done.stderr


@pytest.mark.parametrize(("pipeline", "traces"), [("parking", 3000), ("entrance", 0)])
def test_only_journeys_of_the_pipeline_are_given(stored: StoredFrames, pipeline: str, traces: int) -> None:
    end = datetime.now(UTC)
    tags = {"pipeline.name": pipeline}
    source = StoredJourneys(Jaeger(stored.query_url), end - timedelta(hours=1), end, tags=tags)

    assert len(list(source.journeys(lambda _: None))) == traces


def test_a_saved_answer_tells_what_the_jaeger_does(stored: StoredFrames, tmp_path: Path) -> None:
    saved = tmp_path / "traces.json"
    save_answer(stored.query_url, saved, datetime.now(UTC) - timedelta(hours=1))
    found = analyse(SavedJourneys(saved), {}, 5)

    assert (found.read.traces, found.read.spans, found.read.unreadable) == (3000, 15_000, 0)
    assert found.completeness.complete == 3000
    assert found.read.pipelines == ((Owner("", "parking"), 3000),)
