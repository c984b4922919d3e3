"""Frames that one stage handed on to the next: whose debt they are, and when nothing is left of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from frame_tracking import HopCount, Ledger
from frame_tracking.ledger import BrokerState
from frametrace_operator.flow_memory import FlowMemory
from frametrace_operator.pace import Pace, Step
from frametrace_operator.pods.base import Target
from frametrace_operator.pods.book import Book

MOTION, DETECT = "motion", "detect"
PACE = Pace(cameras=2, steps={MOTION: Step("capture", 5.0), DETECT: Step(MOTION, 5.0)}, kept=60.0)
OWED = frozenset({(DETECT, "cam01")})
IDLE = {"cam01": 0, "cam02": 0}


def row(hop: str, *, camera: str = "cam01", session: str = "a", **counts: Any) -> HopCount:
    """A row of a ledger: frames that were handed on, ended well, failed or are held."""
    left, well, failed, trimmed = (counts.get(name, 0) for name in ("left", "well", "failed", "trimmed"))
    ended = {"completed": well, "dropped:error": failed, "dropped:overflow": trimmed}
    entered = left + well + failed + counts.get("held", 0)
    return HopCount(
        camera=camera, hop=hop, session=session, entered=entered, left=left, ended=ended, ended_waiting=trimmed
    )


def told(service: str, *hops: HopCount, waiting: dict[str, int] | None = None) -> Ledger:
    """A pod's answer."""
    broker = BrokerState(connected=True)
    known = {"pipeline": "yard", "pod": service, "revision": "r", "started": 1.0, "broker": broker}
    return Ledger(service=service, hops=hops, waiting=waiting, **known)


def burst(detect: Ledger, *, pods: tuple[str, ...] = ("d1",)) -> FlowMemory:
    """At 103 s `motion` is seen to have handed three frames on; `detect` has handled one before, a while ago."""
    memory = FlowMemory(PACE)
    memory.read("m1", told(MOTION, row(MOTION, left=1, well=9)), 50.0)
    for pod in pods:
        memory.read(pod, detect, 50.0)
    memory.read("m1", told(MOTION, row(MOTION, left=1, well=9)), 100.0)
    memory.read("m1", told(MOTION, row(MOTION, left=4, well=19)), 103.0)
    return memory


def behind(memory: FlowMemory, pod: str, ledger: Ledger, *, until: float = 130.0) -> frozenset[tuple[str, str]]:
    """Where frames are overdue after the pod has told the same for a while."""
    at = 106.0
    while at <= until:
        memory.read(pod, ledger, at)
        at += 3.0
    return memory.flow(until).behind


@pytest.mark.parametrize(
    ("counts", "waiting", "owed"),
    [
        ({}, IDLE, frozenset()),
        ({"trimmed": 3}, IDLE, frozenset()),
        ({}, {"cam01": 3, "cam02": 0}, OWED),
        ({"held": 1}, IDLE, OWED),
        ({"failed": 3}, IDLE, OWED),
        ({}, None, OWED),
    ],
)
def test_frames_of_which_nothing_is_left_are_owed_no_more(
    counts: dict[str, int], waiting: dict[str, int] | None, owed: frozenset[tuple[str, str]]
) -> None:
    memory = burst(told(DETECT, row(DETECT, well=1)))

    assert behind(memory, "d1", told(DETECT, row(DETECT, well=1, **counts), waiting=waiting)) == owed


def test_frames_are_owed_no_longer_than_they_are_kept_where_the_broker_says_nothing() -> None:
    ledger = told(DETECT, row(DETECT, well=1))
    memory = burst(ledger)

    assert behind(memory, "d1", ledger, until=160.0) == OWED
    assert behind(memory, "d1", ledger, until=170.0) == frozenset()


def test_a_pod_owes_nothing_that_one_got_through_which_is_gone() -> None:
    memory = FlowMemory(PACE)
    memory.read("m1", told(MOTION, row(MOTION, left=1, well=9)), 100.0)
    for pod in ("d1", "d2"):
        memory.read(pod, told(DETECT, row(DETECT, well=1)), 90.0)
    memory.read("d1", told(DETECT, row(DETECT, well=4)), 102.0)
    memory.keep_only(("m1", "d2"))
    memory.read("m1", told(MOTION, row(MOTION, left=4, well=19)), 103.0)

    assert memory.flow(120.0).behind == frozenset()


