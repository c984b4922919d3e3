"""The book of all pipelines' flows: reads every pod's ledger in one batched loop, and says whose flow changed.

Must not know Kubernetes: the reconciler says which pods there are.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterable
from typing import Final, Generic, TypeVar

from frametrace_operator.flow import Flow
from frametrace_operator.flow_memory import FlowMemory
from frametrace_operator.pace import Pace
from frametrace_operator.pods.base import Ledgers, LedgerUnreadableError, Target
from frametrace_operator.pods.pacing import in_pace
from frametrace_operator.pods.turns import Turns
from frametrace_operator.texts import clipped

__all__ = ["Book"]

K = TypeVar("K", bound=Hashable)
_AT_ONCE: Final = 64
_A_SECOND: Final = 500.0
"""Readings that are begun in a second: all at once would hold every pass up until they are done."""
_MOST_SECONDS: Final = 3.0
"""In which those of one pass are begun, however many, as long as nothing holds them up."""
_COMPARED_AT_ONCE: Final = 20
_MOST_SAID: Final = 500  # characters
_RESTLESS_SECONDS: Final = 20.0
"""So long after news of a pipeline more of it is likely: four readings. While a fleet starts, these are most of what is read."""


class Book(Generic[K]):
    """Flows by pipeline.

    Args:
        ledgers: where they are read.
        now: wall-clock time, in seconds since 1970, as ledgers have it.
        heard: called whenever a pod gave its ledger, or there is none to ask.
    """

    def __init__(
        self,
        ledgers: Ledgers,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self._ledgers = ledgers
        self._now = now
        self._sleep = sleep
        self._heard = heard
        self._targets: dict[K, frozenset[Target]] = {}
        self._memories: dict[K, FlowMemory] = {}
        self._known: dict[K, Flow] = {}
        self._news_at: dict[K, float] = {}
        self._drained_at: dict[K, float] = {}
        self._unsettled: set[K] = set()
        self._turns: Turns[K] = Turns()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def watch(
        self,
        key: K,
        targets: Iterable[Target],
        pace: Pace | None = None,
        *,
        settled: bool = False,
        anew: bool = False,
        drains: bool = False,
    ) -> Flow:
        """Say which pods a pipeline has; those that are new are read at once, all of them `anew`.

        So are all where it `drains`: what a pod said before the last capture ended says nothing of the last frames.
        How long a frame counts as flowing depends on its `pace`. The pods of a `settled` pipeline may wait for their turn to be
        read: nothing is under way there. Returns the flow as far as it is known.
        """
        wanted = frozenset(targets)
        new = wanted if anew or drains else wanted - self._targets.get(key, frozenset())
        self._targets[key] = wanted
        (self._unsettled.discard if settled else self._unsettled.add)(key)
        if drains:
            self._drained_at.setdefault(key, self._now())
        else:
            self._drained_at.pop(key, None)
        if new:
            self._news_at[key] = self._now()
        memory = self._memories.setdefault(key, FlowMemory())
        memory.pace = pace or memory.pace
        memory.keep_only(target.uid for target in wanted)
        await asyncio.gather(*(self._read(memory, target) for target in new))
        flow = self._known[key] = memory.flow(self._now())
        return flow

    def drained_for(self, key: K) -> float:
        """For how many seconds no frame has come in, as far as this operator saw; 0 where frames may."""
        return self._now() - self._drained_at[key] if key in self._drained_at else 0.0

    def told_at(self, key: K) -> dict[str, float]:
        """By pod of a pipeline, when it was asked what it answered last, in seconds since 1970."""
        return self._memories[key].told_at if key in self._memories else {}

    def doubt(self, key: K) -> None:
        """What its pods say counts now: they are read in each pass for a while, as after news."""
        self._news_at[key] = self._now()

    def forget(self, key: K) -> None:
        """The pipeline is gone."""
        for known in (self._targets, self._memories, self._known, self._news_at, self._drained_at):
            known.pop(key, None)
        self._unsettled.discard(key)

    async def refresh(self, beat: Callable[[], None] = lambda: None) -> list[K]:
        """Read the pods of those whose turn it is, with a beat after each; the pipelines among them whose flow changed."""
        pods = {key: len(targets) for key, targets in self._targets.items()}
        chosen = self._turns.choose(pods, self._restless, self._now())
        for key in pods.keys() - set(chosen):  # who has just become steady waits too, and is no less alive for that
            self._memories[key].gap = max(self._memories[key].gap, self._turns.gap)
        places = [(self._memories[key], target) for key in chosen for target in self._targets[key]]
        if not any(pods.values()):
            self._heard()

        async def read(place: tuple[FlowMemory, Target]) -> None:
            await self._read(*place)
            beat()

        rate = max(_A_SECOND, len(places) / _MOST_SECONDS)
        await in_pace(places, read, rate=rate, at_once=_AT_ONCE, sleep=self._sleep)
        return [key async for key in self._changed(chosen)]

    def _restless(self, key: K) -> bool:
        """Whether news of the pipeline is likely: it is not as it should be, or was not so a little while ago."""
        lately = self._now() - self._news_at.get(key, float("-inf")) < _RESTLESS_SECONDS
        return lately or key in self._unsettled or self._memories[key].doubtful

    async def _changed(self, read: Iterable[K]) -> AsyncIterator[K]:
        """Compare flows, with a pause now and then: with a thousand pipelines it takes a tenth of a second."""
        for number, key in enumerate(read):
            if number % _COMPARED_AT_ONCE == 0:
                await asyncio.sleep(0)
            memory = self._memories.get(key)
            if memory is None:
                continue
            # Only now: what it was read with must be over.
            memory.gap = 0.0 if self._restless(key) else self._turns.gap
            if memory.flow(self._now()) != self._known.get(key):
                self._news_at[key] = self._now()
                yield key

    async def _read(self, memory: FlowMemory, target: Target) -> None:
        async with self._slots:
            asked = self._now()
            try:
                memory.read(target.uid, await self._ledgers.read(target), self._now(), asked)
                self._heard()
            except LedgerUnreadableError as error:
                memory.read(target.uid, clipped(str(error), _MOST_SAID), self._now())
            except Exception as error:  # noqa: BLE001 (a pod may answer anything, and must not end the others' reading)
                memory.read(target.uid, f"its answer cannot be read: {type(error).__name__}", self._now())
