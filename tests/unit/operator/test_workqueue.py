"""The queue of keys, under a clock that only moves when told to."""

import asyncio
from typing import Any

import pytest
from frametrace_operator.workqueue import Backoff, WorkQueue


class StandingClock:
    """Time that tests move; waiters wake when their event is set or their moment has come."""

    def __init__(self) -> None:
        self.time = 0.0
        self._moved = asyncio.Event()

    def now(self) -> Any:
        return self.time

    async def wait(self, event: Any, seconds: Any) -> None:
        until = float("inf") if seconds is None else self.time + seconds
        while not event.is_set() and self.time < until:
            moved = asyncio.ensure_future(self._moved.wait())
            told = asyncio.ensure_future(event.wait())
            await asyncio.wait({moved, told}, return_when=asyncio.FIRST_COMPLETED)
            moved.cancel()
            told.cancel()

    async def move(self, seconds: Any) -> None:
        self.time += seconds
        self._moved.set()
        await asyncio.sleep(0)
        self._moved = asyncio.Event()
        await settle()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Any:
    return StandingClock()


@pytest.fixture
def queue(clock: Any) -> Any:
    return WorkQueue(clock, Backoff(first=1.0, most=8.0, jitter=0.0, random=lambda: 0.0))


async def test_a_key_waits_once_however_often_it_is_added(queue: Any) -> None:
    for _ in range(3):
        queue.add("a")
    assert len(queue) == queue.ready() == 1
    assert await queue.get() == "a"
    assert len(queue) == 0


async def test_keys_come_in_the_order_of_their_time(queue: Any, clock: Any) -> None:
    queue.add("late", after=5)
    queue.add("soon", after=1)
    queue.add("now")
    assert await queue.get() == "now"
    await clock.move(6)
    assert [await queue.get(), await queue.get()] == ["soon", "late"]


async def test_a_key_for_which_somebody_waits_goes_before_all_others(queue: Any) -> None:
    for key in ("a", "b", "c"):
        queue.add(key)
    queue.add("c", first=True)
    queue.add("new", first=True)
    assert [await queue.get() for _ in range(4)] == ["c", "new", "a", "b"]
    assert len(queue) == 0


async def test_a_key_for_which_somebody_waits_goes_first_once(queue: Any, clock: Any) -> None:
    queue.add("a", first=True)
    queue.done(await queue.get())
    await clock.move(1)
    queue.add("b")
    queue.add("a")
    assert [await queue.get(), await queue.get()] == ["b", "a"]


async def test_a_key_in_hand_for_which_somebody_waits_goes_first_afterwards(queue: Any) -> None:
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("b")
    queue.add("a", first=True)
    queue.done("a")
    assert [await queue.get(), await queue.get()] == ["a", "b"]


async def test_a_key_that_is_changed_again_and_again_keeps_no_other_waiting(queue: Any, clock: Any) -> None:
    queue.add("old")
    await clock.move(1)
    queue.add("a", first=True)
    taken = []
    while "old" not in taken:
        taken.append(await queue.get())
        if taken[-1] == "a":
            queue.add("a", first=True)
            queue.done("a")
    assert taken == ["a", "a", "a", "old"]


async def test_nobodys_waiting_overtakes_a_servers_own_wish(queue: Any, clock: Any) -> None:
    queue.add("a")
    assert await queue.get() == "a"
    queue.failed("a", after=30)
    queue.add("a", first=True)
    queue.add("b")
    assert await queue.get() == "b"
    assert queue.ready() == 0
    await clock.move(60)
    assert await queue.get() == "a"


async def test_the_earliest_wish_for_a_key_counts(queue: Any, clock: Any) -> None:
    queue.add("a", after=50)
    queue.add("a", after=2)
    queue.add("a", after=90)
    getting = asyncio.ensure_future(queue.get())
    await settle()
    await clock.move(1)
    assert not getting.done()
    await clock.move(1)
    assert await getting == "a"
    assert len(queue) == 0


async def test_a_key_is_never_with_two_workers_and_comes_again_if_added_meanwhile(queue: Any) -> None:
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    assert queue.ready() == 0
    queue.done("a")
    assert await queue.get() == "a"
    queue.done("a")
    assert len(queue) == 0


async def test_failures_wait_longer_and_longer_up_to_a_limit(queue: Any, clock: Any) -> None:
    delays = []
    queue.add("a")
    for _ in range(6):
        await queue.get()
        delays.append(queue.failed("a"))
        await clock.move(delays[-1])
    assert delays == [1, 2, 4, 8, 8, 8]
    await queue.get()
    queue.done("a")
    queue.add("a")
    await queue.get()
    assert queue.failed("a") == 1


async def test_news_overtake_a_back_off_but_not_a_servers_wish(queue: Any, clock: Any) -> None:
    queue.add("a")
    await queue.get()
    queue.failed("a")
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.failed("a", after=60)
    queue.add("a")
    assert queue.ready() == 0
    await clock.move(63)
    assert await queue.get() == "a"


async def test_those_who_were_told_the_same_do_not_come_back_at_once(clock: Any) -> None:
    queue: WorkQueue[str] = WorkQueue(clock, Backoff(first=1.0, jitter=0.0, random=iter((0.0, 0.0, 0.0, 1.0)).__next__))
    for key in "ab":
        queue._active[key] = 0.0
    assert [queue.failed(key, after=60) for key in "ab"] == [61, pytest.approx(73)]


async def test_jitter_only_shortens() -> None:
    assert Backoff(first=1, most=60, jitter=0.3, random=lambda: 1.0).delay(1) == pytest.approx(0.7)
    assert Backoff(first=1, most=60, jitter=0.3, random=lambda: 0.0).delay(3) == pytest.approx(4.0)


async def test_several_workers_share_the_keys(queue: Any) -> None:
    workers = [asyncio.ensure_future(queue.get()) for _ in range(3)]
    await settle()
    for key in "abc":
        queue.add(key)
    assert sorted(await asyncio.gather(*workers)) == ["a", "b", "c"]


async def test_draining_hands_nothing_out_and_waits_for_what_is_out(queue: Any) -> None:
    queue.add("a")
    queue.add("b")
    await queue.get()
    draining = asyncio.ensure_future(queue.drain())
    await settle()
    getting = asyncio.ensure_future(queue.get())
    await settle()
    assert not draining.done()
    queue.done("a")
    await draining
    await settle()
    assert not getting.done()
    getting.cancel()


async def test_a_forgotten_key_does_not_come(queue: Any) -> None:
    queue.add("a")
    queue.add("b", after=0)
    queue.forget("a")
    assert await queue.get() == "b"
    assert len(queue) == 0


async def test_a_queue_is_stuck_from_when_a_key_is_due_until_one_is_handled(queue: Any, clock: Any) -> None:
    queue.add("a")
    await clock.move(100)
    assert queue.stuck() == 0, "nobody takes keys yet: what there is may not be known"
    await queue.get()
    await clock.move(50)
    assert queue.stuck() == 50
    queue.done("a")
    await clock.move(1000)
    assert queue.stuck() == 0, "an idle queue is not stuck"
    queue.add("a", after=10)
    queue.add("b", after=20)
    await clock.move(15)
    assert queue.stuck() == 5
    await queue.get()
    await clock.move(15)
    queue.failed("a")
    assert queue.stuck() == 0, "a pass that failed has ended"
    await clock.move(0.5)
    assert queue.stuck() == 0.5
