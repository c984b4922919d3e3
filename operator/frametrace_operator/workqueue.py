"""A queue of keys: each key at most once, handled by one worker at a time, with delays and back-off.

Adding a key while it is being handled has it handled once more afterwards. Times come from a clock that is given; this
module must not know what a key stands for, nor do any work itself.
"""

import asyncio
import heapq
import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from frametrace_operator.retry_after import obeyed

__all__ = ["Backoff", "Clock", "LoopClock", "WorkQueue"]

K = TypeVar("K", bound=Hashable)
_IN_A_ROW: Final = 3
"""Keys that are taken first, until one is taken in the order of time: who changes one again and again keeps no other waiting."""


class Clock(Protocol):
    """Monotonic time."""

    def now(self) -> float:
        """Seconds since some moment."""

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        """Return when the event is set or so many seconds have passed; None waits for the event alone."""


class LoopClock:
    """The running event loop's clock."""

    def now(self) -> float:
        """Seconds since some moment."""
        return asyncio.get_running_loop().time()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        """Return when the event is set or so many seconds have passed."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays in seconds that double from `first` to `most`, each cut by up to `jitter` of itself."""

    first: float = 0.5
    most: float = 60.0
    jitter: float = 0.3
    random: Callable[[], float] = field(default=random.random)

    def delay(self, failures: int) -> float:
        """The delay after so many failures in a row, 1 or more."""
        whole = min(self.most, self.first * 2.0 ** min(failures - 1, 30))
        return whole * (1 - self.jitter * self.random())


class WorkQueue(Generic[K]):
    """Keys that are due, and keys that will be. Use from one event loop only."""

    def __init__(self, clock: Clock | None = None, backoff: Backoff | None = None) -> None:
        self._clock: Clock = clock or LoopClock()
        self._backoff = backoff or Backoff()
        self._due: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._order = 0
        self._first: dict[K, None] = {}
        self._in_a_row = 0
        self._active: dict[K, float] = {}
        self._again: dict[K, float] = {}
        self._failures: dict[K, int] = {}
        self._not_before: dict[K, float] = {}
        self._wake = asyncio.Event()
        self._released = asyncio.Event()
        self._closed = False
        self._released_at: float | None = None

    def __len__(self) -> int:
        """Keys that wait, due or not, and are not being handled."""
        return len(self._due)

    def ready(self) -> int:
        """Keys that are due now and wait for a worker."""
        now = self._clock.now()
        return sum(due <= now for due in self._due.values())

    def stuck(self) -> float:
        """For how many seconds keys have been due or in hand, and none was done or failed; 0 before anybody takes keys."""
        now = self._clock.now()
        first = min((due for due in (*self._due.values(), *self._active.values())), default=now)
        return 0.0 if self._released_at is None else max(0.0, now - max(first, self._released_at))

    def add(self, key: K, *, after: float = 0.0, first: bool = False) -> None:
        """Have the key handled after so many seconds; the earliest of all wishes counts, but never before a server's own wish.

        Keys for which somebody waits come `first`, before all others that are due; of four that are taken, one is in the order of time.
        """
        if first:
            self._first[key] = None
        due = max(self._clock.now() + after, self._not_before.get(key, 0.0))
        if key in self._active:
            self._again[key] = min(due, self._again.get(key, due))
        else:
            self._schedule(key, due)

    async def get(self) -> K:
        """Wait for a key that is due and take it; it stays taken until `done` or `failed`."""
        self._released_at = self._clock.now() if self._released_at is None else self._released_at
        while True:
            key, seconds = (None, None) if self._closed else self._next()
            if key is not None:
                self._active[key] = self._clock.now()
                return key
            self._wake.clear()
            await self._clock.wait(self._wake, seconds)

    async def drain(self) -> None:
        """Hand no more keys out, and wait until those that were are done or failed."""
        self._closed = True
        while self._active:
            self._released.clear()
            await self._released.wait()

    def done(self, key: K) -> None:
        """The key was handled; its failures are forgotten."""
        self._failures.pop(key, None)
        self._not_before.pop(key, None)
        self._release(key)

    def failed(self, key: K, *, after: float | None = None) -> float:
        """The key was not handled: it comes back after its back-off, or sooner if something new happens to it.

        `after` is a server's own wish in seconds: nothing overtakes that, and it is spread as `obeyed` does. Returns the delay.
        """
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        delay = self._backoff.delay(failures)
        if after is not None:
            delay += obeyed(after, self._backoff.random)
            self._not_before[key] = self._clock.now() + delay
            self._again.pop(key, None)
        self._release(key)
        self.add(key, after=delay)
        return delay

    def forget(self, key: K) -> None:
        """Drop the key's waiting and its failures, because what it stands for is gone."""
        self._due.pop(key, None)
        self._first.pop(key, None)
        self._failures.pop(key, None)
        self._not_before.pop(key, None)

    def _release(self, key: K) -> None:
        self._active.pop(key, None)
        self._released_at = self._clock.now()
        self._released.set()
        due = self._again.pop(key, None)
        if due is not None:
            self._schedule(key, due)

    def _schedule(self, key: K, due: float) -> None:
        if key in self._due and self._due[key] <= due:
            return
        self._due[key] = due
        self._order += 1
        heapq.heappush(self._heap, (due, self._order, key))
        self._wake.set()

    def _next(self) -> tuple[K | None, float | None]:
        """A due key, or how long to wait for the first one (None: nothing waits)."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)  # overtaken by an earlier wish, taken first, or forgotten
        if not self._heap:
            return None, None
        due, _, key = self._heap[0]
        now = self._clock.now()
        if due > now:
            return None, due - now
        urgent = next((each for each in self._first if self._due.get(each, float("inf")) <= now), None)
        if urgent is not None and self._in_a_row < _IN_A_ROW:
            self._in_a_row += 1
            return self._take(urgent), None
        self._in_a_row = 0
        return self._take(key), None

    def _take(self, key: K) -> K:
        del self._due[key]
        self._first.pop(key, None)
        if self._due:
            self._wake.set()  # another worker may take the next one
        return key
