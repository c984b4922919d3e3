"""Only frames count, only those of the pipelines that are asked for, and only those that had time to come to their end."""

from __future__ import annotations

from itertools import chain

import pytest
from camera_runtime.analysis.analysis import Findings, analyse
from camera_runtime.analysis.owners import Owner
from camera_runtime.analysis.selection import LeftOut, Wanted
from frame_tracking import Journey, Topology

from tests.generated.journeys import TREE, Listed, Made, of_a_web_shop

OWN = [Made(number, pipeline="entrance", namespace="cameras").journey() for number in range(1, 101)]
OTHER = [
    Made(number, pipeline="yard", namespace="cameras", session="zzzzz", slow_ms=900).journey([6])
    for number in range(1, 61)
]
SAME_NAME = [
    Made(number, pipeline="entrance", namespace="staging", session="yyyyy").journey() for number in range(1, 11)
]
SHOP = [of_a_web_shop(number) for number in range(1, 1001)]


def found(wanted: Wanted | None = None, until_us: int = 0, *journeys: list[Journey]) -> Findings:
    source = Listed(list(chain(*(journeys or (OWN, OTHER, SAME_NAME, SHOP)))), until_us=until_us)
    return analyse(source, {TREE.revision: TREE}, 5, wanted)


def test_traces_of_other_programs_are_no_incomplete_frames() -> None:
    all_of_it = found(None, 0, OWN, SHOP)

    assert (all_of_it.completeness.frames, all_of_it.completeness.complete) == (100, 100)
    assert (all_of_it.read.traces, all_of_it.read.left_out) == (100, LeftOut(no_frame=1000))
    assert max(spread.most for spread in all_of_it.latency) < 2000
    assert all(slow.frame_id for slow in all_of_it.slowest)


@pytest.mark.parametrize(
    ("wanted", "frames", "others"),
    [
        (Wanted(), 170, 0),
        (Wanted("entrance"), 110, 60),
        (Wanted("entrance", "cameras"), 100, 70),
        (Wanted(namespace="cameras"), 160, 10),
        (Wanted("nowhere"), 0, 170),
    ],
)
def test_pipelines_are_told_apart(wanted: Wanted, frames: int, others: int) -> None:
    read = found(wanted).read

    assert (read.traces, read.left_out.other_pipelines) == (frames, others)


def test_it_is_told_whose_frames_are_added_up() -> None:
    assert found().read.pipelines == (
        (Owner("cameras", "entrance"), 100),
        (Owner("cameras", "yard"), 60),
        (Owner("staging", "entrance"), 10),
    )


def test_frames_that_may_be_under_way_are_no_losses() -> None:
    under_way = [Made(number).journey([4, 5, 6]) for number in range(271, 301)]  # a frame each 100 ms
    done = [Made(number).journey() for number in range(1, 271)]
    until_us = under_way[-1].spans[-1].end_us
    hasty, patient = (
        found(Wanted(), until_us, done, under_way),
        found(Wanted(settle_seconds=5), until_us, done, under_way),
    )

    assert (hasty.completeness.frames, hasty.completeness.complete) == (300, 270)
    assert patient.completeness.complete == patient.completeness.frames == 300 - patient.read.left_out.under_way
    assert 30 <= patient.read.left_out.under_way <= 50


def test_a_tree_that_is_told_is_not_that_of_another_pipeline() -> None:
    small = Topology.of([("motion", "capture")])
    made = [Made(number, small.revision, pipeline="yard", session="zzzzz") for number in range(1, 5)]
    other = [each.journey([4, 5, 6]) for each in made[:3]]
    lost = made[3].journey([1, 2, 4, 5, 6])
    known = {small.revision: small, TREE.revision: TREE}
    completeness = analyse(Listed([*OWN, *other, lost]), known, 5).completeness

    assert completeness.unjudged == 0  # the yard has one tree, so the frame without its capture is judged by that
    assert (completeness.frames, completeness.complete, completeness.inferred) == (104, 100, 0)
    assert {hop.hop: hop.missing for hop in completeness.hops if hop.missing} == {"capture": 1}


def test_it_is_told_of_how_many_journeys_the_stages_were_inferred() -> None:
    older = [Made(number, revision="0badc0de", pipeline="entrance").journey() for number in range(201, 204)]
    completeness = analyse(Listed([*OWN, *older]), {TREE.revision: TREE}, 5).completeness

    assert (completeness.frames, completeness.inferred) == (103, 3)
