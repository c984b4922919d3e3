"""Things are begun in an even pace, a few at once where they are overdue, and no more than so many are in hand."""

import asyncio
from collections import Counter

import pytest
from frametrace_operator.pods.pacing import in_pace

RATE = 100.0


class Time:
    """A clock that only those who sleep move, and who is told to be late moves it further."""

    def __init__(self) -> None:
        self.now = 0.0
        self.late_at, self.late = float("inf"), 0.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds
        if self.now >= self.late_at:
            self.now, self.late_at = self.now + self.late, float("inf")


async def begun(time: Time, things: int) -> list[float]:
    """When each was begun."""
    moments: list[float] = []

    async def do(_thing: int) -> None:
        moments.append(time.now)

    await in_pace(range(things), do, rate=RATE, at_once=things, sleep=time.sleep, clock=time.clock)
    return moments


async def test_things_are_begun_in_an_even_pace() -> None:
    moments = await begun(Time(), 50)

    assert len(moments) == 50
    assert moments[-1] == pytest.approx(50 / RATE, abs=10 / RATE)
    assert max(Counter(round(moment, 6) for moment in moments).values()) <= 8


async def test_what_is_overdue_is_not_begun_all_at_once() -> None:
    time = Time()
    time.late_at, time.late = 0.1, 0.5  # fifty are overdue then
    moments = await begun(time, 100)

    assert len(moments) == 100
    assert 8 < max(Counter(round(moment, 6) for moment in moments).values()) <= 16
    assert moments[-1] == pytest.approx(0.5 + 100 / RATE, abs=20 / RATE)


async def test_no_more_than_so_many_are_in_hand_at_once() -> None:
    in_hand, most = 0, 0

    async def do(_thing: int) -> None:
        nonlocal in_hand, most
        in_hand += 1
        most = max(most, in_hand)
        await asyncio.sleep(0.001)
        in_hand -= 1

    await in_pace(range(40), do, rate=1e6, at_once=5)
    assert most == 5


async def test_what_one_raises_is_raised() -> None:
    async def do(thing: int) -> None:
        if thing == 3:
            raise ValueError("three")

    with pytest.raises(ExceptionGroup) as raised:
        await in_pace(range(10), do, rate=1e6, at_once=2)
    assert raised.value.subgroup(ValueError) is not None
