from __future__ import annotations

import pytest
from frame_tracking import HopCount, Ledger, Topology, flowing_cameras
from hypothesis import given
from hypothesis import strategies as st


@st.composite
def trees(draw: st.DrawFn) -> Topology:
    names = [f"stage-{number}" for number in range(draw(st.integers(0, 8)))]
    hops = ["capture", *names]
    return Topology.of((name, draw(st.sampled_from(hops[: hops.index(name)]))) for name in names)


@given(trees())
def test_every_branch_ends_in_a_leaf_and_every_stage_has_its_input(topology: Topology) -> None:
    assert sorted(topology.leaves_below("capture")) == sorted(topology.leaves)
    for name, upstream in topology.stages:
        assert topology.input_of(name) == upstream
        assert name in topology.children(upstream)


@given(trees())
def test_equal_trees_have_equal_revisions_whatever_their_order(topology: Topology) -> None:
    other = [pair for pair in reversed(topology.stages) if pair[1] == "capture"]
    flat = [pair for pair in topology.stages if pair[1] == "capture"]

    assert Topology.of(flat).revision == Topology.of(other).revision
    assert len(topology.revision) == 8


def test_different_trees_have_different_revisions() -> None:
    one, two = Topology.of([("a", "capture"), ("b", "a")]), Topology.of([("a", "capture"), ("b", "capture")])

    assert one.revision != two.revision


@pytest.mark.parametrize(
    "stages", [[("a", "b"), ("b", "capture")], [("a", "a")], [("a", "capture")] * 2, [("capture", "capture")]]
)
def test_what_is_no_tree_is_refused(stages: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="names are unique, an input is an earlier hop"):
        Topology.of(stages)


def test_cameras_flow_where_a_frame_left_or_ended_lately() -> None:
    hops = (
        HopCount(camera="cam01", hop="capture", session="aaaaa", last_frame=100.0),
        HopCount(camera="cam02", hop="capture", session="aaaaa", last_frame=10.0),
        HopCount(camera="cam01", hop="motion", session="aaaaa", last_frame=90.0),
    )
    ledger = Ledger(pipeline="p", service="s", pod="x", revision="r", started=1.0, hops=hops)

    assert flowing_cameras([ledger], ["capture", "motion", "resize"], since=50.0) == {
        "capture": {"cam01"},
        "motion": {"cam01"},
        "resize": frozenset(),
    }
    assert Ledger.model_validate_json(ledger.model_dump_json()) == ledger
