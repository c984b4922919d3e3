"""Row D.4: `docs/frame-tracking-guide.md` is usage documentation, and what it tells to type works as it stands there.

Here what needs no cluster, against a Jaeger of its own. What needs one: `tests/e2e/plugin/test_pages_on_a_cluster.py`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from frame_tracking import FrameID, Journey

from scripts.prove.pages import Page, Program
from tests.real.jaeger import JaegerServer

PAGE = Page.of("frame-tracking-guide.md")
ON_CLUSTER = Path(__file__).resolve().parents[1] / "e2e" / "plugin" / "test_pages_on_a_cluster.py"
STORY = "test_d_4_the_guides_commands_and_those_at_an_alarm"
_ADDRESS = re.compile(r"http://(localhost|127\.0\.0\.1):\d+")


def _anywhere(text: str) -> str:
    """Commands with the addresses of servers left out."""
    return _ADDRESS.sub("http://…", text)


@pytest.fixture(scope="module")
def done(
    own_jaeger: JaegerServer, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The page's commands as they were typed into one shell, and the folder; only the Jaeger's addresses are other ones."""
    folder = tmp_path_factory.mktemp("guide")
    addresses = {"http://localhost:16686": own_jaeger.query_url, "http://localhost:4318": own_jaeger.otlp_url}
    commands = PAGE.local
    for written, real in addresses.items():
        assert any(written in text for text in commands)
        commands = [text.replace(written, real) for text in commands]
    done = PAGE.follow(folder, [*commands, 'echo "FRAME $FRAME"'])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done, folder


@pytest.fixture(scope="module")
def followed(done: tuple[subprocess.CompletedProcess[str], Path]) -> tuple[str, Path]:
    """What the page's commands print, and the folder where they were typed."""
    return done[0].stdout, done[1]


@pytest.fixture(scope="module")
def typed(done: tuple[subprocess.CompletedProcess[str], Path]) -> str:
    """What the shell was given."""
    return str(done[0].args[-1])


@pytest.mark.contract
def test_d_4_a_frame_is_found_by_its_id_by_parts_of_it_and_by_the_older_form(followed: tuple[str, Path]) -> None:
    said, folder = followed
    frame_id = FrameID(re.findall(r"^FRAME (\S+)$", said, re.MULTILINE)[0])

    for name in ("by-id", "by-tag", "by-part", "by-older-form"):
        traces = json.loads((folder / f"{name}.json").read_text())["data"]
        assert frame_id in {Journey.from_jaeger(trace).frame_id for trace in traces}, name
    assert json.loads((folder / "journey.json").read_text())["trace_id"] == frame_id.trace_id
    assert len(re.findall(rf"^{frame_id}  completed", said, re.MULTILINE)) >= 4  # once for each `find`


@pytest.mark.contract
def test_d_4_journeys_are_shown_whole_and_all_of_them_are_complete(followed: tuple[str, Path]) -> None:
    said, _ = followed

    for span in ("capture_frame  [rtsp-capture]", "process_frame  [motion]", "process_frame  [verify]"):
        assert span in said
    assert "complete: every hop, no orphan, one outcome a branch" in said
    assert re.search(r"^(\d+) of \1 journeys are complete \(100 %\)$", said, re.MULTILINE)


@pytest.mark.contract
def test_0_1_what_the_page_says_to_run_instead_of_the_rows_own_words_works(followed: tuple[str, Path]) -> None:
    """`opentelemetry.__version__` does not exist, and `jq length` of the whole answer counts its fields."""
    said, _ = followed

    assert f"OpenTelemetry SDK {version('opentelemetry-sdk')}\ntrue\n" in said
    assert "`opentelemetry.__version__` does not exist" in PAGE.text
    assert "`jq length` of Jaeger's whole answer is 5" in PAGE.text


@pytest.mark.contract
def test_d_4_the_search_that_the_page_warns_of_is_refused(own_jaeger: JaegerServer) -> None:
    url = f"{own_jaeger.query_url}/api/traces?tags=frame.id:20240315_cam01_000123"
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", url]

    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "400"


@pytest.mark.parametrize("program", PAGE.programs, ids=lambda program: program.text.splitlines()[-1])
def test_d_4_its_programs_print_what_stands_beneath_them(program: Program) -> None:
    done = subprocess.run([sys.executable, "-c", program.text], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == (program.prints, "")


@pytest.mark.contract
def test_d_4_every_command_that_needs_no_cluster_was_typed_as_it_stands_there(typed: str) -> None:
    assert len(PAGE.local) > 5
    assert [text for text in PAGE.local if _anywhere(text) not in _anywhere(typed)] == []


def test_d_4_every_other_command_is_typed_on_a_cluster_and_every_program_is_run() -> None:
    """A command in a block of another language, or about the operator, would be nobody's."""
    assert sorted(PAGE.local + PAGE.cluster) == sorted(PAGE.blocks("sh"))
    assert PAGE.about_the_operator("elsewhere") == []
    assert PAGE.never_run == []
    assert len(PAGE.programs) == len(PAGE.blocks("python")) > 0
    story = ON_CLUSTER.read_text().partition(f"\ndef {STORY}(")[2].partition("\ndef ")[0]
    assert r'shell.run("\n".join(Page.of("frame-tracking-guide.md").cluster)' in story


def test_d_4_it_tells_of_what_the_row_asks_for() -> None:
    headings = re.findall(r"^##+ (.+)$", PAGE.text, re.MULTILINE)

    assert {"Its ID", "Its context", "A frame's journey", "Search", "Completeness", "Rollback"} <= set(headings)
