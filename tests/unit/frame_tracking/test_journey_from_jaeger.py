"""What Jaeger answers, read as a journey: references, duplicates, dropped frames, and answers that are no trace."""

from __future__ import annotations

import json
from typing import Any

import pytest
from frame_tracking import InvalidTraceError, Journey, Topology, journeys_from_otlp, judge, tree

TREE = Topology.of([("motion", "capture"), ("archive", "capture"), ("resize", "motion")])
TRACE, OTHER = "0" * 31 + "1", "0" * 31 + "2"


def ref(span_id: str, kind: str = "CHILD_OF", trace: str = TRACE) -> dict[str, str]:
    return {"refType": kind, "traceID": trace, "spanID": span_id}


def raw(span_id: str, name: str, service: str, *references: dict[str, str], **tags: object) -> dict[str, Any]:
    kind = "consumer" if name == "process_frame" else "internal"
    named = {"span.kind": kind, **{key.replace("__", "."): value for key, value in tags.items()}}
    return {
        "traceID": TRACE,
        "spanID": span_id,
        "operationName": name,
        "processID": service,
        "startTime": int(span_id, 16),
        "duration": 5,
        "references": list(references),
        "tags": [{"key": key, "value": value} for key, value in named.items()],
    }


def read(*spans: dict[str, Any]) -> Journey:
    services = ("rtsp-capture", "motion", "archive", "resize")
    return Journey.from_jaeger(
        {"traceID": TRACE, "processes": {name: {"serviceName": name} for name in services}, "spans": list(spans)}
    )


def linked(span_id: str) -> tuple[dict[str, str], ...]:
    """As Jaeger tells a span that is linked to its own parent: one reference, called FOLLOWS_FROM."""
    return (ref(span_id, "FOLLOWS_FROM"),)


ROOT = raw("1", "capture_frame", "rtsp-capture")
SEND = raw("2", "send cam01.capture", "rtsp-capture", ref("1"))
MOTION = raw("3", "process_frame", "motion", *linked("2"))
ARCHIVE = raw("4", "process_frame", "archive", *linked("2"), frame__outcome="completed")
ONWARD = raw("5", "send cam01.motion", "motion", ref("3"))
RESIZE = raw("6", "process_frame", "resize", *linked("5"), frame__outcome="completed")
WHOLE = (ROOT, SEND, MOTION, ARCHIVE, ONWARD, RESIZE)


def test_a_span_that_is_linked_to_its_own_parent_is_that_parents_child() -> None:
    journey = read(*WHOLE)

    parents = {span.span_id: (span.parent_id, span.links) for span in journey.spans}
    assert (parents["3"], parents["6"]) == (("2", ("2",)), ("5", ("5",)))
    assert judge(journey, TREE).complete


def test_a_parent_comes_before_a_link_in_whichever_order_they_are_told() -> None:
    spans = [raw("7", "own", "motion", *refs) for refs in ((ref("3"), *linked("2")), (*linked("2"), ref("3")))]

    for span in spans:
        assert [(s.parent_id, s.links) for s in read(*WHOLE, span).spans if s.span_id == "7"] == [("3", ("2",))]


def test_a_link_into_another_trace_is_no_parent() -> None:
    journey = read(raw("1", "capture_frame", "rtsp-capture", ref("9", "FOLLOWS_FROM", OTHER)))

    assert [(span.parent_id, span.links) for span in journey.roots] == [(None, ())]


def test_a_linked_span_whose_sender_is_missing_is_an_orphan_not_a_second_root() -> None:
    found = judge(read(*(span for span in WHOLE if span is not ONWARD)), TREE)

    assert (found.orphans, found.roots, found.complete) == (("process_frame",), 1, False)


def test_a_frame_that_expired_before_a_stage_is_complete_without_the_stages_below() -> None:
    expired = raw("7", "drop_frame", "motion", ref("2"), frame__outcome="dropped", stage__name="motion")

    journey = read(ROOT, SEND, ARCHIVE, expired)

    assert (journey.not_reached, judge(journey, TREE).complete) == (frozenset({"motion"}), True)


