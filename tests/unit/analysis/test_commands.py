"""The commands of the trace analyzer: what they print, for people, for programs and as a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from camera_runtime.analysis.main import main
from camera_runtime.cli.exits import Exit
from frame_tracking import Journey

from tests.generated.journeys import TREE, Made, as_jaeger, of_a_web_shop, write_spans

EVIL = "<script>alert(1)</script>\x1b[31m\u202e[bold]x"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in a directory of its own: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    for name in ("JAEGER_QUERY_URL", "FRAMETRACE_SPANS"):
        monkeypatch.delenv(name, raising=False)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_it


@pytest.fixture
def spans(tmp_path: Path) -> Path:
    """Ten frames' spans: the fourth frame is missing, the fifth has lost its resize span, the seventh is slow."""
    journeys = [
        Made(number, slow_ms=80 if number == 7 else 0).journey([6] if number == 5 else []) for number in range(1, 12)
    ]
    return write_spans(tmp_path / "frametrace.jsonl", [each for number, each in enumerate(journeys, 1) if number != 4])


def test_completeness_is_told_hop_by_hop(call: Call, spans: Path) -> None:
    code, out, _ = call("completeness")

    assert code == Exit.WELL
    assert "9 of 10 journeys are complete (90.00 %)" in out
    assert ["resize", "10", "1", "90.00", "%"] in [line.split() for line in out.splitlines()]
    assert Made(5).frame_id in out


def test_a_place_that_was_typed_wins_over_a_variable(call: Call, spans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAEGER_QUERY_URL", "http://127.0.0.1:1")
    assert call("completeness")[0] == Exit.UNAVAILABLE
    assert call("completeness", "--spans", str(spans))[0] == Exit.WELL
    assert call("gaps", "--spans", str(spans), "--jaeger", "http://127.0.0.1:1")[0] == Exit.USAGE
    monkeypatch.setenv("FRAMETRACE_SPANS", "frametrace.jsonl")
    assert call("latency", "--jaeger", "http://127.0.0.1:1")[0] == Exit.UNAVAILABLE


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("latency", ["resize", "work", "9", "5.00", "85.00", "85.00", "85.00", "85.00"]),
        ("slowest", [Made(7).frame_id, "95.0", "resize", "work", "85.0"]),
        ("gaps", ["cam01", "a7f3c", "1-11", "10", "1", "4"]),
    ],
)
def test_each_table_has_its_figures(call: Call, spans: Path, command: str, expected: list[str]) -> None:
    code, out, _ = call(command)

    assert code == Exit.WELL
    assert expected in [line.split() for line in out.splitlines()]


@pytest.mark.parametrize("command", ["completeness", "latency", "slowest", "gaps"])
def test_programs_get_json(call: Call, spans: Path, command: str) -> None:
    _, out, _ = call(command, "--json", "--top", "2")
    found = json.loads(out)

    assert (found["source"], found["traces"], found["spans"], found["unreadable"]) == ("frametrace.jsonl", 10, 59, 0)
    assert found[command]


def test_programs_get_no_numbers_where_none_are_told(call: Call, tmp_path: Path) -> None:
    write_spans(tmp_path / "frametrace.jsonl", [Made(number, ratio="0.5").journey() for number in (1, 5)])
    (session,) = json.loads(call("gaps", "--json")[1])["gaps"]

    assert (session["sampled"], session["missing"], session["gaps"]) == (False, None, [])


def test_what_was_left_out_is_said(call: Call, tmp_path: Path) -> None:
    journeys = [
        *(Made(number, pipeline="entrance").journey() for number in range(1, 101)),
        *(Made(number, pipeline="yard", session="zzzzz").journey() for number in range(1, 11)),
        *(of_a_web_shop(number) for number in range(1, 6)),
    ]
    (tmp_path / "traces.json").write_text(json.dumps({"data": [as_jaeger(each) for each in journeys]}))
    whole = call("completeness", "--spans", "traces.json")[1]
    entrance = call("completeness", "--spans", "traces.json", "--pipeline", "entrance", "--settle", "2")[1]
    found = json.loads(call("gaps", "--json", "--spans", "traces.json", "--pipeline", "yard")[1])

    assert "110 of 110 journeys are complete" in whole
    assert "2 pipelines are added up: entrance (100), yard (10)" in whole
    assert "5 traces of other programs are left out: no span of them has a frame ID" in whole
    assert "10 journeys of other pipelines are left out" in entrance
    assert "20 journeys that began lately are left out, since they may be under way" in entrance
    assert found["left_out"] == {"no_frame": 5, "other_pipelines": 100, "under_way": 0}
    assert found["pipelines"] == [{"namespace": "", "pipeline": "yard", "traces": 10}]


