"""The book of all pipelines' flows: reads every pod's ledger in one batched loop, and says whose flow changed.

Must not know Kubernetes: the reconciler says which pods there are.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from typing import Final, Generic, TypeVar

from frametrace_operator.flow import FLOW_SECONDS, Flow, FlowMemory
from frametrace_operator.pods.base import Ledgers, LedgerUnreadableError, Target
from frametrace_operator.texts import clipped

__all__ = ["Book"]

K = TypeVar("K", bound=Hashable)
_AT_ONCE: Final = 64
_COMPARED_AT_ONCE: Final = 20
_MOST_SAID: Final = 500  # characters


class Book(Generic[K]):
    """Flows by pipeline. `now` is wall-clock time, in seconds since 1970, as ledgers have it."""

    def __init__(self, ledgers: Ledgers, now: Callable[[], float]) -> None:
        self._ledgers = ledgers
        self._now = now
        self._targets: dict[K, frozenset[Target]] = {}
        self._memories: dict[K, FlowMemory] = {}
        self._known: dict[K, Flow] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def watch(
        self, key: K, targets: Iterable[Target], seconds: float = FLOW_SECONDS, *, anew: bool = False
    ) -> Flow:
        """Say which pods a pipeline has, and for how long a frame counts as flowing.

        Pods that are new are read at once; all of them `anew`. Returns the flow as far as it is known.
        """
        wanted = frozenset(targets)
        new = wanted if anew else wanted - self._targets.get(key, frozenset())
        self._targets[key] = wanted
        memory = self._memories.setdefault(key, FlowMemory())
        memory.seconds = seconds
        memory.keep_only(target.uid for target in wanted)
        await asyncio.gather(*(self._read(memory, target) for target in new))
        flow = self._known[key] = memory.flow(self._now())
        return flow

    def forget(self, key: K) -> None:
        """The pipeline is gone."""
        for known in (self._targets, self._memories, self._known):
            known.pop(key, None)

    async def refresh(self, beat: Callable[[], None] = lambda: None) -> list[K]:
        """Read all pods once, with a beat after each; the pipelines whose flow changed."""
        wanted = iter([(self._memories[key], target) for key, targets in self._targets.items() for target in targets])

        async def read() -> None:  # one of a few readers: a task for each of thousands of pods would take much memory
            for memory, target in wanted:
                await self._read(memory, target)
                beat()

        await asyncio.gather(*(read() for _ in range(_AT_ONCE)))
        return [key async for key in self._changed()]

    async def _changed(self) -> AsyncIterator[K]:
        """Compare all flows, with a pause now and then: with a thousand pipelines it takes a tenth of a second."""
        for number, (key, memory) in enumerate(list(self._memories.items())):
            if number % _COMPARED_AT_ONCE == 0:
                await asyncio.sleep(0)
            if key in self._memories and memory.flow(self._now()) != self._known.get(key):
                yield key

    async def _read(self, memory: FlowMemory, target: Target) -> None:
        async with self._slots:
            try:
                memory.read(target.uid, await self._ledgers.read(target), self._now())
            except LedgerUnreadableError as error:
                memory.read(target.uid, clipped(str(error), _MOST_SAID), self._now())
            except Exception as error:  # noqa: BLE001 (a pod may answer anything, and must not end the others' reading)
                memory.read(target.uid, f"its answer cannot be read: {type(error).__name__}", self._now())