def test_a_frame_dropped_by_a_stage_for_its_readers_ends_their_branch_and_not_the_stages() -> None:
    trimmed = raw("7", "drop_frame", "motion", ref("5"), frame__outcome="dropped", stage__name="resize")

    assert judge(read(ROOT, SEND, MOTION, ARCHIVE, ONWARD, trimmed), TREE).complete
    assert judge(read(ROOT, SEND, ARCHIVE, ONWARD, trimmed), TREE).missing_hops == ("motion",)


def test_a_branch_that_was_dropped_and_finished_has_two_outcomes() -> None:
    trimmed = raw("7", "drop_frame", "rtsp-capture", ref("2"), frame__outcome="dropped", stage__name="archive")

    assert judge(read(*WHOLE, trimmed), TREE).branches_with_several == ("archive",)


def test_a_second_execution_is_a_hop_but_no_outcome() -> None:
    again = raw("7", "process_frame", "archive", *linked("2"), frame__outcome="completed", frame__duplicate=True)

    assert judge(read(*WHOLE, again), TREE).complete
    assert judge(read(*(s for s in WHOLE if s is not ARCHIVE), again), TREE).branches_without_outcome == ("archive",)


def test_a_span_that_is_told_twice_counts_once() -> None:
    assert judge(read(*WHOLE, *WHOLE), TREE).complete


def test_spans_that_are_each_others_parents_are_not_complete_and_end_no_reader() -> None:
    journey = read(*WHOLE, raw("7", "own", "motion", ref("8")), raw("8", "own", "motion", ref("7")))
    lonely = read(raw("7", "capture_frame", "rtsp-capture", ref("7")))

    assert len(tree(journey)) == 1 + len(WHOLE)
    assert (judge(lonely, TREE).roots, judge(lonely, TREE).complete) == (0, False)


def test_spans_may_nest_deeper_than_python_calls() -> None:
    deep = [raw(f"{n:x}", "own", "motion", ref(f"{n - 1:x}")) for n in range(2, 3000)]

    assert len(tree(read(ROOT, *deep))) == 3000


@pytest.mark.parametrize(
    "wrong",
    [
        {"startTime": json.loads("1e999")},
        {"startTime": True},
        {"startTime": -(10**400)},
        {"duration": 10**400},
        {"duration": "5"},
        {"spanID": None},
        {"operationName": []},
        {"processID": "nobody"},
        {"references": [ref("2") | {"spanID": []}]},
        {"tags": [{"key": [], "value": 1}]},
    ],
)
def test_an_answer_of_another_shape_is_refused_by_its_own_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidTraceError, match="not a trace as Jaeger returns it"):
        read(ROOT | wrong)


def test_an_outcome_that_is_no_word_is_none() -> None:
    odd = raw("1", "capture_frame", "rtsp-capture", frame__outcome=["completed"])

    assert read(odd).outcomes == ()


def test_a_span_has_what_its_process_tells_of_itself_and_otlp_tells_the_same() -> None:
    process = {"serviceName": "motion", "tags": [{"key": "k8s.namespace.name", "value": "site-a"}]}
    journey = Journey.from_jaeger(
        {"traceID": TRACE, "processes": {"motion": process}, "spans": [raw("3", "own", "motion")]}
    )
    told = [
        {"key": key, "value": {"stringValue": value}}
        for key, value in (("service.name", "motion"), ("k8s.namespace.name", "site-a"))
    ]
    span = {
        "traceId": TRACE,
        "spanId": "0" * 15 + "3",
        "name": "own",
        "startTimeUnixNano": "3000",
        "endTimeUnixNano": "8000",
    }
    (other,) = journeys_from_otlp(
        ({"resourceSpans": [{"resource": {"attributes": told}, "scopeSpans": [{"spans": [span]}]}]},)
    )

    assert [(s.service, s.resource) for s in journey.spans] == [("motion", {"k8s.namespace.name": "site-a"})]
    assert [(s.service, s.resource) for s in other.spans] == [("motion", {"k8s.namespace.name": "site-a"})]


@pytest.mark.parametrize("time", ["9" * 4000, 1 << 64, "-1"])
def test_times_that_no_clock_has_are_no_trace_of_otlp(time: object) -> None:
    span = {"traceId": TRACE, "spanId": "0" * 15 + "3", "startTimeUnixNano": "3000", "endTimeUnixNano": time}

    with pytest.raises(InvalidTraceError, match="a time of more than 64 bits"):
        journeys_from_otlp(({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]},))