@pytest.mark.parametrize("in_lines", [True, False])
def test_a_namespace_is_told_apart_in_files(call: Call, tmp_path: Path, in_lines: bool) -> None:  # noqa: FBT001 - pytest's way
    journeys = [
        Made(1, pipeline="entrance", namespace="cameras").journey(),
        Made(2, pipeline="entrance", namespace="staging").journey(),
    ]
    path = tmp_path / "traces.json"
    path.write_text(json.dumps({"data": [as_jaeger(each) for each in journeys]}))
    _, out, _ = call(
        "slowest", "--spans", str(write_spans(path, journeys) if in_lines else path), "--namespace", "staging"
    )

    assert Made(2).frame_id in out
    assert Made(1).frame_id not in out


def test_a_pipelines_file_tells_its_name_and_its_stages(call: Call, tmp_path: Path) -> None:
    stages = "".join(f"{{name: {name}, input: {upstream}, handler: motion}}, " for name, upstream in TREE.stages)
    body = "apiVersion: frametrace.dev/v1alpha1\nkind: CameraPipeline\nmetadata: {name: yard}\nspec:\n"
    cameras = "  cameras: [{id: cam01, source: {url: 'test://'}}]\n"
    (tmp_path / "yard.yaml").write_text(f"{body}{cameras}  stages: [{stages}]\n")
    journeys = [Made(number, pipeline="yard").journey([4, 6]) for number in range(1, 11)]
    write_spans(tmp_path / "frametrace.jsonl", [*journeys, Made(1, pipeline="entrance", session="zzzzz").journey()])
    code, out, err = call("completeness", "--pipeline", "yard.yaml")

    assert (code, err) == (Exit.WELL, "")
    assert "0 of 10 journeys are complete" in out
    assert ["archive", "10", "10", "0.00", "%"] in [line.split() for line in out.splitlines()]
    assert "inferred" not in out


def test_one_frames_journey_is_shown_of_a_saved_answer(call: Call, tmp_path: Path) -> None:
    (tmp_path / "traces.json").write_text(json.dumps({"data": [as_jaeger(Made(1).journey())]}, indent=2))
    code, out, _ = call("journey", Made(1).frame_id, "--spans", "traces.json")

    assert code == Exit.WELL
    assert "capture_frame  [rtsp-capture]" in out


def test_one_frames_journey_is_shown(call: Call, spans: Path) -> None:
    code, out, _ = call("journey", Made(1).frame_id)

    assert code == Exit.WELL
    assert "capture_frame  [rtsp-capture]" in out


def test_an_attribute_that_is_no_number_of_jsons_is_printed_as_a_text(call: Call, tmp_path: Path) -> None:
    trace = as_jaeger(Made(1).journey())
    trace["spans"][0]["tags"].append({"key": "score", "type": "float64", "value": float("nan")})
    (tmp_path / "traces.json").write_text(json.dumps({"data": [trace]}))
    _, out, _ = call("journey", Made(1).frame_id, "--spans", "traces.json", "--json")

    found = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert found["spans"][0]["attributes"]["score"] == "nan"


def test_a_time_beyond_all_clocks_costs_its_trace_and_no_other(call: Call, tmp_path: Path) -> None:
    traces = [as_jaeger(Made(number).journey()) for number in (1, 2, 3)]
    traces[1]["spans"][0]["duration"] = 10**400
    (tmp_path / "traces.json").write_text(json.dumps({"data": traces}))
    code, out, err = call("latency", "--spans", "traces.json", "--json")

    assert (code, json.loads(out)["traces"]) == (Exit.WELL, 2)
    assert "1 entries of traces.json cannot be read and were passed over" in err


class Tags(HTMLParser):
    """The tags of a page, and whatever would be loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.heights: list[list[float]] = []
        """Of each plot's bars."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "svg":
            self.heights.append([])
        if tag == "rect":
            self.heights[-1].append(float(dict(attrs)["height"] or 0))
        self.loaded += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data"}]


