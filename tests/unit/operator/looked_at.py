"""A pipeline in memory that is looked at again and again while time passes, and what is said of it meanwhile."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from frame_tracking import Ledger, SpanCount
from frame_tracking.ledger import BrokerState

from tests.unit.operator.conftest import World

__all__ = ["LOOK", "LookedAt", "ledger"]

LOOK = 3.0
"""Seconds between two readings."""


class LookedAt(ABC):
    """A pipeline whose pods tell what a test has them tell.

    Attributes:
        said: each new `Ready`, once there is a first.
        zero: when its pods began, in seconds since 1970.
    """

    world: World
    said: list[tuple[str, str]]
    zero: float

    @abstractmethod
    def tell(self) -> None:
        """All pods' ledgers are as they are now."""

    async def apply(self, **spec: Any) -> None:
        """Apply it, with pods that tell their ledgers."""
        self.world.apply(**spec)
        await self.world.settle()
        self.world.run_pods()
        self.zero = self.world.now.timestamp()
        self.tell()
        await self.world.settle()

    async def go(self, seconds: float) -> None:
        """So much time passes, with readings and a pass after each."""
        end = self.world.now.timestamp() + seconds
        while self.world.now.timestamp() < end:
            self.world.later(LOOK)
            self.tell()
            if await self.world.book.refresh():
                await self.world.reconcile()
            if self.said and self.said[-1] != self.world.condition("Ready"):
                self.said.append(self.world.condition("Ready"))


def ledger(hop: str, *, now: float, **fields: Any) -> Ledger:
    """The ledger of a pod that has its broker, and sent all its spans."""
    broker, spans = BrokerState(connected=True), SpanCount(created=int(now), exported=int(now))
    return Ledger(
        pipeline="yard", service=hop, pod=hop, revision="r", started=1.0, broker=broker, spans=spans, **fields
    )
