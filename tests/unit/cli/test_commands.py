"""What commands say when something is wrong: one line, an exit code, no traceback, no credential, nothing a terminal obeys."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.cli import doctor, find, journey, run
from camera_runtime.cli.exits import Exit
from camera_runtime.cli.main import main
from camera_runtime.run_record import RunRecord
from frame_tracking import FrameID, Topology

FRAME = FrameID("20240315T101530123456_cam01_a7f3c_000123")
EVIL = "evil\x1b[31m\u202e[bold]x[/bold]:smile:"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in a directory of its own: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("JAEGER_QUERY_URL", "FRAMETRACE_SPANS", "FRAMETRACE_BROKER"):
        monkeypatch.delenv(name, raising=False)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_it


def raw_span(number: int, name: str, parent: int = 0, **attributes: str) -> dict[str, Any]:
    given = {
        "frame.id": FRAME,
        "camera.id": "cam01",
        **{key.replace("__", "."): value for key, value in attributes.items()},
    }
    return {
        "traceId": FRAME.trace_id,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": name,
        "kind": 5 if parent else 1,
        "startTimeUnixNano": str(1_710_497_730_123_456_000 + number),
        "endTimeUnixNano": str(1_710_497_730_123_456_000 + 5_000_000),
        "attributes": [{"key": key, "value": {"stringValue": str(value)}} for key, value in given.items()],
        "status": {"code": 2, "message": EVIL} if name == EVIL else {},
    }


def write_spans(*spans: dict[str, Any], service: str = "rtsp-capture") -> None:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    batch = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": list(spans)}]}]}
    with Path("frametrace.jsonl").open("a") as file:
        file.write(json.dumps(batch) + "\n")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["bogus"], Exit.USAGE, "No such command 'bogus'"),
        (["find"], Exit.USAGE, "Missing argument"),
        (["find", EVIL], Exit.USAGE, "is no frame ID and no part of one"),
        (["find", "cam01"], Exit.INVALID, "there is no span file frametrace.jsonl"),
        (["find", "cam01", "--limit", "0"], Exit.USAGE, "--limit"),
        (["find", "cam01", "--jaeger", "ftp://x"], Exit.USAGE, "--jaeger takes a URL"),
        (
            ["find", "cam01", "--jaeger", "http://me:s3cretword@127.0.0.1:1"],
            Exit.UNAVAILABLE,
            "***@127.0.0.1:1 does not answer",
        ),
        (["journey", "20240315"], Exit.USAGE, "`frametrace find` takes a part of one"),
        (["run", "nowhere.yaml"], Exit.INVALID, "nowhere.yaml cannot be read: No such file"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(call: Call, arguments: list[str], code: Exit, says: str) -> None:
    found, out, error = call(*arguments)

    assert (found, out) == (code, "")
    assert says in error
    assert error.startswith("frametrace: ")
    assert error.count("\n") == 1
    assert error.rstrip("\n").isprintable()
    assert "s3cretword" not in error


def test_what_was_typed_wins_over_a_variable(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    write_spans(raw_span(1, "capture_frame"))
    monkeypatch.setenv("JAEGER_QUERY_URL", "http://127.0.0.1:1")
    for arguments in (["find", "cam01"], ["journey", FRAME]):
        assert call(*arguments)[0] == Exit.UNAVAILABLE
        assert call(*arguments, "--spans", "frametrace.jsonl")[0] == 0
    monkeypatch.setenv("FRAMETRACE_SPANS", "nowhere.jsonl")
    assert call("find", "cam01", "--jaeger", "http://127.0.0.1:2")[2].startswith(
        "frametrace: Jaeger at http://127.0.0.1:2 does not answer"
    )


def test_two_places_to_look_are_refused(call: Call) -> None:
    both = ("--spans", "frametrace.jsonl", "--jaeger", "http://127.0.0.1:1")
    for arguments in (["find", "cam01"], ["journey", FRAME]):
        code, _, error = call(*arguments, *both)
        assert (code, error) == (
            Exit.USAGE,
            "frametrace: --spans and --jaeger name two places to look; give one of them\n",
        )


def test_that_more_frames_match_is_said_unless_so_many_were_asked_for(call: Call) -> None:
    for number in range(21):
        frame_id = FrameID(FRAME.replace("000123", f"{number + 1:06d}"))
        write_spans({**raw_span(1, "capture_frame", frame__id=frame_id), "traceId": frame_id.trace_id})
    assert call("find", "cam01")[2] == "frametrace: listed: the newest 20; --limit lists more\n"
    assert call("find", "cam01", "--limit", "2")[2] == ""
    assert call("find", "cam01", "--limit", "21")[2] == ""
    assert "a frame's number has at least six digits: 000777" in call("find", "777")[2]


def test_hostile_spans_do_a_terminal_no_harm(call: Call) -> None:
    write_spans(raw_span(1, "capture_frame"), raw_span(2, EVIL, 1, frame__outcome=EVIL), service=EVIL)

    for arguments in (["find", "cam01"], ["journey", FRAME]):
        code, out, _ = call(*arguments)
        assert code == 0
        assert all(line.isprintable() for line in out.splitlines())
    assert r"evil\x1b[31m\u202e[bold]x[/bold]:smile:" in out


def test_a_journey_says_what_is_missing_and_why(call: Call) -> None:
    tree = Topology.of([("motion", "capture")])
    write_spans(raw_span(1, "capture_frame", frametrace__revision=tree.revision), raw_span(2, "send cam01.capture", 1))
    RunRecord().with_topology(tree).write(Path("frametrace.jsonl"))

    _, out, _ = call("journey", FRAME)
    assert (
        "missing: there is no span of 'motion': the frame waits for it still, or that process's spans were lost" in out
    )
    said = json.loads(call("journey", FRAME, "--json")[1])
    assert (said["complete"], len(said["missing"]), len(said["spans"])) == (False, 1, 2)


def test_a_journey_whose_stages_are_not_known_is_not_judged(call: Call) -> None:
    write_spans(raw_span(1, "capture_frame", frametrace__revision="ffffffff"))
    assert "nothing is said of what is missing" in call("journey", FRAME)[1]
    assert json.loads(call("journey", FRAME, "--json")[1])["complete"] is None


def test_a_frame_that_is_not_there_is_said_so(call: Call) -> None:
    write_spans(raw_span(1, "capture_frame"))
    other = FRAME.replace("000123", "000124")
    assert call("journey", other)[2].startswith(
        f"frametrace: frametrace.jsonl has no span of frame {other}: it was not sampled"
    )
    assert call("find", "cam02") == (Exit.MISSING, "", "frametrace: no frame in frametrace.jsonl matches 'cam02'\n")
    assert call("find", "cam02", "--json")[1] == "[]\n"
    assert (
        f"no picture of frame {FRAME} is in frametrace.pictures; --broker asks the pipeline's broker"
        in call("journey", FRAME, "--picture", "x.jpg")[2]
    )


def test_a_brokers_pictures_are_asked_for_by_the_pipelines_name_and_only_where_they_are_allowed(call: Call) -> None:
    write_spans(raw_span(1, "capture_frame"))
    look = ("journey", FRAME, "--picture", "x.jpg", "--broker", "redis://127.0.0.1:1/0")
    assert call(*look)[0] == Exit.USAGE
    body = "apiVersion: frametrace.dev/v1alpha1\nkind: CameraPipeline\nmetadata: {name: yard, uid: u}\nspec:\n"
    cameras = "  cameras: [{id: cam01, source: {url: 'test://'}}]\n"
    Path("camera.yaml").write_text(body + cameras)
    assert "pictures of yard are denied" in call(*look, "--pipeline", "camera.yaml")[2]
    Path("camera.yaml").write_text(f"{body}{cameras}  pictures: {{access: Allowed}}\n")
    assert call(*look, "--pipeline", "camera.yaml")[::2] == (
        Exit.UNAVAILABLE,
        "frametrace: Redis at 127.0.0.1:1 is not reachable\n",
    )


def test_lines_that_cannot_be_read_are_passed_over_and_counted(call: Call) -> None:
    write_spans(raw_span(1, "capture_frame"))
    with Path("frametrace.jsonl").open("a") as file:
        file.write(f'{{"traceId": "{FRAME.trace_id}", \n')
    code, out, error = call("journey", FRAME)
    assert (code, "capture_frame" in out) == (0, True)
    assert error == "frametrace: 1 lines of frametrace.jsonl cannot be read and were passed over\n"


def test_what_nobody_thought_of_is_one_line_too(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    code, _, error = call("run", "camera.yaml")
    assert code == Exit.FAULT
    assert error.startswith("frametrace: a fault of Frametrace: FileNotFoundError: ")
    assert error.endswith("; FRAMETRACE_DEBUG=1 shows where\n")


@pytest.mark.parametrize("module", [doctor, find, journey, run], ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_help_has_examples(call: Call, module: Any) -> None:
    code, out, _ = call(module.__name__.rsplit(".", 1)[1], "--help")
    assert code == 0
    assert all(example in out.replace("\n", " ") or example.split()[-1] in out for example in module.EXAMPLES)
    assert "\x1b" not in out


def test_without_arguments_it_shows_its_commands_and_its_version(call: Call) -> None:
    code, out, _ = call()
    assert code == Exit.USAGE
    assert all(name in out for name in ("run", "find", "journey", "doctor", "--install-completion"))
    assert call("--version") == (0, f"frametrace {version('frametrace')}\n", "")
