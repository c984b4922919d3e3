"""Saved files of every shape that people have give the same journeys, and their size does not matter."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.analysis.analysis import analyse
from camera_runtime.analysis.spool import SavedJourneys
from camera_runtime.journeys.base import SpanFileError
from camera_runtime.journeys.files import FileJourneys
from camera_runtime.journeys.json_text import JsonText
from camera_runtime.journeys.saved import SavedFile
from frame_tracking import FrameQuery
from hypothesis import given
from hypothesis import strategies as st

from tests.generated.journeys import TREE, Made, as_jaeger, traces_data

JOURNEYS = [Made(number).journey() for number in range(1, 8)]
TRACES = [as_jaeger(journey) for journey in JOURNEYS]
BATCHES = [traces_data([journey]) for journey in JOURNEYS]

SHAPES: dict[str, Callable[[], str]] = {
    "an answer": lambda: json.dumps({"data": TRACES, "total": 0, "errors": None}),
    "printed nicely, as Jaeger's page saves it": lambda: json.dumps({"data": TRACES}, indent=4),
    "with another key first": lambda: json.dumps({"total": 0, "limit": 0, "data": TRACES}),
    "answers one after the other": lambda: "".join(json.dumps({"data": [trace]}) for trace in TRACES),
    "its traces alone": lambda: json.dumps(TRACES, indent=2),
    "a trace a line": lambda: "\n".join(json.dumps(trace) for trace in TRACES),
    "of the newer query API": lambda: json.dumps({"result": traces_data(JOURNEYS)}),
    "OTLP-JSON printed nicely": lambda: "\n".join(json.dumps(batch, indent=2) for batch in BATCHES),
    "OTLP-JSON in lines": lambda: "\n".join(json.dumps(batch) for batch in BATCHES),
    "with a byte order mark": lambda: "\ufeff" + json.dumps({"data": TRACES}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "traces.json"
    path.write_text(SHAPES[shape](), encoding="utf-8")
    found = analyse(SavedJourneys(path), {TREE.revision: TREE}, 5)

    assert (found.read.traces, found.read.spans, found.read.unreadable) == (7, 42, 0)
    assert found.completeness.complete == 7


@pytest.mark.parametrize("shape", SHAPES)
def test_a_frame_is_looked_up_in_every_shape(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "traces.json"
    path.write_text(SHAPES[shape](), encoding="utf-8")
    source = FileJourneys(path)
    found = source.journey(Made(3).frame_id)

    assert found is not None
    assert [span.span_id for span in found.spans] == [span.span_id for span in Made(3).spans()]
    assert source.journey(Made(99).frame_id) is None
    assert len(source.find(FrameQuery.parse("cam01"), 5).journeys) == 5


@pytest.mark.parametrize(
    ("content", "unreadable"),
    [
        ("", 0),
        ('{"data": []}', 0),
        ('{"data": [{"traceID": 1}]}', 1),
        ('{"items": [], "kind": "List"}', 1),
        ("[]", 0),
        ("[1, {}]", 2),
        ("no JSON\nat all", 2),
        ('{"resourceSpans": []}\n{"other": 1}\n{"half a line\n[]\n', 3),
    ],
)
def test_what_holds_no_spans_is_counted(content: str, unreadable: int, tmp_path: Path) -> None:
    path = tmp_path / "traces.json"
    path.write_text(content)
    file = SavedFile(path)

    assert (list(file.spans()), file.unreadable) == ([], unreadable)


HALF = json.dumps(BATCHES[0])[:200]
METRICS = '{"resourceMetrics": []}'


@pytest.mark.parametrize(
    ("lines", "unreadable"),
    [
        ([METRICS, *map(json.dumps, BATCHES), HALF], 2),
        ([METRICS, HALF, *map(json.dumps, BATCHES)], 2),
        ([*map(json.dumps, TRACES), json.dumps(TRACES[0])[:100]], 1),
        ([json.dumps({"result": batch}) for batch in BATCHES] + ['{"data": 3}'], 1),
    ],
)
def test_a_broken_line_costs_no_other(lines: list[str], unreadable: int, tmp_path: Path) -> None:
    path = tmp_path / "traces.json"
    path.write_text("\n".join(lines))
    found = analyse(SavedJourneys(path), {TREE.revision: TREE}, 5)

    assert (found.read.traces, found.read.spans, found.read.unreadable) == (7, 42, unreadable)
    assert len(FileJourneys(path).find(FrameQuery.parse("cam01"), 50).journeys) == 7


@pytest.mark.parametrize("content", ['{"data": 3}', '{"data": [', '{"data": null}', '{"data":[] x', "[" * 100_000])
def test_a_document_that_is_not_jaegers_is_refused_by_its_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "traces.json"
    path.write_text(content)

    with pytest.raises(SpanFileError, match=r"traces\.json is not what Jaeger's /api/traces answers"):
        list(SavedJourneys(path).journeys(lambda _: None))


class Endless(io.RawIOBase):
    """A list of so many equal elements, which is in no memory."""

    def __init__(self, element: bytes, number: int) -> None:
        self._element, self._left = element, number
        self._begun = False

    def read(self, size: int = -1) -> bytes:
        if not self._begun:
            self._begun = True
            return b'{"data":['
        many = min(self._left, max(1, size // len(self._element)))
        self._left -= many
        text = self._element * many
        return text if many == 0 or self._left else text[:-1] + b"]}"


def test_a_long_list_takes_no_more_memory_than_a_short_one() -> None:
    text = JsonText(Endless(json.dumps({"a": "x" * 4000}).encode() + b",", 5000))  # type: ignore[arg-type]  # it reads
    tracemalloc.start()
    for _ in text.members():
        number = sum(1 for _ in text.elements() if text.value())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert number == 5000  # 20 MB
    assert most < 4_000_000


def test_a_value_that_is_too_long_is_refused() -> None:
    text = JsonText(io.BytesIO(b'["' + b"x" * 2_000_000 + b'"]'), largest=100_000)

    with pytest.raises(ValueError, match="more than 100000 characters"):
        text.value()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(_JSON, max_size=5), st.sampled_from([None, 2]))
def test_values_are_read_as_the_library_reads_them(values: list[Any], indent: int | None) -> None:
    text = JsonText(io.BytesIO(" \n".join(json.dumps(value, indent=indent) for value in values).encode()))
    read = []
    while text.peek():
        read.append(text.value())

    assert read == values


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise_anything_else(content: bytes) -> None:
    text = JsonText(io.BytesIO(content))
    try:
        while text.peek():
            text.value()
    except ValueError:
        pass
