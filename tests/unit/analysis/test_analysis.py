"""What is added up of many journeys is what looking at each of them tells."""

from __future__ import annotations

import random
import sqlite3
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from camera_runtime.analysis.analysis import analyse
from camera_runtime.analysis.gaps import Gap, Gaps
from camera_runtime.analysis.shapes import Shapes
from camera_runtime.analysis.spool import SavedJourneys
from camera_runtime.analysis.times import QUEUE, WORK, SlowFrames, Times
from camera_runtime.journeys.base import SpanFileError
from frame_tracking import Journey, JourneySpan, judge
from hypothesis import given
from hypothesis import strategies as st

from tests.generated.journeys import TREE, Listed, Made, write_spans

KNOWN = {TREE.revision: TREE}
Write = Callable[[Iterable[Journey]], Path]


@pytest.fixture
def span_file(tmp_path: Path) -> Write:
    return lambda journeys: write_spans(tmp_path / "frametrace.jsonl", journeys)


@given(st.lists(st.sets(st.integers(2, 6)), min_size=1, max_size=40))
def test_as_many_journeys_are_complete_as_are_when_each_is_judged(without: list[set[int]]) -> None:
    journeys = [Made(number).journey(left_out) for number, left_out in enumerate(without, 1)]
    shapes = Shapes(KNOWN)
    for journey in journeys:
        shapes.take(journey)
    found = shapes.completed()

    judged = [judge(journey, TREE) for journey in journeys]
    missing = Counter(hop for each in judged for hop in each.missing_hops)
    assert (found.frames, found.complete) == (len(journeys), sum(each.complete for each in judged))
    assert {hop.hop: hop.missing for hop in found.hops if hop.missing} == dict(missing)
    assert sum(each.frames for each in found.problems if each.what.startswith("no span of")) == sum(missing.values())


def test_the_stages_are_inferred_where_nobody_tells_them() -> None:
    shapes = Shapes({})
    for number in range(1, 10):
        shapes.take(Made(number).journey())
    shapes.take(Made(10).journey(without=[6]))
    found = shapes.completed()

    assert (found.frames, found.complete, found.inferred) == (10, 9, 10)
    assert [(hop.hop, hop.expected, hop.missing) for hop in found.hops] == [
        ("capture", 10, 0),
        ("archive", 10, 0),
        ("motion", 10, 0),
        ("resize", 10, 1),
    ]
    assert found.problems[0].examples == (Made(10).frame_id,)


def test_a_revision_that_nobody_knows_is_judged_by_what_its_own_journeys_show() -> None:
    shapes = Shapes(KNOWN)
    shapes.take(Made(1).journey())
    shapes.take(Made(2, revision="0badc0de").journey(without=[2, 3, 4, 5, 6]))
    found = shapes.completed()

    assert (found.frames, found.complete) == (
        2,
        1,
    )  # inferred: a tree of the capture alone, which its root has no outcome in


def test_a_journey_without_its_capture_is_incomplete_and_not_forgotten() -> None:
    shapes = Shapes(KNOWN)
    shapes.take(Made(1).journey(without=[1, 2]))
    found = shapes.completed()

    assert (found.frames, found.complete, found.unjudged) == (1, 0, 0)
    assert "no root span" in {each.what for each in found.problems}


def test_what_handlers_say_of_a_frame_is_not_kept_with_its_shape() -> None:
    """A lossy store has thousands of shapes: one for each set of a frame's spans that is lost."""

    def lossy(number: int) -> Journey:
        said = {"detections": str(number) * 20_000}
        spans = [replace(span, attributes={**span.attributes, **said}) for span in Made(number).spans()]
        own = replace(spans[2], span_id=f"{number:016x}", parent_id="f" * 16, name=f"lost parent {number}")
        return Journey.of(Made(number).frame_id.trace_id, [*spans, own])

    shapes = Shapes(KNOWN)
    tracemalloc.start()
    for number in range(1, 301):
        shapes.take(lossy(number))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 300 * 20_000  # bytes: less than one such text for each
    assert sum("lost parent" in problem.what for problem in shapes.completed().problems) == 300


def test_work_and_queue_are_told_apart() -> None:
    times = Times()
    for number in range(1, 101):
        times.take(Made(number, slow_ms=number).journey())
    spreads = {(spread.hop, spread.kind): spread for spread in times.spreads()}

    resize = spreads["resize", WORK]
    assert (resize.frames, resize.p50, resize.p90, resize.p99, resize.most) == (100, 55.0, 95.0, 104.0, 105.0)
    assert spreads["resize", QUEUE].p50 == 1.0  # as the broker told, though the clocks say otherwise
    assert ("capture", QUEUE) not in spreads
    assert sum(resize.histogram) == 100


def test_without_the_brokers_word_the_queue_time_is_between_two_clocks_and_never_negative() -> None:
    spans = tuple(_without_queued(span) for span in Made(1).spans())
    times = Times()
    times.take(Journey.of(Made(1).frame_id.trace_id, spans))
    spreads = {(spread.hop, spread.kind): spread.most for spread in times.spreads()}

    assert spreads["motion", QUEUE] == 0.0  # it began 3 ms before its sender's end


def test_hours_are_hours() -> None:
    times = Times()
    times.take(Made(1, slow_ms=7_200_000).journey())
    (resize,) = [spread for spread in times.spreads() if (spread.hop, spread.kind) == ("resize", WORK)]

    assert resize.most == 7_200_005.0


