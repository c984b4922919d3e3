"""What two readings of the ledgers say of the time between, and what excuses a frame that is missing."""

from typing import Any

import pytest
from frame_tracking import FinishedFrames, FrameID, Ledger, LedgerWindow, SpanCount
from frametrace_operator.guard.audit.counting import Sent, SpanBalance
from frametrace_operator.guard.audit.examine import Fault
from frametrace_operator.guard.audit.readings import (
    Between,
    Place,
    Reading,
    between,
    changed,
    losses,
    moved,
    unsettled,
)
from frametrace_operator.guard.audit.verdict import Circumstances, verdict
from frametrace_operator.guard.evidence import Cause

FRAME = FrameID("20260301T000000000001_cam01_aaaaa_000001")


def ledger(
    service: str, started: float = 1.0, cpu: tuple[float, float] = (0.0, 0.0), now: float = 9.0, **spans: Any
) -> Ledger:
    counts = SpanCount(**spans, cpu_seconds=cpu[1])
    return Ledger(
        pipeline="line",
        service=service,
        pod=service,
        revision="r",
        started=started,
        now=now,
        spans=counts,
        cpu_seconds=cpu[0],
    )


def reading(**ledgers: Ledger) -> Reading:
    return Reading(0.0, ledgers)


BEFORE = reading(
    a=ledger("rtsp-capture", created=10, exported=8, dropped={"queue_full": 1}, cpu=(5.0, 1.0)),
    b=ledger("motion", created=5, exported=5, cpu=(1.0, 0.0)),
)


def test_cpu_and_spans_are_of_the_processes_that_are_in_both() -> None:
    after = reading(
        a=ledger(
            "rtsp-capture",
            created=40,
            exported=28,
            dropped={"queue_full": 3, "refused": 4, "shutdown": 1},
            cpu=(9.0, 2.0),
        ),
        b=ledger("motion", started=2.0, created=9, exported=9, cpu=(7.0, 3.0)),
        c=ledger("motion", created=100, exported=100, cpu=(50.0, 5.0)),
    )

    assert between(BEFORE, after) == Between(24, 4, {"queue_full": 2, "refused": 4, "shutdown": 1}, 1.0, 3.0)
    assert changed(BEFORE, after) == {Place("motion")}
    assert losses(BEFORE, after) == {Place("capture"): {"queue_full": 2, "refused": 4, "shutdown": 1}}
    assert changed(after, after) == frozenset()


def test_a_reading_is_kept_without_the_names_of_frames() -> None:
    named = FinishedFrames(camera="cam01", hop="capture", left=(FRAME,))
    window = LedgerWindow(start=0, end=30, frames=(named,))
    asked = reading(a=BEFORE.ledgers["a"].model_copy(update={"window": window}))

    assert asked.plain == reading(a=BEFORE.ledgers["a"])


def test_a_pod_that_does_not_tell_changes_its_hop_and_counts_that_fall_count_nothing() -> None:
    after = reading(a=ledger("rtsp-capture", exported=2, cpu=(1.0, 0.5)))
    assert changed(BEFORE, after) == {Place("motion")}
    assert between(BEFORE, after) == Between()


def test_a_pod_that_told_in_neither_reading_changes_its_hop_too() -> None:
    silent = Reading(0.0, {"a": BEFORE.ledgers["a"]}, {"motion-1": "no answer"}, frozenset({Place("motion")}))
    assert changed(silent, silent) == {Place("motion")}
    assert losses(silent, silent) == {Place("capture"): {}}


def test_a_pod_that_told_in_neither_reading_excuses_nothing_and_one_that_fell_silent_does() -> None:
    silent = Reading(0.0, BEFORE.ledgers, {"motion-2": "no answer"}, frozenset({Place("motion")}))
    assert moved(silent, silent) == frozenset()
    assert losses(silent, silent) == {Place("capture"): {}, Place("motion"): {}}
    assert moved(BEFORE, silent) == {Place("motion")}


def test_a_pod_that_came_excuses_nothing_and_what_it_lost_is_known() -> None:
    grown = reading(**BEFORE.ledgers, c=ledger("motion", started=2.0, dropped={"queue_full": 4}))
    assert moved(BEFORE, grown) == changed(BEFORE, grown) == frozenset()
    assert losses(BEFORE, grown) == {Place("capture"): {}, Place("motion"): {"queue_full": 4}}
    assert moved(grown, BEFORE) == {Place("motion")}


def test_spans_of_a_first_reading_have_settled_once_as_many_have_left() -> None:
    waiting = reading(
        a=ledger("rtsp-capture", created=30, exported=8, dropped={"queue_full": 1}), b=BEFORE.ledgers["b"]
    )
    settled = reading(
        a=ledger("rtsp-capture", created=99, exported=8, dropped={"queue_full": 1, "refused": 1}), b=BEFORE.ledgers["b"]
    )
    assert unsettled(BEFORE, waiting) == {Place("capture")}
    assert unsettled(BEFORE, settled) == frozenset()


