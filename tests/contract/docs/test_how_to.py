"""What the pages tell to write and to type works as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from frame_tracking import FrameID

from scripts.prove.pages import Page

pytestmark = pytest.mark.contract


def follow(name: str, folder: Path) -> str:
    """Write a page's files into `folder`, run its commands there in order, and return what they print."""
    page = Page.of(name)
    done = page.follow(folder, page.local)
    told = [line for line in done.stderr.splitlines() if not line.startswith("trace_analyzer: wrote ")]
    assert (done.returncode, told) == (0, []), done.stdout
    return done.stdout


def test_a_pipeline_without_a_cluster(tmp_path: Path) -> None:
    said = follow("how-to/without-a-cluster.md", tmp_path)

    assert re.search(r"^(\d+) frames captured: \1 completed, 0 dropped, 0 dead-lettered$", said, re.MULTILINE)
    assert re.search(r"^(\d+) of \1 spans written$", said, re.MULTILINE)
    assert "complete: every hop, no orphan, one outcome a branch" in said
    assert (tmp_path / "frame.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_many_traces_are_analysed(tmp_path: Path) -> None:
    said = follow("how-to/analyse-traces.md", tmp_path)

    assert re.search(r"^(\d+) of \1 journeys are complete \(100 %\)$", said, re.MULTILINE)
    assert '"latency": [' in said
    assert '<h2 id="latency">' in (tmp_path / "report.html").read_text()


def test_a_stage_of_ones_own(tmp_path: Path) -> None:
    said = follow("how-to/own-stage.md", tmp_path)

    assert "process_frame  [brightness]" in said
    assert re.search(r"^(\d+) frames captured: \1 completed", said, re.MULTILINE)


def test_a_ratio_and_a_camera_of_its_own_one(tmp_path: Path) -> None:
    said = follow("how-to/sampling-and-budgets.md", tmp_path)
    [captured] = re.findall(r"^(\d+) frames captured: \1 completed", said, re.MULTILINE)
    traced = {
        camera: {FrameID(row["frame_id"]).sequence for row in json.loads((tmp_path / f"{camera}.json").read_text())}
        for camera in ("cam01", "cam02")
    }

    assert traced["cam02"] == set(range(1, len(traced["cam02"]) + 1))  # each of them
    assert 0 < len(traced["cam01"]) < int(captured) - len(traced["cam02"])


def test_the_tutorials_part_without_a_cluster(tmp_path: Path) -> None:
    page = Page.of("tutorial.md")
    first, *others = page.blocks("sh")
    parts = others[: next(number for number, text in enumerate(others) if "make demo" in text)]
    assert first.startswith("make setup\n")
    done = page.follow(tmp_path, [first.removeprefix("make setup\n"), *parts])

    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.partition(" (")[0] for line in done.stderr.splitlines()] == ["warning: frame dead-lettered"]
    assert "20 completed, 0 dropped, 10 dead-lettered" in done.stdout
    assert "I do not like this one" in done.stdout
    assert len(re.findall(r"complete: every hop, no orphan, one outcome a branch", done.stdout)) == 2
    assert "journeys are complete (100 %)" in done.stdout
