"""SpanBuffer: ended hops that wait for their export, bounded, every span of them counted until its end.

What one process made of one frame leaves together: an entry is held back for a moment, so that spans which a handler's
threads end a little later can join it. Safe for several threads; knows nothing of networks.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Final

from frame_tracking import SpanCount

__all__ = ["Entry", "Scopes", "Single", "SpanBuffer"]

QUEUE_FULL: Final = "queue_full"
SHUTDOWN: Final = "shutdown"
HOLD_SECONDS: Final = 0.1
"""How long after a hop's end its spans still leave with it."""


class State(Enum):
    """Where an entry is; before it is added, and while spans can still join it, it is in none."""

    WAITING = "waiting"
    GONE = "gone"
    """It was taken, or there was no room for it: nothing can join it any more."""


_WAITING: Final = State.WAITING  # as plain names: an enum's member is looked up by code of its own, at every hop
_GONE: Final = State.GONE


class Scopes(list[bytes]):
    """Encoded `ScopeSpans` messages of one span each.

    Attributes:
        own: how many, from the first on, the entry cannot be without; the others are cut where there is no room.
        beyond: how many more there were.
    """

    __slots__ = ("beyond", "own")

    def __init__(self, own: Iterable[bytes] = ()) -> None:
        super().__init__(own)
        self.own, self.beyond = len(self), 0


class Entry:
    """What leaves together.

    Attributes:
        added: when it was, in seconds of the buffer's clock.
        spans: how many.
        scopes: of spans that are encoded already, a handler's above all; None for none.
        state: where it is; None before it was added.
    """

    __slots__ = ("__weakref__", "added", "scopes", "spans", "state")
    added: float
    spans: int
    scopes: Scopes | None
    state: State | None

    def encode_into(self, parts: list[bytes]) -> None:
        """Append the fields `ScopeSpans.spans` of the built-in scope."""


class Single(Entry):
    """One span that leaves alone."""

    __slots__ = ()

    def __init__(self, scope: bytes) -> None:
        self.spans, self.scopes, self.state = 0, Scopes((scope,)), None


class SpanBuffer:
    """The entries and the counts: `created` = exported + dropped + waiting, at every moment.

    Args:
        capacity: spans that may wait; what comes beyond is dropped and counted.
        batch: spans from which on `ready` is set.
        clock: seconds, monotonic.
    """

    def __init__(self, capacity: int, batch: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity, self._batch, self._clock = capacity, batch, clock
        self.reset()

    def reset(self) -> None:
        """Begin anew, with nothing: after a fork, in the child; the spans that wait are its parent's."""
        self.ready = threading.Event()
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._created = self._exported = self._queued = self._leaving = self._late = 0
        self._dropped: Counter[str] = Counter()
        self._closed = False
        self._first: Callable[[], None] | None = None

    def on_first(self, call: Callable[[], None]) -> None:
        """Call once, with the next entry: a process that never traces needs no thread."""
        self._first = call

    def add(self, entry: Entry) -> bool:
        """Take an entry, its `spans` those that it encodes itself; False if there is no room for these and its own scopes."""
        entry.added = self._clock()
        if self._first is not None:
            self._begin()
        with self._lock:
            if entry.scopes is not None:
                self._fit(entry, entry.scopes)
            if not self._admit(entry.spans):
                entry.state = _GONE
                return False
            entry.state = _WAITING
            self._entries.append(entry)
            if self._queued >= self._batch:
                self.ready.set()
            return True

    def join(self, entry: Entry, scope: bytes, *, own: bool = False) -> bool:
        """Let one more span leave with an entry that is not added yet or still waits; False if it is gone.

        Args:
            entry: with which.
            scope: the span.
            own: whether the entry cannot be without it; of the others no more are kept than could ever wait.
        """
        with self._lock:
            if entry.state is _GONE:
                return False
            if entry.state is _WAITING:
                if not self._admit(1):
                    return True  # counted as lost
                entry.spans += 1
            if entry.scopes is None:
                entry.scopes = Scopes()
            if own:
                entry.scopes.insert(0, scope)
                entry.scopes.own += 1
            elif len(entry.scopes) < self._capacity:
                entry.scopes.append(scope)
            else:
                entry.scopes.beyond += 1
            return True

    def late(self) -> None:
        """Count a span that comes after those of its hop have left."""
        with self._lock:
            self._late += 1

    def take(self, spans: int, *, held: bool = True) -> list[Entry]:
        """Take entries of about `spans` spans (at least one); `held` leaves the young ones for those that join them."""
        newest = self._clock() - HOLD_SECONDS if held else float("inf")
        taken: list[Entry] = []
        number = 0
        with self._lock:
            entries = self._entries
            while entries and entries[0].added <= newest and (not taken or number + entries[0].spans <= spans):
                entry = entries.popleft()
                entry.state = _GONE
                number += entry.spans
                taken.append(entry)
            self._queued -= number
            self._leaving += number
            if self._queued < self._batch:
                self.ready.clear()
        return taken

    def settle(self, exported: int, lost: int, cause: str) -> None:
        """Count what became of spans that were taken."""
        with self._lock:
            if self._closed:
                return
            self._leaving -= exported + lost
            self._exported += exported
            if lost:
                self._dropped[cause] += lost

    def close(self) -> None:
        """Count all that still waits as lost by shutdown; what happens later changes nothing any more."""
        with self._lock:
            self._closed = True
            if self.waiting:
                self._dropped[SHUTDOWN] += self.waiting
            self._queued = self._leaving = 0
            self._entries.clear()

    @property
    def waiting(self) -> int:
        """Spans that are neither exported nor dropped."""
        return self._queued + self._leaving

    def snapshot(self) -> SpanCount:
        """Return the counts."""
        with self._lock:
            return SpanCount(
                created=self._created, exported=self._exported, dropped=dict(self._dropped), late=self._late
            )

    def _begin(self) -> None:
        with self._lock:  # two threads may come with the first entry
            first, self._first = self._first, None
        if first is not None:
            first()

    def _fit(self, entry: Entry, scopes: Scopes) -> None:
        """Count an entry's scopes, and cut those that it can be without to the room that there is."""
        over = entry.spans + len(scopes) + self._queued - self._capacity
        cut = max(0, min(over, len(scopes) - scopes.own))
        if cut:
            del scopes[-cut:]
        if cut or scopes.beyond:
            self._lose(cut + scopes.beyond)
        entry.spans += len(scopes)

    def _admit(self, spans: int) -> bool:
        if self._closed or self._queued + spans > self._capacity:
            self._lose(spans)
            return False
        self._created += spans
        self._queued += spans
        return True

    def _lose(self, spans: int) -> None:
        self._created += spans
        self._dropped[SHUTDOWN if self._closed else QUEUE_FULL] += spans