def test_spans_that_a_full_buffer_turned_away_are_none_of_those_that_waited() -> None:
    first = reading(a=ledger("motion", created=10_000, exported=2_000, dropped={"queue_full": 100}))
    full = reading(a=ledger("motion", created=20_000, exported=4_000, dropped={"queue_full": 6_100}))
    sent = reading(a=ledger("motion", created=20_000, exported=9_000, dropped={"queue_full": 6_100, "refused": 900}))

    assert unsettled(first, full) == {Place("motion")}
    assert unsettled(first, sent) == frozenset()


@pytest.mark.parametrize(
    ("times", "until"), [((9.0, 7.0), 7.0), ((0.0, 7.0), 7.0), ((0.0, 0.0), None), ((1e300, 8.0), 8.0)]
)
def test_the_captures_own_clocks_say_what_is_over(times: tuple[float, float], until: float | None) -> None:
    captures = {str(n): ledger("rtsp-capture", now=now) for n, now in enumerate(times)}
    assert Reading(0.0, {**captures, "m": ledger("motion", now=1.0)}).captured_until == until


def test_a_balance_that_falls_twice_in_a_row_is_a_loss_and_one_that_wavers_is_none() -> None:
    wavering, losing, begun_anew = SpanBalance(), SpanBalance(), SpanBalance()
    taken = [0, 130, 190, 330, 370, 500, 610]
    assert not any(wavering.add(100, total) for total in taken)
    assert [losing.add(100, total) for total in (0, 95, 190, 285)] == [False, False, True, True]
    assert [begun_anew.add(100, total) for total in (500, 590, None, 20, 90, 180)] == [False] * 5 + [True]


def test_spans_of_pods_that_came_hide_no_loss_that_follows() -> None:
    balance = SpanBalance()
    balance.add(100, 1000)
    balance.add(100, 2100, gone=True)  # of 1,100 spans 1,000 were those of pods that are in one of both readings
    assert [balance.add(100, total) for total in (2195, 2290, 2385)] == [False, True, True]


def test_newcomers_are_counted_whole_who_was_silent_once_it_tells_again_and_who_went_is_told() -> None:
    def at(a: int, **motion: Ledger) -> Reading:
        silent = frozenset() if motion else frozenset({Place("motion")})
        return Reading(0.0, {"a": ledger("rtsp-capture", exported=a), **motion}, silent=silent)

    sent = Sent()
    told = [
        at(10, b=ledger("motion", exported=10)),
        at(30, b=ledger("motion", exported=20), c=ledger("motion", exported=7)),
        at(30),
        at(30, b=ledger("motion", exported=50), c=ledger("motion", exported=8)),
        at(30, b=ledger("motion", exported=50)),
        at(30, b=ledger("motion", started=2.0, exported=5)),
    ]
    assert [sent.since(each) for each in told] == [
        (20, False),
        (37, False),
        (0, False),
        (31, False),
        (0, True),
        (5, True),
    ]


@pytest.mark.parametrize(
    ("given", "unknown", "reason"),
    [
        (Circumstances(jaeger="Jaeger was silent"), 1, "Jaeger was silent"),
        (Circumstances(evicted=True), 1, "too small"),
        (Circumstances(off=frozenset({"motion"})), 1, "switched"),
        (Circumstances(changed=frozenset({Place("motion")})), 1, "replaced"),
        (Circumstances(waiting=frozenset({Place("motion")})), 1, "still wait"),
        (
            Circumstances(changed=frozenset({Place("archive"), Place("motion", "cam02")}), lost={Place("motion"): {}}),
            0,
            "",
        ),
    ],
)
def test_what_something_else_explains_is_unknown(given: Circumstances, unknown: int, reason: str) -> None:
    found = verdict({FRAME: Fault(("motion",))}, given)
    assert (found.unknown, len(found.missing), found.evicted) == (unknown, 1 - unknown, int(given.evicted))
    assert reason in found.reason
    assert all(frame.cause is Cause.LOST_ON_THE_WAY for frame in found.missing)
    assert verdict({}, given).unknown == 0


STAGES = (("motion", "capture"), ("archive", "capture"), ("resize", "motion"))
ALL = ("capture", "motion", "archive", "resize")


@pytest.mark.parametrize(
    ("missing", "gone", "blamed"),
    [
        (ALL, Place("motion"), "capture"),
        (ALL, Place("resize"), "capture"),
        (ALL, Place("capture", "cam02"), "capture"),
        (ALL, Place("capture", "cam01"), None),
        (("motion", "archive"), Place("motion"), "archive"),
        (("motion", "resize"), Place("motion"), None),
        (("motion", "resize"), Place("resize"), "motion"),
        (("resize",), Place("motion"), "resize"),
    ],
)
def test_a_missing_hop_is_excused_by_its_own_pods_or_by_those_of_a_missing_one_before_it(
    missing: tuple[str, ...], gone: Place, blamed: str | None
) -> None:
    lost = {Place(hop): {} for hop in ALL if hop != gone.hop}
    found = verdict({FRAME: Fault(missing, stages=STAGES)}, Circumstances(changed=frozenset({gone}), lost=lost))
    assert [frame.hop for frame in found.missing] == ([blamed] if blamed else [])
    assert found.unknown == 1 - len(found.missing)
    assert all(frame.cause is Cause.LOST_ON_THE_WAY for frame in found.missing if gone.camera == "")
