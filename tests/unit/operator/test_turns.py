"""Turns: who is read when, at any size of a fleet; and what the book makes of readings that are far apart."""

from __future__ import annotations

from typing import Any

import pytest
from frame_tracking import CAPTURE_HOP, HopCount
from frametrace_operator.pods.base import Target
from frametrace_operator.pods.book import Book
from frametrace_operator.pods.memory import MemoryLedgers
from frametrace_operator.pods.turns import Turns

PASS = 3.0


def _passes(
    turns: Turns[str], pods: dict[str, int], number: int, restless: frozenset[str] = frozenset()
) -> list[list[str]]:
    return [turns.choose(pods, restless.__contains__, 1000 + PASS * at) for at in range(number)]


def test_a_small_fleet_is_read_whole_each_time() -> None:
    turns: Turns[str] = Turns()
    pods = {f"p{number}": 2 for number in range(150)}

    assert [len(chosen) for chosen in _passes(turns, pods, 5)] == [150] * 5
    assert turns.gap == 0


@pytest.mark.parametrize(("pipelines", "most", "gap"), [(1000, 150, 20), (5000, 500, 30)])
def test_a_large_one_takes_turns_and_each_is_read_within_the_gap(pipelines: int, most: int, gap: float) -> None:
    turns: Turns[str] = Turns()
    pods = {f"p{number}": 2 for number in range(pipelines)}
    first, *later = _passes(turns, pods, 1 + round(gap / PASS) + 1)

    assert len(first) == pipelines
    assert all(len(chosen) <= most for chosen in later)
    assert {key for chosen in later for key in chosen} == set(pods)
    assert turns.gap == gap


def test_the_restless_are_read_each_time_beside_the_others_turns() -> None:
    turns: Turns[str] = Turns()
    pods = {f"p{number}": 2 for number in range(1000)}
    restless = frozenset(list(pods)[:400])

    for chosen in _passes(turns, pods, 9, restless)[1:]:
        assert restless <= set(chosen)
        assert len(chosen) == 400 + 150


def test_who_is_gone_is_forgotten() -> None:
    turns: Turns[str] = Turns()
    _passes(turns, {"p": 2}, 2)
    _passes(turns, {}, 1)

    assert not turns._read_at


async def _at_once(_seconds: float) -> None:
    """No time passes."""


class _Yard:
    """A book of so many pipelines, a camera each, whose frames come in all the time."""

    def __init__(self, world: Any, pipelines: int) -> None:
        self.now, self.world, self.ledgers = 1_000_000.0, world, MemoryLedgers()
        self.targets = {
            f"p{at}": (Target("capture", f"{at}-a", f"{at}-a"), Target("stage", f"{at}-b", f"{at}-b"))
            for at in range(pipelines)
        }
        self.book: Book[str] = Book(self.ledgers, lambda: self.now, _at_once)
        self.news: list[str] = []

    async def pass_on(self, key: str) -> None:
        await self.book.watch(key, self.targets[key], settled=True)

    def film(self, *, but: str = "") -> None:
        for key, targets in self.targets.items():
            if key != but:
                count = HopCount(
                    camera="cam01",
                    hop=CAPTURE_HOP,
                    session="s",
                    entered=int(self.now),
                    left=int(self.now),
                    last_frame=self.now,
                )
                told = self.world.ledger("rtsp-capture", ()).model_copy(update={"hops": (count,)})
                self.ledgers.put(targets[0].ip, told)
                self.ledgers.put(targets[1].ip, self.world.ledger("motion", ()))

    async def go(self, seconds: float, *, but: str = "") -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += PASS
            self.film(but=but)
            for key in await self.book.refresh():
                self.news.append(key)
                await self.pass_on(key)


@pytest.mark.parametrize("pipelines", [10, 400])
async def test_flow_that_goes_on_is_no_news_and_flow_that_ends_is(world: Any, pipelines: int) -> None:
    yard = _Yard(world, pipelines)
    yard.film()
    for key in yard.targets:
        await yard.pass_on(key)
    await yard.go(120)
    yard.news.clear()

    await yard.go(120)
    assert yard.news == []

    await yard.go(45, but="p7")
    assert set(yard.news) == {"p7"}

    yard.ledgers.reads.clear()
    await yard.go(PASS)
    assert {"capture", "stage"} == set(yard.ledgers.reads)
    assert len(yard.ledgers.reads) <= 300 + 2


async def test_who_has_become_steady_is_alive_until_its_turn_comes(world: Any) -> None:
    yard = _Yard(world, 1000)
    yard.film()
    for key in yard.targets:
        await yard.pass_on(key)
    await yard.go(120)
    yard.targets["p7"] = (yard.targets["p7"][0], Target("another", "7-c", "7-b"))  # a stage's pod was replaced
    for _ in range(round(100 / PASS)):
        await yard.go(PASS)
        flow = await yard.book.watch("p7", yard.targets["p7"], settled=True)  # as a pass at any time does

        assert flow.entered == {"cam01"}, yard.now


async def test_a_ledger_that_came_is_heard_and_so_is_that_there_is_none_to_ask(world: Any) -> None:
    ledgers, heard = MemoryLedgers(), []
    book: Book[str] = Book(ledgers, lambda: 1.0, _at_once, heard=lambda: heard.append("heard"))
    await book.refresh()
    asked_nobody = len(heard)
    await book.watch("p", [Target("stage", "a", "10.0.0.1")])
    await book.refresh()
    unanswered = len(heard)
    ledgers.put("10.0.0.1", world.ledger("motion", ()))
    await book.refresh()

    assert (asked_nobody, unanswered, len(heard)) == (1, 1, 2)


async def test_the_readings_of_a_large_fleet_are_spread_over_three_seconds_and_of_a_small_one_over_fewer() -> None:
    for pods, seconds in ((2000, 3.0), (500, 1.0), (8, 0.0)):
        slept: list[float] = []

        async def sleep(pause: float, slept: list[float] = slept) -> None:
            slept.append(pause)
            await _at_once(pause)

        book: Book[str] = Book(MemoryLedgers(), lambda: 1000.0, sleep)
        for number in range(pods):
            await book.watch(f"p{number}", {Target(f"u{number}", f"u{number}", f"10.0.0.{number}", "motion")})
        slept.clear()
        await book.refresh()

        assert max(slept, default=0.0) == pytest.approx(seconds, rel=0.15, abs=0.05), (
            pods
        )  # of a clock that stands still
