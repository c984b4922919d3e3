"""What the how-to pages tell to write and to type works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "docs" / "how-to"
_FILE = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMANDS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.contract


def follow(page: str, folder: Path) -> str:
    """Write a page's files into `folder`, run its commands there in order, and return what they print."""
    text = (PAGES / page).read_text()
    for name, content in _FILE.findall(text):
        (folder / name).write_text(content)
    for name in ("docs", "scripts"):
        (folder / name).symlink_to(ROOT / name)
    commands = _COMMANDS.findall(text)
    assert commands
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    told = [line for line in done.stderr.splitlines() if not line.startswith("trace_analyzer: wrote ")]
    assert (done.returncode, told) == (0, []), done.stdout
    return done.stdout


def test_a_pipeline_without_a_cluster(tmp_path: Path) -> None:
    said = follow("without-a-cluster.md", tmp_path)

    assert re.search(r"^(\d+) frames captured: \1 completed, 0 dropped, 0 dead-lettered$", said, re.MULTILINE)
    assert re.search(r"^(\d+) of \1 spans written$", said, re.MULTILINE)
    assert "complete: every hop, no orphan, one outcome a branch" in said
    assert (tmp_path / "frame.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_many_traces_are_analysed(tmp_path: Path) -> None:
    said = follow("analyse-traces.md", tmp_path)

    assert re.search(r"^(\d+) of \1 journeys are complete \(100 %\)$", said, re.MULTILINE)
    assert '"latency": [' in said
    assert '<h2 id="latency">' in (tmp_path / "report.html").read_text()


def test_a_stage_of_ones_own(tmp_path: Path) -> None:
    said = follow("own-stage.md", tmp_path)

    assert "process_frame  [brightness]" in said
    assert re.search(r"^(\d+) frames captured: \1 completed", said, re.MULTILINE)
