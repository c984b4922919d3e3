"""Probes: whether each Jaeger answers. One that does is asked every ten seconds, one that does not every five.

One that serves many pipelines is asked once.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from frametrace_operator.guard.jaeger.base import JaegerAt, Jaegers, JaegerSilentError, JaegerUnresolvedError
from frametrace_operator.guard.measuring.clock import Clock
from frametrace_operator.guard.measuring.lag import Lag
from frametrace_operator.logs import logger
from frametrace_operator.redaction import redacted
from frametrace_operator.texts import clipped

__all__ = ["EVERY_SECONDS", "Probed", "Probes"]

EVERY_SECONDS: Final = 5.0
_MOST_SAID: Final = 200


@dataclass(frozen=True, slots=True)
class Probed:
    """How a Jaeger answered lately.

    Attributes:
        failed: probes in a row that failed. One that could not resolve Jaeger's name, or that failed while this process was
            late itself, counts neither way.
        error: what the last of them met.
        answered: whether the last probe was answered: of one that was never asked nobody knows.
        failed_at: when one failed last, or told nothing, by the steady clock.
        away_at: when one did so last right after another: that is more than a probe that was lost by chance.
    """

    failed: int = 0
    error: str = ""
    answered: bool = False
    failed_at: float = float("-inf")
    away_at: float = float("-inf")


class Probes:
    """Asks Jaegers.

    Args:
        wanted: those that are to be asked now.
        changed: is told of each whose state is another.
        beat: is called after each probe.
    """

    def __init__(
        self,
        jaegers: Jaegers,
        clock: Clock,
        wanted: Callable[[], frozenset[JaegerAt]],
        changed: Callable[[JaegerAt], None],
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._jaegers, self._clock, self._wanted, self._changed = jaegers, clock, wanted, changed
        self._beat = beat
        self._known: dict[JaegerAt, Probed] = {}
        self.lag = Lag(clock)

    def of(self, at: JaegerAt) -> Probed:
        """How it answered lately."""
        return self._known.get(at, Probed())

    async def run(self) -> None:
        """Ask them round after round, each round spread over five seconds, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.lag.run())
            for turn in count():
                wanted = self._wanted()
                self._known = {at: probed for at, probed in self._known.items() if at in wanted}
                for number, at in enumerate(wanted):
                    if at not in self._known or self._known[at].failed or (turn + number) % 2:
                        tasks.create_task(self.probe(at))
                    await self._clock.sleep(EVERY_SECONDS / len(wanted))
                if not wanted:
                    await self._clock.sleep(EVERY_SECONDS)

    async def probe(self, at: JaegerAt) -> None:
        """Ask one."""
        before, begun = self.of(at), self._clock.now()
        try:
            await self._jaegers.probe(at)
        except JaegerUnresolvedError as error:  # the cluster's DNS is away, or ours: no reason to take tracing out
            now = self._unanswered(before, str(error))
        except JaegerSilentError as error:
            now = self._failed(before, begun, clipped(redacted(str(error)), _MOST_SAID))
        except Exception as error:  # noqa: BLE001 (an external Jaeger may answer anything, and must not end the others' probes)
            logger().exception("a probe of a Jaeger broke off")
            now = self._failed(before, begun, f"its answer cannot be read: {type(error).__name__}")
        else:
            now = replace(before, failed=0, error="", answered=True)
        self._known[at] = now
        self._beat()
        if (now.failed, now.error, now.answered) != (before.failed, before.error, before.answered):
            self._changed(at)

    def _failed(self, before: Probed, begun: float, why: str) -> Probed:
        if self.lag.since(begun):
            return self._unanswered(before, "the operator was too busy to hear an answer")
        return replace(self._unanswered(before, why), failed=before.failed + 1)

    def _unanswered(self, before: Probed, why: str) -> Probed:
        now = self._clock.now()
        away_at = now if before.error else before.away_at
        return replace(before, error=why, answered=False, failed_at=now, away_at=away_at)
