"""Watch: measures the tracing of all pipelines. It knows no cluster: the reconciler says what there is to measure.

One loop for all, as to budgets, look-ups at once and probes; each pipeline's windows are a task of their own.
"""

import asyncio
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar
from zlib import crc32

from frame_tracking.ledger_window import BUCKET_SECONDS

from frametrace_operator.guard.audit.shares import BUDGET_SECONDS, WHOLE
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.jaeger.base import JaegerAt, Jaegers
from frametrace_operator.guard.measuring.alive import PROBED, READ, Alive, Unwatched, expect
from frametrace_operator.guard.measuring.clock import Clock, RealClock
from frametrace_operator.guard.measuring.lookups import Lookups
from frametrace_operator.guard.measuring.measure import Measure
from frametrace_operator.guard.measuring.probes import Probed, Probes
from frametrace_operator.guard.measuring.reader import Reader
from frametrace_operator.guard.measuring.tools import Tools
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.logs import logger
from frametrace_operator.pods.base import Ledgers

__all__ = ["Watch"]

K = TypeVar("K", bound=Hashable)
_AGAIN: Final = 5.0
_LATEST: Final = 6
"""A window is read at most this part of its length late."""
_MOMENTS: Final = 25
"""Within a bucket's time, in which windows are read: to wake up for each alone takes half as much time again as reading it."""
_MANY: Final = 50
"""Pipelines: the windows of fewer are no burst, and none of theirs need wait."""
_LONG: Final = 30
_LOOKED_UP: Final = 10
"""Seconds from when a window has settled until it is looked up, at most, as a rule."""


class Watch(Generic[K]):
    """Evidence by pipeline.

    Args:
        ledgers: reads pods.
        jaegers: asks Jaegers.
        changed: is called with the key of each pipeline whose evidence changed.
        clock: what is waited by.
        spread: whether the windows of pipelines are spread over a window's length.
        whole: frames a window up to which a suspect pipeline is looked at whole; of more, so many are a sample.
        alive: takes note of signs of life; they are expected only while something is measured.
    """

    def __init__(
        self,
        ledgers: Ledgers,
        jaegers: Jaegers,
        changed: Callable[[K], None],
        clock: Clock | None = None,
        *,
        spread: bool = True,
        whole: int = WHOLE,
        alive: Alive | None = None,
    ) -> None:
        self._jaegers, self._changed = jaegers, changed
        self._clock = clock or RealClock()
        self._alive = alive or Unwatched()
        self._reader = Reader(ledgers, self._clock, lambda: self._alive.beat(READ))
        self._spread, self._whole = spread, whole
        self._measures: dict[K, Measure] = {}
        self._tasks: dict[K, asyncio.Task[None]] = {}
        self.lookups: Lookups[K] = Lookups(self._clock, whole)
        self._probes = Probes(jaegers, self._clock, self._wanted, self._probed, lambda: self._alive.beat(PROBED))
        self._running: asyncio.TaskGroup | None = None

    def follow(self, key: K, watched: Watched) -> Evidence:
        """Measure a pipeline from now on, as it is now; return what is known of it."""
        measure = self._measures.get(key)
        if measure is None:
            measure = self._measures[key] = Measure(watched, self._tools(key))
            self._start(key)
            self._expect()
            if self._probed_of(key) != Probed():  # another pipeline's Jaeger, too
                measure.probed()
        elif measure.watched != watched:
            measure.follow(watched)
            self._expect()
        return measure.evidence

    def evidence(self, key: K) -> Evidence:
        """What is known of a pipeline; nothing, if it is not measured."""
        measure = self._measures.get(key)
        return measure.evidence if measure is not None else Evidence()

    def forget(self, key: K) -> None:
        """Measure a pipeline no more, and forget what is known of it: its tracing is out, or it is gone."""
        if self._measures.pop(key, None) is not None:
            self._expect()
        self.lookups.forget(key)
        task = self._tasks.pop(key, None)
        if task is not None:
            task.cancel()

    async def run(self) -> None:
        """Measure, for ever."""
        async with asyncio.TaskGroup() as tasks:
            self._running = tasks
            try:
                for key in self._measures:
                    self._start(key)
                await self._probes.run()
            finally:
                self._running = None
                for task in self._tasks.values():
                    task.cancel()
                self._tasks.clear()

    def _expect(self) -> None:
        expect(self._alive, (measure.watched.length for measure in self._measures.values()))

    def _start(self, key: K) -> None:
        if self._running is not None:
            self._tasks[key] = self._running.create_task(self._measured(key), name=f"measure {key}")

    async def _measured(self, key: K) -> None:
        """Measure one pipeline; a fault of ours must not end the others' measuring, nor its own for good."""
        while True:
            measure = self._measures[key]
            try:
                await measure.run()
            except Exception:  # noqa: BLE001 (pods and Jaegers may say anything)
                logger().exception("the measuring of a pipeline broke off, and begins anew", pipeline=str(key))
                await self._clock.sleep(_AGAIN)

    def _tools(self, key: K) -> Tools:
        return Tools(
            jaegers=self._jaegers,
            clock=self._clock,
            read=self._reader.read,
            whole=self._whole,
            share=lambda expected, close: self.lookups.share(key, expected, self._length(key), suspect=close),
            take=lambda expected, close: self.lookups.take(key, expected, self._length(key), suspect=close),
            probed=lambda: self._probed_of(key),
            changed=lambda: self._changed(key),
            first_start=lambda until, length: self._first_start(key, until, length),
            stagger=lambda watched: self._stagger(key, watched),
        )

    def _length(self, key: K) -> int:
        measure = self._measures.get(key)
        return measure.watched.length if measure is not None else BUDGET_SECONDS

    def _first_start(self, key: K, until: float, length: int) -> int:
        start = int(until) // BUCKET_SECONDS * BUCKET_SECONDS
        return start + _number(key) % (length // BUCKET_SECONDS) * BUCKET_SECONDS if self._spread else start

    def _stagger(self, key: K, watched: Watched) -> float:
        """Windows begin at whole buckets: many pipelines' in a few would be read at once, and every pass would wait for that.

        Longer windows begin in more moments by themselves; and none may be read so late that Jaeger has begun to forget it.
        """
        if not self._spread or len(self._measures) < _MANY or watched.length > _LONG:
            return 0.0
        part = _number(key) // (watched.length // BUCKET_SECONDS) % _MOMENTS / _MOMENTS
        room = watched.trace_seconds - watched.length - watched.settle_seconds - _LOOKED_UP
        return max(0.0, min(BUCKET_SECONDS, watched.length / _LATEST, room)) * part

    def _wanted(self) -> frozenset[JaegerAt]:
        return frozenset(measure.watched.jaeger for measure in self._measures.values())

    def _probed_of(self, key: K) -> Probed:
        measure = self._measures.get(key)
        return self._probes.of(measure.watched.jaeger) if measure is not None else Probed()

    def _probed(self, at: JaegerAt) -> None:
        for measure in list(self._measures.values()):
            if measure.watched.jaeger == at:
                measure.probed()


def _number(key: object) -> int:
    """The same one for a pipeline always, and as good as chance for each."""
    return crc32(str(key).encode())
