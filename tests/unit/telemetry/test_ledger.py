from __future__ import annotations

import threading

from frame_tracking import Clock, DropReason, FrameID, FrameIDGenerator, Outcome
from telemetry import LedgerBook


def _frames(number: int, session: str = "aaaaa", camera: str = "cam01") -> list[FrameID]:
    generator = FrameIDGenerator(camera, clock=Clock(), session=lambda: session)
    return [generator.next() for _ in range(number)]


def test_the_law_holds_for_every_session() -> None:
    book = LedgerBook()
    frames = _frames(5)
    for frame in frames:
        book.enter(frame, "capture", traced=frame.sequence % 2 == 0)
    for frame in frames[:3]:
        book.leave(frame, "capture", at=10.0 + frame.sequence)
    book.end(frames[3], "capture", (Outcome.DROPPED, DropReason.OVERFLOW))

    (count,) = book.hops()

    assert (count.camera, count.hop, count.session) == ("cam01", "capture", "aaaaa")
    assert (count.entered, count.left, count.ended, count.traced) == (5, 3, {"dropped:overflow": 1}, 2)
    assert (count.last_sequence, count.last_frame) == (5, 13.0)


def test_the_law_holds_over_replicas_for_a_frame_that_one_gave_back_and_another_finished() -> None:
    books, (frame,) = (LedgerBook(), LedgerBook()), _frames(1)
    for book in books:
        book.enter(frame, "motion", traced=True)
    books[0].give_back(frame, "motion")
    books[1].end(frame, "motion", (Outcome.COMPLETED, None))

    counts = [book.hops()[0] for book in books]
    assert sum(c.entered for c in counts) == sum(c.left + sum(c.ended.values()) + c.given_back for c in counts)
    assert sum(c.entered - c.given_back for c in counts) == 1


def test_a_frame_that_is_taken_back_has_entered_once() -> None:
    book, (frame,) = LedgerBook(), _frames(1)
    book.enter(frame, "motion", traced=True)
    book.give_back(frame, "motion")
    book.take_back(frame, "motion", traced=True)

    assert [(c.entered, c.given_back) for c in book.hops()] == [(1, 0)]


def test_a_frame_that_is_taken_back_after_its_session_was_folded_keeps_the_law() -> None:
    book, (frame,) = LedgerBook(), _frames(1)
    book.enter(frame, "motion", traced=True)
    book.give_back(frame, "motion")
    for number in range(16):
        book.enter(_frames(1, f"{number:05d}")[0], "motion", traced=True)
    book.take_back(frame, "motion", traced=True)
    book.end(frame, "motion", (Outcome.COMPLETED, None))

    (total,) = book.totals()
    assert (total.entered, total.given_back, total.ended) == (18, 1, {"completed": 1})


def test_hops_cameras_and_sessions_are_told_apart() -> None:
    book = LedgerBook()
    for session, camera, hop in (("aaaaa", "cam01", "a"), ("bbbbb", "cam01", "a"), ("aaaaa", "cam02", "b")):
        book.enter(_frames(1, session, camera)[0], hop, traced=True, context_lost=True)
        book.duplicate(_frames(1, session, camera)[0], hop)

    assert [(c.camera, c.hop, c.session, c.entered, c.duplicates, c.context_lost) for c in book.hops()] == [
        ("cam01", "a", "aaaaa", 1, 1, 1),
        ("cam01", "a", "bbbbb", 1, 1, 1),
        ("cam02", "b", "aaaaa", 1, 1, 1),
    ]


def test_old_sessions_are_folded_and_the_totals_never_fall() -> None:
    book = LedgerBook()
    for number in range(40):
        (frame,) = _frames(1, f"{number:05d}")
        book.enter(frame, "capture", traced=True)
        book.end(frame, "capture", (Outcome.COMPLETED, None), at=float(number))

    (total,) = book.totals()

    assert len(book.hops()) == 16
    assert (total.entered, total.ended, total.last_frame) == (40, {"completed": 40}, 39.0)


def test_threads_lose_no_count() -> None:
    book, (frame,) = LedgerBook(), _frames(1)

    def work() -> None:
        for _ in range(2000):
            book.enter(frame, "capture", traced=True)
            book.leave(frame, "capture", at=1.0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (count,) = book.hops()
    assert (count.entered, count.left, count.traced) == (8000, 8000, 8000)


def test_the_older_form_of_an_id_is_counted_too() -> None:
    book = LedgerBook()
    book.enter(FrameID("20240315_cam01_000123"), "capture", traced=False)

    assert [(c.session, c.last_sequence) for c in book.hops()] == [("00000", 123)]


def test_what_ended_in_the_queue_is_told_apart_from_what_entered() -> None:
    book = LedgerBook()
    done, expired, in_hand = _frames(3)
    book.enter(done, "motion", traced=True)
    book.end(done, "motion", (Outcome.COMPLETED, None))
    book.end_in_queue(expired, "motion", (Outcome.DROPPED, DropReason.EXPIRED), traced=True)
    book.enter(in_hand, "motion", traced=True)

    (count,) = book.hops()

    assert (count.entered, count.ended_waiting) == (2, 1)
    assert count.entered - (count.left + sum(count.ended.values()) - count.ended_waiting) == 1, "is in hand"
