"""What became of every captured frame, by identity, in trees: the worst branch counts, and nothing counts twice."""

from __future__ import annotations

from camera_runtime.run.tally import FrameTally, TalliedAccount
from frame_tracking import CAPTURE_HOP, DropReason, FrameID, Outcome, SpanCount, Topology, TraceContext
from telemetry import LedgerBook, RuntimeMetrics

TREE = Topology.of([("motion", "capture"), ("small", "capture"), ("verify", "small"), ("keep", "small")])


def frame(number: int) -> FrameID:
    return FrameID(f"20240315T101530123456_cam01_a7f3c_{number:06d}")


def tally(*numbers: int) -> FrameTally:
    made = FrameTally(TREE)
    for number in numbers:
        made.captured(frame(number))
    return made


def test_a_frame_is_over_when_each_of_its_branches_is() -> None:
    made = tally(1)
    for hop in ("motion", "verify"):
        made.ended(frame(1), hop, Outcome.COMPLETED)
    assert made.snapshot().in_flight == 1
    made.ended(frame(1), "keep", Outcome.COMPLETED)
    assert (made.snapshot().in_flight, made.snapshot().ended) == (0, {Outcome.COMPLETED: 1})


def test_a_branch_that_ends_early_ends_all_that_are_below_it() -> None:
    made = tally(1)
    made.ended(frame(1), "small", Outcome.DROPPED, DropReason.EXPIRED)
    made.ended(frame(1), "motion", Outcome.COMPLETED)
    found = made.snapshot()
    assert (found.in_flight, found.ended, found.reasons) == (0, {Outcome.DROPPED: 1}, {DropReason.EXPIRED: 1})


def test_the_worst_branch_is_the_frames_outcome() -> None:
    made = tally(1, 2)
    made.ended(frame(1), "small", Outcome.DEAD_LETTERED)
    made.ended(frame(1), "motion", Outcome.DROPPED)
    made.ended(frame(2), CAPTURE_HOP, Outcome.DROPPED, DropReason.BROKER_UNAVAILABLE)
    assert made.snapshot().ended == {Outcome.DEAD_LETTERED: 1, Outcome.DROPPED: 1}
    assert made.snapshot().captured == {"cam01": 2}


def test_frames_of_an_earlier_process_are_not_counted() -> None:
    made = tally()
    made.ended(frame(9), "motion", Outcome.COMPLETED)
    assert (sum(made.snapshot().ended.values()), made.snapshot().in_flight) == (0, 0)


def test_an_account_tells_ledger_and_tally_the_same() -> None:
    book, made = LedgerBook(), tally()
    counted = (book, RuntimeMetrics(("default", "yard"), book, SpanCount))
    context = TraceContext.untraced(frame(1))
    capture, motion, small = (TalliedAccount(hop, counted, made) for hop in (CAPTURE_HOP, "motion", "small"))
    capture.entered(frame(1), context)
    motion.entered(frame(1), context)
    motion.ended(frame(1), Outcome.COMPLETED)
    capture.dropped(frame(1), context, "small", DropReason.OVERFLOW)
    small.duplicate(frame(1))
    assert made.snapshot().ended == {Outcome.DROPPED: 1}
    assert {hop.hop: dict(hop.ended) for hop in book.hops() if hop.ended} == {
        "motion": {"completed": 1},
        "small": {"dropped:overflow": 1},
    }
