"""From ledgers to frames that are over, from journeys to what is wrong, from counts to a finding."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frame_tracking import (
    FinishedFrames,
    FrameID,
    Journey,
    JourneySpan,
    Ledger,
    LedgerBucket,
    LedgerWindow,
    Topology,
    judge,
    sample_hash,
)
from frametrace_api.status_tracing import AuditMethod, AuditResult
from frametrace_operator.guard.audit.causes import Losses, most_common
from frametrace_operator.guard.audit.examine import Fault, UnknownStagesError, _plainly_whole, examine
from frametrace_operator.guard.audit.finding import Counted, conclude
from frametrace_operator.guard.audit.pool import Pool
from frametrace_operator.guard.audit.readings import Place
from frametrace_operator.guard.audit.survey import Survey, survey
from frametrace_operator.guard.evidence import Cause, MissingFrame
from hypothesis import given
from hypothesis import strategies as st

TREE = Topology.of([("motion", "capture"), ("archive", "capture"), ("resize", "motion")])
KNOWN = {TREE.revision: TREE}
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
AT = int(BEGIN.timestamp())
SPAN = (AT, AT + 30)
TRACE = "0" * 31 + "1"
FRAMES = [FrameID.build(BEGIN + timedelta(seconds=n / 10), "cam01", "aaaaa", n) for n in range(1, 201)]


def ledger(named: list[FinishedFrames], hop: str = "capture", **changed: Any) -> Ledger:
    finished = sum(len(each.left) + len(each.ended) for each in named if each.hop == hop)
    given_: dict[str, Any] = {"traced": finished, "finished": finished, "revision": TREE.revision, **changed}
    forgotten = given_.pop("forgotten", 0)
    bucket = LedgerBucket(camera="cam01", hop=hop, session="aaaaa", start=AT, **given_)
    window = LedgerWindow(start=AT, end=AT + 30, buckets=(bucket,), frames=tuple(named), forgotten=forgotten)
    return Ledger(pipeline="line", service=hop, pod=hop, revision=TREE.revision, started=1.0, window=window)


def named(hop: str, left: list[FrameID], ended: list[FrameID] = [], below: int | None = None) -> FinishedFrames:  # noqa: B006 (never changed)
    return FinishedFrames(camera="cam01", hop=hop, left=tuple(left), ended=tuple(ended), below=below)


def seen(*ledgers: Ledger) -> Survey:
    return survey(ledgers, SPAN, KNOWN)


def test_a_frame_is_over_when_each_of_its_branches_has_ended() -> None:
    both, early, one_branch, lost_in_queue, not_yet = FRAMES[:5]
    found = seen(
        ledger(
            [
                named("capture", [both, one_branch, lost_in_queue, not_yet], [early]),
                named("resize", [], [lost_in_queue]),
            ]
        ),
        ledger([named("motion", [both, lost_in_queue], [one_branch])], "motion"),
        ledger([named("archive", [], [both, lost_in_queue])], "archive"),
        ledger([named("resize", [], [both])], "resize"),
    )

    assert set(found.over) == {both, early, lost_in_queue}
    assert set(found.in_flight) == {one_branch, not_yet}
    assert (found.expected, found.waiting, found.whole, found.topology) == (3, 0.4, True, TREE)


def test_a_frame_that_a_leaf_handed_on_belongs_to_other_stages_and_is_not_over() -> None:
    found = seen(
        ledger([named("capture", FRAMES[:1])]),
        ledger([named("motion", [], FRAMES[:1]), named("archive", FRAMES[:1])], "motion"),
    )

    assert (found.over, found.in_flight) == ((), (FRAMES[0],))


@given(st.lists(st.integers(1, 200), min_size=3, max_size=3), st.integers(0, 199))
def test_samples_of_all_hops_merge_to_one_that_all_have(most: list[int], in_flight: int) -> None:
    def smallest(frames: list[FrameID], k: int) -> tuple[list[FrameID], int | None]:
        by_hash = sorted(frames, key=lambda each: sample_hash(each.encode()))
        return by_hash[:k], sample_hash(by_hash[k].encode()) if k < len(by_hash) else None

    done = FRAMES[in_flight:]
    captured, below = smallest(FRAMES, most[0])
    ledgers = [ledger([named("capture", captured, [], below)], traced=200, finished=200)]
    for hop, k in zip(("motion", "archive"), most[1:], strict=True):
        some, below = smallest(done, k)
        ledgers.append(ledger([named(hop, [], some, below)], hop))

    found = seen(*ledgers)

    expected = sorted(done, key=lambda each: sample_hash(each.encode()))
    assert list(found.over) == expected[: len(found.over)]
    assert len(found.over) >= min(len(done), *most) - in_flight
    assert not set(found.in_flight) & set(done)
    assert found.whole == (min(most[0], 200) == 200 and min(most[1:]) >= len(done))
    if found.whole:
        assert found.expected == len(done)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"forgotten": AT + 1}, "a pod has forgotten frames of this window: there were too many"),
        ({"revision": ""}, "the stages changed in this window"),
        ({"revision": "00000000"}, "the stages changed in this window"),
    ],
)
def test_of_some_windows_nothing_can_be_said(changed: dict[str, Any], problem: str) -> None:
    found = seen(ledger([named("capture", [], FRAMES[:3])], **changed))
    assert (found.problem, found.over, found.traced) == (problem, (), 3)


@pytest.mark.parametrize(
    ("newest", "problem"), [(AT + 60.0, False), (AT + 3000.0, True), (AT + 5000.0, True), (None, True)]
)
def test_what_was_forgotten_of_a_session_whose_clock_was_ahead_is_nothing_of_this_window(
    newest: float | None, *, problem: bool
) -> None:
    told = ledger([named("capture", [], FRAMES[:3])], forgotten=AT + 3000)
    found = survey([told], SPAN, KNOWN, newest)
    assert (bool(found.problem), len(found.over)) == ((True, 0) if problem else (False, 3))


def test_what_is_no_frame_is_not_believed_and_off_hops_are_told() -> None:
    hostile = FinishedFrames(camera="cam01", hop="capture", ended=("x" * 1000, "\udcff", "", *FRAMES[:1]))
    found = seen(ledger([hostile]), ledger([], "motion", off=True))
    assert (found.over, found.off) == ((FRAMES[0],), frozenset({"motion"}))
    assert survey([], SPAN, KNOWN).expected == 0


def span(name: str, hop: str, span_id: str, parent: str | None = None, **attributes: Any) -> JourneySpan:
    kind = "consumer" if name == "process_frame" else "internal"
    told = {key.replace("__", "."): value for key, value in attributes.items()} | {"span.kind": kind}
    service = "rtsp-capture" if hop == "capture" else hop
    return JourneySpan(span_id, parent, (), name, service, int(span_id, 16), 5, told)


ROOT = span("capture_frame", "capture", "1", frametrace__revision=TREE.revision)
SEND, MOTION = span("send c", "capture", "2", "1"), span("process_frame", "motion", "3", "2")
ARCHIVE = span("process_frame", "archive", "4", "2", frame__outcome="completed")
ONWARD = span("send m", "motion", "5", "3")
RESIZE = span("process_frame", "resize", "6", "5", frame__outcome="completed")
WHOLE = (ROOT, SEND, MOTION, ARCHIVE, ONWARD, RESIZE)


def examined(*spans: JourneySpan) -> Fault | None:
    return examine(Journey(TRACE, spans), TREE, KNOWN)


def test_a_complete_journey_has_no_fault_whatever_came_late() -> None:
    late = span("own work", "motion", "9", "8", frame__late=True)
    assert examined(*WHOLE) is None
    assert examined(*WHOLE, late) is None


@pytest.mark.parametrize(
    ("lost", "hops"),
    [
        ((ROOT, SEND), ("capture",)),
        ((MOTION, ONWARD), ("motion",)),
        ((ARCHIVE,), ("archive",)),
        ((MOTION, ONWARD, RESIZE), ("motion", "resize")),
        ((ONWARD,), ("motion",)),
        (WHOLE, TREE.hops),
    ],
)
def test_the_hops_that_are_missing_are_named(lost: tuple[JourneySpan, ...], hops: tuple[str, ...]) -> None:
    assert examined(*(each for each in WHOLE if each not in lost)) == Fault(hops)
    assert examine(None, TREE, KNOWN) == Fault(TREE.hops)


def test_a_lost_context_is_told_apart() -> None:
    alone = span("process_frame", "archive", "4", frame__outcome="completed", frame__context_lost=True)
    fault = examined(*(each for each in WHOLE if each is not ARCHIVE), alone)
    assert fault == Fault(("archive",), context_lost=True)
    assert Losses({}).cause_of(fault, "cam01") is Cause.CONTEXT_LOST


def test_a_journey_is_judged_by_the_stages_of_its_root() -> None:
    older = Topology.of([("motion", "capture")])
    root = span("capture_frame", "capture", "1", frametrace__revision=older.revision)
    ended = span("process_frame", "motion", "3", "2", frame__outcome="completed")
    journey = Journey(TRACE, (root, SEND, ended))
    assert examine(journey, TREE, {older.revision: older, **KNOWN}) is None
    with pytest.raises(UnknownStagesError):
        examine(journey, TREE, KNOWN)


@pytest.mark.parametrize(
    ("lost", "cause"),
    [
        ({"motion": {"queue_full": 3, "unavailable": 1}}, Cause.BUFFER_FULL),
        ({"motion": {"unavailable": 3}}, Cause.EXPORT_FAILED),
        ({"motion": {"refused": 1, "rejected": 2, "shutdown": 2}}, Cause.BACKEND_REFUSED),
        ({"motion": {}, "capture": {"queue_full": 1}}, Cause.LOST_ON_THE_WAY),
        ({"capture": {}}, Cause.NOT_FOUND),
    ],
)
def test_the_cause_is_what_the_pods_of_that_hop_lost(lost: dict[str, dict[str, int]], cause: Cause) -> None:
    found = Losses({Place(hop): dropped for hop, dropped in lost.items()})
    assert found.cause_of(Fault(("motion",)), "cam01") is cause


def test_pods_lost_no_more_frames_than_their_spans_explain_and_none_of_another_camera() -> None:
    lost = Losses({Place("capture", "cam01"): {"queue_full": 4}, Place("capture", "cam02"): {}, Place("motion"): {}})
    fault = Fault(("capture", "motion"))

    assert {lost.cause_of(fault, "cam02") for _ in range(45)} == {Cause.LOST_ON_THE_WAY}
    causes = [lost.cause_of(fault, "cam01") for _ in range(45)]
    assert causes == [Cause.BUFFER_FULL] * 4 + [Cause.LOST_ON_THE_WAY] * 41
    assert lost.cause_of(fault, "cam03") is Cause.NOT_FOUND, "its capture was replaced"
    named_ones = [MissingFrame(frame, "capture", cause) for frame, cause in zip(FRAMES, causes, strict=False)]
    assert most_common(named_ones) == ("capture", Cause.LOST_ON_THE_WAY)


def counted(expected: int, checked: int, missing: int, **more: Any) -> Counted:
    frames = tuple(MissingFrame(frame, "motion", Cause.LOST_ON_THE_WAY) for frame in FRAMES[:missing])
    return Counted(AT, AT + 30, expected, checked, frames, **more)


@pytest.mark.parametrize(
    ("window", "result", "method", "low", "high"),
    [
        (counted(900, 900, 0), "Complete", "Exact", 0.0, 0.0),
        (counted(900, 900, 9), "Missing", "Exact", 1.0, 1.0),
        (counted(30, 30, 0), "Complete", "Exact", 0.0, 0.0),
        (counted(30, 30, 2), "InsufficientEvidence", "Exact", 100 / 15, 100 / 15),
        (counted(30, 30, 30), "Missing", "Exact", 100.0, 100.0),
        (counted(900, 5, 0), "InsufficientEvidence", "Sampled", 0.0, 65.0),
        (counted(900, 5, 1), "Missing", "Sampled", 0.11, 81.4),
        (counted(20_000, 4000, 0), "Complete", "Sampled", 0.0, 0.12),
        (counted(0, 0, 0), "InsufficientEvidence", "Exact", 0.0, 100.0),
        (counted(900, 900, 0, unknown=900, reason="Jaeger was silent"), "Unknown", "Exact", 0.0, 100.0),
        (counted(0, 0, 0, reason="the stages changed"), "Unknown", "Exact", 0.0, 100.0),
        (counted(900, 900, 45, unknown=100), "Missing", "Exact", 5.0, 16.1),
        (counted(900, 900, 0, unknown=405, reason="pods were replaced"), "Unknown", "Exact", 0.0, 45.0),
        (counted(900, 900, 0, unknown=9, reason="pods were replaced"), "Complete", "Exact", 0.0, 1.0),
        (counted(20_000, 4000, 0, unknown=400, reason="pods were replaced"), "Unknown", "Sampled", 0.0, 10.1),
        (counted(20_000, 4000, 1, unknown=400), "Missing", "Sampled", 0.0, 10.2),
    ],
)
def test_what_counts_mean(window: Counted, result: str, method: str, low: float, high: float) -> None:
    found = conclude(window, BEGIN, 1.0)
    assert (found.result, found.method) == (AuditResult(result), AuditMethod(method))
    assert (found.low, found.high) == (pytest.approx(low, abs=0.3), pytest.approx(high, abs=0.3))
    assert (found.hop, found.cause) == (("motion", Cause.LOST_ON_THE_WAY) if window.missing else ("", None))


def test_thin_windows_are_pooled_until_they_tell_something() -> None:
    pool = Pool()
    told = [pool.add(counted(30, 30, missing), BEGIN, 1.0) for missing in (0, 1, 0, 1, 0, 0)]

    assert [found.result for found in told] == ["Complete", *["InsufficientEvidence"] * 3, "Missing", "Complete"]
    assert (told[4].expected, told[4].missing, told[4].low) == (120, 2, pytest.approx(100 / 60))


def test_samples_are_pooled_too_and_a_silent_window_changes_nothing() -> None:
    pool = Pool()
    silent = counted(900, 5, 0, unknown=5, reason="Jaeger was silent")
    told = [pool.add(silent if number == 3 else counted(900, 70, 0), BEGIN, 5.0).result for number in range(5)]

    assert told == ["InsufficientEvidence", "Complete", "InsufficientEvidence", "Unknown", "Complete"]


COUNTS = st.integers(0, 2**53)
TEXTS = st.text(max_size=60) | st.sampled_from([str(frame) for frame in FRAMES[:20]])
HOPS = st.sampled_from(["capture", "motion", "archive", "resize", "else", ""])
NAMED = st.builds(
    FinishedFrames,
    camera=st.sampled_from(["cam01", "", "x"]),
    hop=HOPS,
    left=st.lists(TEXTS, max_size=20).map(tuple),
    ended=st.lists(TEXTS, max_size=20).map(tuple),
    below=st.none() | st.integers(0, 2**64 - 1),
)
BUCKETS = st.builds(
    LedgerBucket,
    camera=st.text(max_size=5),
    hop=HOPS,
    session=st.text(max_size=5),
    start=COUNTS,
    traced=COUNTS,
    finished=COUNTS,
    revision=st.sampled_from([TREE.revision, "", "x"]),
)
WINDOWS = st.builds(
    LedgerWindow,
    start=COUNTS,
    end=COUNTS,
    forgotten=st.sampled_from([0, 0, 0, AT + 5]),
    buckets=st.lists(BUCKETS, max_size=4).map(tuple),
    frames=st.lists(NAMED, max_size=6).map(tuple),
)


@given(st.lists(WINDOWS, max_size=4))
def test_whatever_pods_say_a_survey_is_made(windows: list[LedgerWindow]) -> None:
    told = [ledger([]).model_copy(update={"window": window}) for window in windows]
    found = seen(*told)
    named_ones = {text for window in windows for each in window.frames for text in (*each.left, *each.ended)}
    assert {*found.over, *found.in_flight} <= named_ones
    assert not set(found.over) & set(found.in_flight)
    assert 0 <= found.waiting <= 1
    assert found.expected >= len(found.over)
    conclude(Counted(AT, AT + 30, found.expected, len(found.over)), BEGIN, 1.0)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TAGS = st.fixed_dictionaries(
    {
        "key": st.sampled_from(
            ["frame.outcome", "frame.id", "stage.name", "frametrace.revision", "frame.late", "span.kind"]
        ),
        "value": VALUES,
    }
)
TIMES = st.integers(1 - (1 << 64), (1 << 64) - 1)  # any other makes the trace unreadable
SPANS = st.fixed_dictionaries(
    {
        "spanID": st.sampled_from("abcd"),
        "operationName": st.sampled_from(["capture_frame", "process_frame", "drop_frame", "send x"]),
        "references": st.lists(
            st.fixed_dictionaries(
                {
                    "refType": st.sampled_from(["CHILD_OF", "FOLLOWS_FROM", "X"]),
                    "traceID": st.just(TRACE),
                    "spanID": st.sampled_from("abcde"),
                }
            ),
            max_size=2,
        ),
        "traceID": st.just(TRACE),
        "startTime": TIMES,
        "duration": TIMES,
        "processID": st.sampled_from(["p1", "p2"]),
        "tags": st.lists(TAGS, max_size=5),
    }
)


@given(st.lists(SPANS, max_size=6))
def test_whatever_a_jaeger_says_a_journey_is_examined(spans: list[dict[str, Any]]) -> None:
    processes = {"p1": {"serviceName": "rtsp-capture"}, "p2": {"serviceName": "motion"}}
    journey = Journey.from_jaeger({"traceID": TRACE, "spans": spans, "processes": processes})
    try:
        fault = examine(journey, TREE, KNOWN)
    except UnknownStagesError:
        return
    assert fault is None or fault.hops
    assert not _plainly_whole(journey, TREE) or judge(journey, TREE).complete


@given(
    st.lists(st.integers(0, 5), max_size=2),
    st.sampled_from(["completed", "dropped", "dead_lettered", "", 7]),
    st.booleans(),
)
def test_what_is_plainly_whole_is_complete(missing: list[int], outcome: Any, duplicate: Any) -> None:
    more = {"frame__duplicate": True} if duplicate else {}
    twice = span("process_frame", "resize", "7", "5", frame__outcome=outcome, **more)
    for spans in (WHOLE, (*WHOLE, twice)):
        journey = Journey(TRACE, tuple(each for number, each in enumerate(spans) if number not in missing))
        plainly, complete = _plainly_whole(journey, TREE), judge(journey, TREE).complete
        assert complete or not plainly
        assert plainly or spans is not WHOLE or missing
