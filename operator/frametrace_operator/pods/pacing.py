"""Pacing: many things to do, begun a few at a time in an even pace. Must not know what they are."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

__all__ = ["in_pace"]

T = TypeVar("T")
_TOGETHER: Final = 8
"""So many are begun at once: to wake up for each alone takes as much time as a short thing itself; many more hold all else up.

Nor are all that are overdue begun at once, but one such group: who is late once would be late again.
"""


async def in_pace(
    things: Iterable[T],
    do: Callable[[T], Awaitable[None]],
    *,
    rate: float,
    at_once: int,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Do each of the things, and return when all are done.

    Args:
        things: what is done.
        do: does one.
        rate: how many are begun in a second; fewer where the event loop is late.
        at_once: how many are in hand at the same time, at most: a task for each of thousands would take much memory.
        sleep: waits so many seconds.
        clock: seconds from anywhere, which never step back.
    """
    pause, due = _TOGETHER / rate, clock()
    room = asyncio.Semaphore(at_once)

    async def one(thing: T) -> None:
        try:
            await do(thing)
        finally:
            room.release()

    async with asyncio.TaskGroup() as tasks:
        for number, thing in enumerate(things):
            if number and number % _TOGETHER == 0:
                due = max(due, clock() - pause) + pause
                await sleep(max(0.0, due - clock()))
            await room.acquire()
            tasks.create_task(one(thing))