def test_the_page_has_tables_and_plots_and_needs_nothing(call: Call, spans: Path, tmp_path: Path) -> None:
    code, _, err = call("gaps", "--html", "report.html")
    text = (tmp_path / "report.html").read_text()
    page = Tags()
    page.feed(text)

    assert (code, err) == (Exit.WELL, "trace_analyzer: wrote report.html\n")
    assert "90.00 %" in text
    assert [max(heights) for heights in page.heights] == [80.0] * 8  # the whole journey, four hops' work, three queues
    assert '<td class="text">4</td>' in text  # the number that is missing
    assert not page.loaded
    assert "script" not in page.tags


def test_hostile_names_harm_neither_page_nor_terminal(call: Call, tmp_path: Path) -> None:
    made = Made(1)
    hostile = [replace(span, service=EVIL) if span.service == "motion" else span for span in made.spans()]
    hostile = [replace(span, attributes={**span.attributes, "frame.id": EVIL}) for span in hostile]
    document = {"data": [as_jaeger(Journey.of(made.frame_id.trace_id, hostile))]}
    (tmp_path / "traces.json").write_text(json.dumps(document))
    code, out, err = call("completeness", "--spans", "traces.json", "--html", "report.html")
    page = Tags()
    page.feed((tmp_path / "report.html").read_text())

    assert code == Exit.WELL
    assert "script" not in page.tags
    assert not {"\x1b", "\u202e"} & set(out + err + (tmp_path / "report.html").read_text())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["bogus"], Exit.USAGE, "No such command 'bogus'"),
        (["latency"], Exit.INVALID, "there is no file frametrace.jsonl"),
        (["latency", "--top", "0"], Exit.USAGE, "--top"),
        (["latency", "--since", "0"], Exit.USAGE, "--since"),
        (["latency", "--since", "nan", "--jaeger", "http://127.0.0.1:1"], Exit.USAGE, "--since"),
        (["latency", "--settle", "nan"], Exit.USAGE, "--settle"),
        (["latency", "--since", "inf", "--jaeger", "http://127.0.0.1:1"], Exit.UNAVAILABLE, "does not answer"),
        (["latency", "--since", "1e12", "--jaeger", "http://127.0.0.1:1"], Exit.UNAVAILABLE, "does not answer"),
        (["latency", "--settle", "-1"], Exit.USAGE, "--settle"),
        (["latency", "--jaeger", "ftp://x"], Exit.USAGE, "--jaeger takes a URL"),
        (["latency", "--jaeger", "http://x", "--spans", "x"], Exit.USAGE, "name two places"),
        (["latency", "--pipeline", "nowhere.yaml"], Exit.INVALID, "nowhere.yaml cannot be read"),
        (["gaps", "--jaeger", "http://me:s3cretword@127.0.0.1:1"], Exit.UNAVAILABLE, "***@127.0.0.1:1 does not answer"),
        (["journey", "20240315"], Exit.USAGE, "takes a part of one"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(call: Call, arguments: list[str], code: Exit, says: str) -> None:
    ended, out, err = call(*arguments)

    assert (ended, out) == (code, "")
    assert says in err
    assert "s3cretword" not in err
    assert err.count("\n") == 1
    assert err.startswith("trace_analyzer: ")


def test_a_page_that_cannot_be_written_is_told(call: Call, spans: Path) -> None:
    code, _, err = call("gaps", "--html", "nowhere/report.html")

    assert code == Exit.USAGE
    assert "--html: nowhere/report.html cannot be written: No such file or directory" in err


def test_a_page_that_cannot_be_written_is_told_before_anything_is_read(call: Call) -> None:
    """An hour of a Jaeger takes minutes, and all of it would be lost. Here nothing answers at all."""
    code, _, err = call("gaps", "--html", "nowhere/report.html", "--jaeger", "http://127.0.0.1:1")

    assert code == Exit.USAGE
    assert "--html: nowhere/report.html cannot be written" in err


def test_no_empty_page_is_left_where_there_is_nothing_to_write(call: Call, tmp_path: Path) -> None:
    (tmp_path / "old.html").write_text("of yesterday")

    assert call("gaps", "--html", "new.html")[0] == call("gaps", "--html", "old.html")[0] == Exit.INVALID
    assert [path.name for path in tmp_path.iterdir()] == ["old.html"]
    assert (tmp_path / "old.html").read_text() == "of yesterday"


def test_an_empty_file_is_no_finding(call: Call, tmp_path: Path) -> None:
    (tmp_path / "frametrace.jsonl").write_text("")
    code, out, err = call("gaps")

    assert (code, out) == (Exit.MISSING, "")
    assert "frametrace.jsonl has no journeys" in err
