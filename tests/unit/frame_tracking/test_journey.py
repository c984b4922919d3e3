from __future__ import annotations

from typing import Any

import pytest
from frame_tracking import Completeness, InvalidTraceError, Journey, JourneySpan, Outcome, Topology, judge, tree
from hypothesis import given
from hypothesis import strategies as st

TREE = Topology.of([("motion", "capture"), ("archive", "capture"), ("resize", "motion")])
TRACE = "0" * 31 + "1"


def span(
    name: str, hop: str, span_id: str, parent: str | None = None, kind: str = "internal", **attributes: Any
) -> JourneySpan:
    service = "rtsp-capture" if hop == "capture" else hop
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    start = int(span_id, 16) * 1000
    return JourneySpan(span_id, parent, (), name, service, start, 500, {**named, "span.kind": kind})


def stage(hop: str, span_id: str, parent: str, outcome: str = "", **attributes: Any) -> JourneySpan:
    if outcome:
        attributes["frame__outcome"] = outcome
    return span("process_frame", hop, span_id, parent, "consumer", **attributes)


ROOT = span("capture_frame", "capture", "1")
SEND = span("send cam01.capture", "capture", "2", "1", "producer")
MOTION, ARCHIVE = stage("motion", "3", "2"), stage("archive", "4", "2", "completed")
ONWARD = span("send cam01.motion", "motion", "5", "3", "producer")
RESIZE = stage("resize", "6", "5", "completed")
WHOLE = (ROOT, SEND, MOTION, ARCHIVE, ONWARD, RESIZE)


def verdict(*spans: JourneySpan) -> Completeness:
    return judge(Journey(TRACE, tuple(spans)), TREE)


def test_a_journey_with_every_hop_and_one_outcome_a_branch_is_complete() -> None:
    assert verdict(*WHOLE) == Completeness((), (), 1, (), ())
    assert verdict(*WHOLE).complete


@pytest.mark.parametrize("missing", WHOLE, ids=lambda span: f"{span.service}-{span.name}")
def test_a_journey_without_any_one_of_its_spans_is_not_complete(missing: JourneySpan) -> None:
    assert not verdict(*(span for span in WHOLE if span is not missing)).complete


def test_what_is_missing_is_named() -> None:
    found = verdict(ROOT, SEND, MOTION, ONWARD, RESIZE)

    assert (found.missing_hops, found.branches_without_outcome) == (("archive",), ("archive",))


def test_a_frame_that_was_kept_from_a_hop_on_is_expected_below_it_only() -> None:
    root = stage("motion", "3", "", frame__partial="upstream")
    begun = JourneySpan(root.span_id, None, (), root.name, root.service, 3000, 500, root.attributes)

    assert verdict(begun, ONWARD, RESIZE).complete
    assert verdict(begun, ONWARD).missing_hops == ("resize",)


def test_an_orphan_is_named() -> None:
    assert verdict(*(s for s in WHOLE if s is not ONWARD)).orphans == ("process_frame",)


def test_a_frame_that_ended_in_a_stage_is_expected_nowhere_below_it() -> None:
    dropped = stage("motion", "3", "2", "dead_lettered")

    assert verdict(ROOT, SEND, dropped, ARCHIVE).complete


def test_a_frame_that_never_left_capture_is_complete() -> None:
    alone = span("capture_frame", "capture", "1", frame__outcome="dropped", frame__drop_reason="broker_unavailable")

    assert verdict(alone).complete


def test_a_frame_trimmed_on_its_way_to_a_stage_is_complete_for_that_branch_only() -> None:
    trimmed = span("drop_frame", "capture", "7", "2", frame__outcome="dropped", stage__name="motion")

    assert verdict(ROOT, SEND, ARCHIVE, trimmed).complete
    assert verdict(ROOT, SEND, trimmed).missing_hops == ("archive",)


def test_two_frames_trimmed_on_two_branches_are_complete() -> None:
    drops = [
        span("drop_frame", "capture", f"{n}", "2", frame__outcome="dropped", stage__name=name)
        for n, name in ((7, "motion"), (8, "archive"))
    ]

    assert verdict(ROOT, SEND, *drops).complete


def test_a_second_execution_without_an_outcome_changes_nothing() -> None:
    again = stage("archive", "7", "2", frame__duplicate=True)

    assert verdict(*WHOLE, again).complete


def test_two_outcomes_of_one_branch_are_named() -> None:
    assert verdict(*WHOLE, stage("archive", "7", "2", "completed")).branches_with_several == ("archive",)


def test_a_frames_outcome_is_its_worst_branchs() -> None:
    worse = Journey(TRACE, (ROOT, stage("motion", "3", "1", "dropped"), ARCHIVE))

    assert (Journey(TRACE, WHOLE).outcome, worse.outcome) == (Outcome.COMPLETED, Outcome.DROPPED)
    assert Journey(TRACE, (ROOT,)).outcome is None


def test_a_trace_is_read_as_jaeger_tells_it() -> None:
    answer = {
        "traceID": TRACE,
        "processes": {"p1": {"serviceName": "rtsp-capture"}, "p2": {"serviceName": "motion"}},
        "spans": [
            {
                "traceID": TRACE,
                "spanID": "b",
                "operationName": "process_frame",
                "processID": "p2",
                "startTime": 20,
                "duration": 5,
                "references": [
                    {"refType": "CHILD_OF", "traceID": TRACE, "spanID": "a"},
                    {"refType": "FOLLOWS_FROM", "traceID": TRACE, "spanID": "a"},
                ],
                "tags": [{"key": "span.kind", "value": "consumer"}, {"key": "frame.outcome", "value": "completed"}],
            },
            {
                "traceID": TRACE,
                "spanID": "a",
                "operationName": "capture_frame",
                "processID": "p1",
                "startTime": 10,
                "duration": 3,
                "references": [],
                "tags": [{"key": "frame.id", "value": "x"}],
            },
        ],
    }

    journey = Journey.from_jaeger(answer)

    assert [(s.name, s.parent_id, s.links, s.hop) for s in journey.spans] == [
        ("capture_frame", None, (), "capture"),
        ("process_frame", "a", ("a",), "motion"),
    ]
    assert (journey.hops, journey.duration_us, journey.frame_id) == (("capture", "motion"), 15, "x")


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["traceID", "spans", "processes", "spanID", "tags", "references"]), inner)
    ),
    max_leaves=12,
)


@given(_ANY)
def test_reading_any_answer_gives_a_journey_or_its_own_error(answer: Any) -> None:
    try:
        journey = Journey.from_jaeger(answer)
    except InvalidTraceError:
        return
    judge(journey, TREE)
    assert tree(journey)


@given(st.permutations(WHOLE))
def test_the_judgement_does_not_depend_on_the_order(spans: list[JourneySpan]) -> None:
    assert verdict(*spans).complete


def test_the_tree_shows_times_services_and_outcomes() -> None:
    assert tree(Journey(TRACE, WHOLE))[1:] == [
        "└─ capture_frame  [rtsp-capture]  +0.0 ms  0.50 ms",
        "   └─ send cam01.capture  [rtsp-capture]  +1.0 ms  0.50 ms",
        "      ├─ process_frame  [motion]  +2.0 ms  0.50 ms",
        "      │  └─ send cam01.motion  [motion]  +4.0 ms  0.50 ms",
        "      │     └─ process_frame  [resize]  +5.0 ms  0.50 ms  completed",
        "      └─ process_frame  [archive]  +3.0 ms  0.50 ms  completed",
    ]
    assert tree(Journey(TRACE, ())) == [f"trace {TRACE}: no spans"]