def test_frames_that_were_through_before_a_slow_answer_came_are_not_owed() -> None:
    memory = FlowMemory(PACE)
    memory.read("d1", told(DETECT, row(DETECT, well=1)), 90.0)
    memory.read("m1", told(MOTION, row(MOTION, left=1, well=9)), 103.0, 99.0)
    memory.read("d1", told(DETECT, row(DETECT, well=4)), 101.0)
    memory.read("m1", told(MOTION, row(MOTION, left=4, well=19)), 106.0, 105.0)

    assert memory.flow(120.0).behind == frozenset()


def test_a_session_that_is_told_apart_no_more_hides_no_frames_of_the_next() -> None:
    memory = FlowMemory(PACE)
    memory.read("m1", told(MOTION, row(MOTION, left=1, well=9)), 100.0)
    memory.read("d1", told(DETECT, row(DETECT, well=50)), 90.0)
    memory.read("m1", told(MOTION, row(MOTION, left=4, well=19)), 103.0)
    memory.read("d1", told(DETECT, row(DETECT, session="b", well=3)), 104.0)

    assert memory.flow(120.0).behind == frozenset()
    assert (DETECT, "cam01") in memory.flow(105.0).passed


@pytest.mark.parametrize(("held", "owed"), [(0, frozenset()), (1, frozenset({(DETECT, "cam02")}))])
def test_two_cameras_and_two_replicas_each_camera_is_owed_its_own_frames(
    *, held: int, owed: frozenset[tuple[str, str]]
) -> None:
    both = ("cam01", "cam02")
    memory = FlowMemory(PACE)
    for at, left in ((100.0, 1), (103.0, 4)):
        for pod in ("m1", "m2"):
            memory.read(pod, told(MOTION, *(row(MOTION, camera=camera, left=left, well=9) for camera in both)), at)
        for pod in ("d1", "d2") if left == 1 else ():
            memory.read(pod, told(DETECT, *(row(DETECT, camera=camera, well=1) for camera in both)), 90.0)
    one = told(DETECT, row(DETECT, well=7), row(DETECT, camera="cam02", well=1), waiting=IDLE)
    two = told(DETECT, row(DETECT, well=1), row(DETECT, camera="cam02", well=1, held=held), waiting=IDLE)
    for at in range(106, 142, 3):
        memory.read("d1", one, float(at))
        memory.read("d2", two, float(at))

    assert memory.flow(142.0).behind == owed


def test_the_first_frame_of_a_new_leaf_is_given_its_time() -> None:
    memory = FlowMemory(PACE)
    memory.read("d1", told(DETECT), 100.0)
    memory.read("m1", told(MOTION, row(MOTION, well=99)), 100.0)
    memory.read("m1", told(MOTION, row(MOTION, left=1, well=120)), 103.0)
    assert memory.flow(104.0).behind == frozenset()

    assert behind(memory, "d1", told(DETECT, row(DETECT, held=1))) == OWED


def test_a_leaf_that_frames_have_reached_never_is_told_at_once_where_none_ended_above_it() -> None:
    memory = FlowMemory(PACE)
    memory.read("d1", told(DETECT), 100.0)
    memory.read("m1", told(MOTION), 100.0)
    memory.read("m1", told(MOTION, row(MOTION, left=5, well=5)), 103.0)

    assert memory.flow(104.0).behind == OWED


class Slow:
    """Pods of which `motion` answers two seconds after `detect`, which answers a second after it was asked."""

    def __init__(self) -> None:
        self.now = 90.0
        self.left, self.well = 1, 1
        self._answered = asyncio.Event()

    async def read(self, target: Target, asked: Any = None) -> Ledger:  # noqa: ARG002 (the seam's)
        """The ledger, when its time has come."""
        if target.uid == "d1":
            await asyncio.sleep(0)
            self.now += 1.0
            self._answered.set()
            return told(DETECT, row(DETECT, well=self.well))
        await self._answered.wait()
        self._answered.clear()
        self.now += 2.0
        return told(MOTION, row(MOTION, left=self.left, well=9))


async def test_the_book_says_when_a_ledger_was_asked_for() -> None:
    pods, targets = Slow(), [Target("d", "d1", "10.0.0.1"), Target("m", "m1", "10.0.0.2")]
    book: Book[str] = Book(pods, lambda: pods.now)
    for at, left, well in ((90.0, 1, 1), (100.0, 1, 4), (106.0, 4, 4)):
        pods.now, pods.left, pods.well = at, left, well
        await book.watch("yard", targets, PACE, anew=True)
    pods.now = 125.0

    flow = await book.watch("yard", targets, PACE)

    assert flow.behind == frozenset()
