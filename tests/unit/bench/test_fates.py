"""Every frame's fate, by what the processes wrote down before they ended or were killed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from frame_tracking import Topology

from scripts.bench.no_loss_parts.fates import NEVER_ACKNOWLEDGED, UNTOLD, Event, Life, reckon
from scripts.bench.no_loss_parts.journal import Journal, read_journal
from scripts.bench.no_loss_parts.plan import Size, plan_of

CHAIN = Topology.of([("motion", "capture"), ("verify", "motion")])
TREE = Topology.of([("motion", "capture"), ("verify", "motion"), ("archive", "capture")])


def life(hop: str, *events: tuple[str, ...], killed: bool = False) -> Life:
    return Life(hop, killed, [Event(kind, frame, *rest) for kind, frame, *rest in events])


def captured(*frames: str, killed: bool = False) -> Life:
    return life(
        "capture",
        *((kind, frame, "capture") for frame in frames for kind in ("entered", "sending", "left")),
        killed=killed,
    )


def test_a_frame_that_completed_at_the_end_of_its_branch_is_accounted_for() -> None:
    lives = [
        captured("f1"),
        life("motion", ("settling", "f1", "motion"), ("left", "f1", "motion")),
        life("verify", ("settling", "f1", "verify"), ("ended", "f1", "verify", "completed")),
    ]

    found = reckon(lives, CHAIN)

    assert (found.captured, found.fates, found.unaccounted) == (1, Counter(completed=1), ())


def test_a_frame_of_which_nobody_tells_is_found_by_its_identity() -> None:
    lives = [captured("f1", "f2"), life("verify", ("ended", "f1", "verify", "completed"))]

    found = reckon(lives, CHAIN)

    assert found.unaccounted == ("f2",)
    assert found.fates["unaccounted"] == 1


def test_each_branch_of_a_tree_must_end() -> None:
    ends = life("verify", ("ended", "f1", "verify", "completed"))

    assert reckon([captured("f1"), ends], TREE).unaccounted == ("f1",)
    told = life("archive", ("ended", "f1", "archive", "dropped:lost_with_broker"))
    assert reckon([captured("f1"), ends, told], TREE).fates == Counter({"completed": 1, "dropped:lost_with_broker": 1})


def test_an_end_at_an_earlier_hop_ends_all_below_it() -> None:
    at_capture = life("capture", ("entered", "f1", "capture"), ("ended", "f1", "capture", "dropped:broker_unavailable"))
    at_motion = life("motion", ("ended", "f2", "motion", "dead_lettered"))

    found = reckon([at_capture, captured("f2"), at_motion], CHAIN)

    assert found.fates == Counter({"dropped:broker_unavailable": 1, "dead_lettered": 1})


def test_a_killed_process_excuses_the_frame_in_its_hand_and_no_other() -> None:
    in_flight = life("capture", ("entered", "f1", "capture"), ("sending", "f1", "capture"), killed=True)
    about_to = life("verify", ("settling", "f2", "verify"), ("settling", "f3", "verify"), killed=True)

    found = reckon([in_flight, captured("f2", "f3"), about_to], CHAIN)

    assert found.fates == Counter({NEVER_ACKNOWLEDGED: 1, UNTOLD: 1, "unaccounted": 1})
    assert found.unaccounted == ("f2",)


def test_a_process_that_was_not_killed_excuses_nothing() -> None:
    ended = life("capture", ("entered", "f1", "capture"), ("sending", "f1", "capture"))
    at_motion = life("motion", ("settling", "f2", "motion"), killed=True)

    assert reckon([ended, captured("f2"), at_motion], CHAIN).unaccounted == ("f1", "f2")


def test_ends_that_are_told_twice_are_counted_by_what_was_told() -> None:
    lives = [
        captured("f1"),
        life("verify", ("ended", "f1", "verify", "completed"), ("duplicate", "f1", "verify")),
        life("capture", ("ended", "f1", "capture", "dropped:broker_unavailable")),
    ]

    found = reckon(lives, CHAIN)

    assert found.told_twice == Counter({"completed + dropped:broker_unavailable": 1})
    assert found.duplicates == 1


def test_a_journal_is_read_up_to_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.write("entered", "f1", "capture")
    journal.write("ended", "f1", "capture", "dropped:overflow")
    with path.open("a") as file:
        file.write("entered f")

    assert list(read_journal(path)) == [
        Event("entered", "f1", "capture"),
        Event("ended", "f1", "capture", "dropped:overflow"),
    ]


def test_a_plan_is_the_seeds_own_and_leaves_the_brokers_restarts_alone() -> None:
    size = Size(frames=100_000, per_second=500.0, kills=20, restarts=2)
    plan = plan_of(7, size)

    assert plan == plan_of(7, size)
    assert (len(plan.kills), plan.restarts) == (20, (33_333, 66_666))
    assert all(not -1_500 <= frame - at <= 5_000 for frame, _ in plan.kills for at in plan.restarts)
