"""The stub of the guard's cost: its ledgers and traces are such that the guard finds them whole, but for what is lost."""

from __future__ import annotations

import json
import time

import pytest
from frame_tracking import CAPTURE_HOP, FrameID, Journey, Ledger
from frametrace_operator.guard.audit.belief import Speaker, believed
from frametrace_operator.guard.audit.examine import examine
from frametrace_operator.guard.audit.survey import survey

from scripts.bench.operator_scale_parts.fleet import CAMERA, STAGE
from scripts.bench.operator_scale_parts.guard_frames import TREE, is_lost
from scripts.bench.operator_scale_parts.guard_stub import HEALTHY, SICK, Stub, capture_address, stage_address

HOPS = ((capture_address(0), CAPTURE_HOP), (stage_address(999), STAGE))


@pytest.fixture
def span() -> tuple[int, int]:
    """A window that the stub remembers, whenever the test's turn comes."""
    now = int(time.time()) // 5 * 5
    return now - 60, now - 30


def told(stub: Stub, span: tuple[int, int], frames: int, hops: tuple[tuple[str, str], ...] = HOPS) -> list[Ledger]:
    start, end = span
    found = []
    for address, hop in hops:
        status, body = stub.answer(address, f"/ledger?from={start}&until={end}&frames={frames}")
        assert status == 200
        ledger, foreign = believed(
            Ledger.model_validate_json(body), Speaker(hop, frozenset(TREE.children(hop)), frozenset({CAMERA})), span
        )
        assert foreign == 0
        found.append(ledger)
    return found


def journeys(stub: Stub, jaeger: str, trace_ids: list[str]) -> dict[str, Journey]:
    status, body = stub.answer(jaeger, "/api/traces?" + "&".join(f"traceID={each}" for each in trace_ids))
    assert status == 200
    return {journey.trace_id: journey for journey in map(Journey.from_jaeger, json.loads(body)["data"])}


def test_all_frames_of_a_window_are_over_and_their_traces_whole(span: tuple[int, int]) -> None:
    stub, trees = Stub(), {TREE.revision: TREE}
    seen = survey(told(stub, span, 4000), span, trees)
    over = [FrameID(text) for text in seen.over]
    found = journeys(stub, HEALTHY, [frame.trace_id for frame in over])

    assert (len(seen.over), seen.whole, seen.in_flight, seen.problem) == (900, True, (), "")
    assert all(examine(found.get(frame.trace_id), TREE, trees) is None for frame in over)
    assert stub.counts["traces of healthy"] == 900


def test_a_sick_jaeger_lacks_those_that_are_lost_and_no_others(span: tuple[int, int]) -> None:
    stub = Stub()
    over = [FrameID(text) for text in survey(told(stub, span, 4000), span, {TREE.revision: TREE}).over]
    found = journeys(stub, SICK, [frame.trace_id for frame in over])
    missing = [frame for frame in over if frame.trace_id not in found]

    assert sorted(missing) == sorted(frame for frame in over if is_lost(frame))
    assert len(missing) == 3, "suspect, and less than the hundredth that would be a rollback"


def test_a_sample_is_the_same_at_both_hops(span: tuple[int, int]) -> None:
    seen = survey(told(Stub(), span, 5), span, {TREE.revision: TREE})

    assert (len(seen.over), seen.whole, seen.expected) == (5, False, 900)


def test_pods_of_a_cluster_are_told_apart_by_their_networks(span: tuple[int, int]) -> None:
    of_cluster = (("10.240.7.9", CAPTURE_HOP), ("10.245.7.9", STAGE))
    ledgers = told(Stub(), span, 4000, of_cluster)

    assert survey(ledgers, span, {TREE.revision: TREE}).whole
    assert [[count.hop for count in ledger.hops] for ledger in ledgers] == [[CAPTURE_HOP], [STAGE]]
    assert ledgers[0].cameras[0].connected