@pytest.mark.parametrize("milliseconds", [[5], [5] * 50, [5] * 10 + [900]])
def test_every_frame_is_in_a_bar(milliseconds: list[int]) -> None:
    times = Times()
    for number, slow in enumerate(milliseconds, 1):
        times.take(Made(number, slow_ms=slow).journey())

    assert {sum(spread.histogram) for spread in times.spreads()} == {len(milliseconds)}


def _without_queued(span: JourneySpan) -> JourneySpan:
    kept = {key: value for key, value in span.attributes.items() if key != "frametrace.queued_ms"}
    fields = (span.span_id, span.parent_id, span.links, span.name, span.service, span.start_us, span.duration_us)
    return JourneySpan(*fields, kept)


def test_the_slowest_frames_are_kept_and_what_took_longest_is_named() -> None:
    numbers = list(range(1, 200))
    random.Random(1).shuffle(numbers)
    slow = SlowFrames(3)
    for number in numbers:
        slow.take(Made(number, slow_ms=number).journey())

    assert [(each.frame_id, each.hop, each.kind) for each in slow.slowest()] == [
        (Made(number).frame_id, "resize", WORK) for number in (199, 198, 197)
    ]


def test_missing_numbers_are_found_in_any_order() -> None:
    there = [number for number in range(5, 60) if number not in {17, 18, 19, 40}]
    random.Random(2).shuffle(there)
    gaps = Gaps()
    for number in [*there, 20, 20]:  # a number that comes twice is one frame
        gaps.take(Made(number).journey())
    (session,) = gaps.sessions()

    assert (session.camera, session.session, session.first, session.last) == ("cam01", "a7f3c", 5, 59)
    assert (session.seen, session.missing, session.sampled) == (51, 4, True)
    assert session.gaps == (Gap(17, 19), Gap(40, 40))


def test_numbers_that_sampling_left_out_are_not_called_missing() -> None:
    gaps = Gaps()
    for number in (1, 5, 9):
        gaps.take(Made(number, ratio="0.25").journey())

    assert [session.sampled for session in gaps.sessions()] == [False]


def test_frames_that_were_kept_though_sampling_left_them_out_have_no_missing_numbers_between() -> None:
    gaps = Gaps()
    for number in (10, 5000):  # ratio 0, keepErrors
        gaps.take(Made(number).kept())
    (session,) = gaps.sessions()

    assert (session.sampled, session.missing, session.gaps) == (False, None, ())


def test_one_kept_frame_tells_that_not_all_are_sampled() -> None:
    gaps = Gaps()
    for journey in (Made(1).journey(), Made(3).kept(), Made(9).journey()):
        gaps.take(journey)

    assert [(session.sampled, session.missing) for session in gaps.sessions()] == [(False, None)]


def test_nothing_is_missing_where_no_journey_tells_the_ratio() -> None:
    gaps = Gaps()
    for number in (1, 5):
        gaps.take(Made(number).journey([1, 2]))

    assert [(session.sampled, session.missing) for session in gaps.sessions()] == [(False, None)]


def test_a_file_is_read_a_trace_at_a_time_whatever_the_order_of_its_lines(span_file: Write) -> None:
    journeys = [Made(number).journey() for number in range(1, 30)]
    path = span_file(journeys)
    with path.open("a") as file:
        file.write('{"half a line\n[]\n')
    told: list[float] = []
    source = SavedJourneys(path)
    read = {journey.trace_id: journey for journey in source.journeys(told.append)}

    assert read.keys() == {journey.trace_id for journey in journeys}
    assert all(
        [span.span_id for span in read[each.trace_id].spans] == [span.span_id for span in each.spans]
        for each in journeys
    )
    assert source.unreadable == 2
    assert told[-1] == 1.0


def test_both_halves_of_a_rotated_file_are_read(span_file: Write, tmp_path: Path) -> None:
    whole = span_file([Made(1).journey()])
    lines = whole.read_text().splitlines(keepends=True)
    (tmp_path / "frametrace.jsonl.1").write_text("".join(lines[:2]))
    whole.write_text("".join(lines[2:]))
    (journey,) = SavedJourneys(whole).journeys(lambda _: None)

    assert len(journey.spans) == len(Made(1).spans())


def test_the_bar_goes_on_while_spans_are_sorted_and_added_up(span_file: Write) -> None:
    told: list[float] = []
    list(SavedJourneys(span_file([Made(number).journey() for number in range(1, 30)])).journeys(told.append))

    assert told == sorted(told)
    assert len([share for share in told if 0.5 < share < 1]) >= 20


def test_a_disk_without_room_is_told_as_what_it_is(span_file: Write, no_room: None) -> None:
    source = SavedJourneys(span_file([Made(number).journey() for number in range(1, 100)]))

    with pytest.raises(SpanFileError, match=r"cannot be sorted in .*TMPDIR names another place"):
        list(source.journeys(lambda _: None))


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite may write four pages, as if the disk had no more."""
    connect = sqlite3.connect

    def small(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **more)
        connection.execute("PRAGMA max_page_count = 4")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)


def test_everything_is_found_in_one_reading(span_file: Write) -> None:
    journeys = [Made(number).journey() for number in range(1, 11)]
    from_list: Any = analyse(Listed(journeys), KNOWN, 5)
    from_file = analyse(SavedJourneys(span_file(journeys)), KNOWN, 5)

    assert (from_list.read.traces, from_list.read.spans) == (from_file.read.traces, from_file.read.spans) == (10, 60)
    assert from_list.completeness == from_file.completeness
    assert {each.hop: each.p99 for each in from_list.latency} == {each.hop: each.p99 for each in from_file.latency}
    assert from_list.sessions == from_file.sessions
