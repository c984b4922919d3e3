"""The ledger by the frames' own time: the law holds in every bucket, and all hops keep the same sample of bounded size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from frame_tracking import DropReason, FrameID, Outcome, sample_hash
from hypothesis import given
from hypothesis import strategies as st
from telemetry import LedgerBook

BEGIN = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
AT = int(BEGIN.timestamp())
EVER = (AT - 3000, AT + 3000)
MOVES = st.sampled_from(["left", "ended", "given_back", "taken_back", "in_flight"])


def frame(number: int, after: float = 0.0, session: str = "aaaaa") -> FrameID:
    return FrameID.build(BEGIN + timedelta(seconds=after), "cam01", session, number)


def finished(book: LedgerBook, frames: list[FrameID], hop: str = "capture") -> None:
    for each in frames:
        book.enter(each, hop, traced=True)
        book.leave(each, hop, at=1.0)


@given(st.lists(st.tuples(st.floats(0, 30), st.booleans(), MOVES), max_size=60))
def test_the_law_holds_in_every_bucket(moves: list[tuple[float, bool, str]]) -> None:
    book = LedgerBook()
    open_frames = 0
    for number, (after, traced, move) in enumerate(moves, 1):
        each = frame(number, after)
        book.enter(each, "motion", traced=traced)
        open_frames += move in {"in_flight", "taken_back"}
        if move == "left":
            book.leave(each, "motion", at=1.0)
        elif move == "ended":
            book.end(each, "motion", (Outcome.COMPLETED, None), at=1.0)
        elif move in {"given_back", "taken_back"}:
            book.give_back(each, "motion")
            if move == "taken_back":
                book.take_back(each, "motion", traced=traced)

    buckets = book.window(*EVER, frames=100).buckets
    finished_ones = [traced for _, traced, move in moves if move in {"left", "ended"}]
    in_flight = sum(b.entered - b.left - sum(b.ended.values()) - b.given_back for b in buckets)
    assert in_flight == open_frames
    assert all(b.start % 5 == 0 for b in buckets)
    assert sum(b.entered for b in buckets) == len(moves)
    assert sum(b.finished for b in buckets) == sum(finished_ones)
    assert sum(b.traced for b in buckets) == sum(traced for _, traced, _ in moves)


def test_a_range_tells_which_traced_frames_left_and_which_ended() -> None:
    book = LedgerBook()
    frames = [frame(number, number) for number in range(1, 12)]
    finished(book, frames[:4])
    book.enter(frames[4], "capture", traced=False)
    book.leave(frames[4], "capture", at=1.0)
    book.enter(frames[5], "capture", traced=True)
    book.end(frames[5], "capture", (Outcome.DROPPED, DropReason.OVERFLOW))
    book.end_in_queue(frames[0], "motion", (Outcome.DROPPED, DropReason.OVERFLOW), traced=True)
    book.end_in_queue(frames[1], "motion", (Outcome.DROPPED, DropReason.OVERFLOW), traced=False)
    book.enter(frames[10], "capture", traced=True)

    window = book.window(AT, AT + 10, frames=100)

    assert [(b.hop, b.start - AT, b.entered, b.traced, b.finished) for b in window.buckets] == [
        ("capture", 0, 4, 4, 4),
        ("capture", 5, 2, 1, 1),
        ("motion", 0, 0, 0, 1),
    ]
    capture, motion = window.frames
    assert (set(capture.left), capture.ended, capture.below) == (set(map(str, frames[:4])), (str(frames[5]),), None)
    assert (motion.hop, motion.left, motion.ended) == ("motion", (), (str(frames[0]),))
    assert book.window(AT, AT + 10).frames == ()


@given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 59))
def test_hops_and_replicas_name_the_same_sample(number: int, most: int, in_flight: int) -> None:
    frames = [frame(n, n / 7) for n in range(1, number + 1)]
    books = [LedgerBook() for _ in range(3)]
    finished(books[0], frames)
    for each in frames[in_flight:]:
        finished(books[1 + each.sequence % 2], [each], "motion")

    answers = [book.window(*EVER, frames=most).frames for book in books]
    named = [answer[0] for answer in answers if answer]
    below = min((each.below for each in named if each.below is not None), default=1 << 64)
    known = [
        {f for each in named if each.hop == hop for f in each.left if sample_hash(f.encode()) < below}
        for hop in ("capture", "motion")
    ]
    expected = {str(f) for f in frames if sample_hash(f.encode()) < below}
    assert known[0] == expected
    assert known[1] == expected & set(map(str, frames[in_flight:]))
    assert all(len(each.left) <= most for each in named)
    assert len(known[0]) >= min(most, number) or len(named) > 1


def test_a_bucket_that_overflows_keeps_the_smallest_hashes_and_says_so() -> None:
    book = LedgerBook()
    frames = [frame(number, number / 10_000) for number in range(1, 20_001)]
    finished(book, frames)

    (named,) = book.window(*EVER, frames=5000).frames
    hashes = sorted(sample_hash(each.encode()) for each in frames)

    assert named.below is not None
    assert sorted(sample_hash(each.encode()) for each in named.left) == [h for h in hashes if h < named.below]
    assert 4000 < len(named.left) <= 5000
    assert sum(bucket.finished for bucket in book.window(*EVER).buckets) == 20_000


def test_old_buckets_are_forgotten_and_it_is_said() -> None:
    book = LedgerBook()
    for number in range(300):
        finished(book, [frame(number + 1, number * 5.0)])
    finished(book, [frame(999, 0.0)])

    window = book.window(AT, AT + 1500, frames=5000)

    assert len(window.buckets) == 240
    assert window.forgotten == AT + 60 * 5
    assert min(bucket.start for bucket in window.buckets) == window.forgotten


def test_a_session_that_is_folded_is_forgotten() -> None:
    book = LedgerBook()
    for number in range(17):
        finished(book, [frame(1, number * 5.0, f"{number:05d}")])

    assert book.window(AT, AT + 100).forgotten == AT + 5


def test_a_bucket_tells_under_which_stages_and_whether_tracing_was_off() -> None:
    book = LedgerBook()
    book.follow("r1", on=True)
    finished(book, [frame(1, 0)])
    book.follow("r1", on=False)
    finished(book, [frame(2, 5), frame(3, 10)])
    book.follow("r2", on=True)
    finished(book, [frame(4, 10), frame(5, 15)])

    told = [(b.start - AT, b.revision, b.off) for b in book.window(AT, AT + 100).buckets]
    assert told == [(0, "r1", False), (5, "r1", True), (10, "", True), (15, "r2", False)]


@pytest.mark.parametrize("old", ["20240315_cam01_000123", "00010101T000000000000_cam01_aaaaa_000001"])
def test_ids_without_a_time_of_ours_do_no_harm(old: str) -> None:
    book = LedgerBook()
    finished(book, [FrameID(old)])
    assert book.window(*EVER, frames=10).buckets == ()
