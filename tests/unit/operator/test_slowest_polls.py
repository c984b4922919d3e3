"""Readings as far apart as settings allow: what flows is never told as frozen in between, and no probe fails."""

from __future__ import annotations

from typing import Any

from annotated_types import Le
from frame_tracking import CAPTURE_HOP, HopCount, Ledger
from frametrace_operator.flow_memory import FlowMemory
from frametrace_operator.health import Health
from frametrace_operator.pods.book import Book
from frametrace_operator.pods.memory import MemoryLedgers
from frametrace_operator.settings import Settings

LONGEST_PASS = 3.0  # seconds in which Book begins the readings of a pass
_BOUNDS = [rule.le for rule in Settings.model_fields["poll_seconds"].metadata if isinstance(rule, Le)]
SLOWEST = float(str(_BOUNDS[0])) if _BOUNDS else 3600.0


def test_a_camera_that_captures_is_never_silent_between_two_readings(world: Any) -> None:
    memory, apart, now = FlowMemory(), SLOWEST + LONGEST_PASS, 1_000_000.0
    for reading in range(3):
        memory.read("pod", _captured(world, 30 * (reading + 1)), now + reading * apart)

    seen = {second: memory.flow(now + 2 * apart + second).entered for second in range(round(apart) + 1)}

    assert seen == dict.fromkeys(seen, frozenset({"cam01"}))


def test_a_camera_is_not_frozen_because_nobody_had_time_to_ask(world: Any) -> None:
    memory, now = FlowMemory(), 1_000_000.0
    memory.read("pod", _captured(world, 30), now)
    memory.read("pod", _captured(world, 60), now + 5)
    assert memory.flow(now + 35).entered == {"cam01"}
    assert memory.flow(now + 35).busy, "it would be news that changes nothing"

    memory.read("pod", _captured(world, 60), now + 36)
    assert not memory.flow(now + 36).entered, "it was asked, and had captured nothing since"


def test_a_camera_whose_pod_does_not_answer_is_not_taken_to_capture(world: Any) -> None:
    memory, now = FlowMemory(), 1_000_000.0
    memory.read("pod", _captured(world, 30), now)
    memory.read("pod", _captured(world, 60), now + 5)
    memory.read("pod", "no answer", now + 10)
    assert not memory.flow(now + 16).entered


def _captured(world: Any, frames: int) -> Ledger:
    count = HopCount(camera="cam01", hop=CAPTURE_HOP, session="s", entered=frames, left=frames)
    told: Ledger = world.ledger("rtsp-capture", ())
    return told.model_copy(update={"hops": (count,)})


def test_one_reading_that_fails_is_no_news_until_the_next_could_be_made(world: Any) -> None:
    memory, now = FlowMemory(), 1_000_000.0
    memory.read("pod", world.ledger("rtsp-capture", ("cam01",)), now)
    memory.read("pod", "no answer", now + SLOWEST)

    assert not memory.flow(now + 2 * SLOWEST).unreadable

    memory.read("pod", "no answer", now + 2 * SLOWEST)
    assert memory.flow(now + 2 * SLOWEST).unreadable


def test_the_probe_of_a_healthy_operator_does_not_fail_between_two_readings() -> None:
    now = [0.0]
    health = Health(lambda: now[0])
    health.lead(())

    now[0] = SLOWEST + LONGEST_PASS
    health._ticked = now[0]

    assert health.problems() == []


async def test_a_pipeline_without_pods_is_never_news() -> None:
    now = 1_000_000.0
    book: Book[str] = Book(MemoryLedgers(), lambda: now)
    await book.watch("rests", (), drains=True)

    for _ in range(100):
        now += SLOWEST
        assert await book.refresh() == []
