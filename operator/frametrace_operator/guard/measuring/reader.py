"""Reader: reads the ledgers of one pipeline's pods at once, and leaves out of them what is not theirs to tell."""

import asyncio
from collections.abc import Callable
from typing import Final

from frame_tracking import Ledger

from frametrace_operator.guard.audit.belief import Speaker, believed
from frametrace_operator.guard.audit.readings import Place, Reading
from frametrace_operator.guard.measuring.clock import Clock
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.logs import logger
from frametrace_operator.pods.base import Asked, Ledgers, LedgerUnreadableError, Target
from frametrace_operator.texts import clipped

__all__ = ["Reader"]

_AT_ONCE: Final = 64
_MOST_SAID: Final = 200
_MOST_WARNED: Final = 10_000


class Reader:
    """Reads for all pipelines, so many pods at once, with a beat after each."""

    def __init__(self, ledgers: Ledgers, clock: Clock, beat: Callable[[], None] = lambda: None) -> None:
        self._ledgers, self._clock, self._beat = ledgers, clock, beat
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._warned: dict[str, None] = {}

    async def read(self, watched: Watched, asked: Asked | None) -> Reading:
        """The ledgers of a pipeline's pods now, with a range if one is asked for."""
        at = self._clock.now()
        told = await asyncio.gather(*(self._one(watched, target, asked) for target in watched.targets))
        self._beat()  # also where there is no pod to read
        read = dict(zip(watched.targets, told, strict=True))
        return Reading(
            at,
            {target.uid: ledger for target, ledger in read.items() if not isinstance(ledger, str)},
            {target.pod: why for target, why in read.items() if isinstance(why, str)},
            frozenset(_place(target) for target, why in read.items() if isinstance(why, str) and target.hop),
            {target.uid: _place(target) for target in read if target.hop},
        )

    async def _one(self, watched: Watched, target: Target, asked: Asked | None) -> Ledger | str:
        async with self._slots:
            try:
                ledger = await self._ledgers.read(target, asked)
                return self._believed(watched, target, ledger, asked)
            except LedgerUnreadableError as error:
                return clipped(str(error), _MOST_SAID)
            except Exception as error:  # noqa: BLE001 (a pod may answer anything, and must not end the others' reading)
                return f"its answer cannot be read: {type(error).__name__}"
            finally:
                self._beat()

    def _believed(self, watched: Watched, target: Target, ledger: Ledger, asked: Asked | None) -> Ledger:
        if asked is None or not target.hop:
            return ledger
        cameras = frozenset({target.camera}) if target.camera else watched.cameras
        speaker = Speaker(target.hop, frozenset(watched.topology.children(target.hop)), cameras)
        cleaned, foreign = believed(ledger, speaker, (asked.start, asked.end))
        if foreign:
            self._warn(target, foreign)
        return cleaned

    def _warn(self, target: Target, foreign: int) -> None:
        """Once a pod."""
        if target.uid in self._warned:
            return
        self._warned[target.uid] = None
        if len(self._warned) > _MOST_WARNED:
            del self._warned[next(iter(self._warned))]
        why = "a pod's ledger names frames that are not its own; they do not count (said once)"
        logger().warning(why, pod=target.pod, hop=target.hop, foreign=foreign)


def _place(target: Target) -> Place:
    return Place(target.hop, target.camera)
