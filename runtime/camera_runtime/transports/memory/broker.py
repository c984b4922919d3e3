"""MemoryBroker: a `Broker` inside one process, with the same promises as a real one. Safe for several threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

from frame_tracking import FrameID, Topology
from frametrace_api.contract import BrokerContract

from camera_runtime.transports.base import Dropped
from camera_runtime.transports.memory.consumer import MemoryConsumer
from camera_runtime.transports.memory.producer import MemoryProducer
from camera_runtime.transports.memory.store import Store, picture_key

__all__ = ["MemoryBroker"]


class MemoryBroker:
    """All queues and pictures of one pipeline.

    Args:
        contract: how much is kept, and what happens when it is too much.
        topology: returns the live tree of stages; a group that it does not have is removed at once.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        contract: BrokerContract,
        topology: Callable[[], Topology],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = Store(contract, topology, clock)
        self._replicas = count(1)

    @property
    def system(self) -> str:
        """What spans call it."""
        return "memory"

    def producer(self, camera: str, hop: str) -> MemoryProducer:
        """Return what hands `camera`'s frames on from `hop`."""
        return MemoryProducer(self.store, camera, hop)

    def consumer(self, stage: str, upstream: str, *, claim_after_seconds: float = 35.0) -> MemoryConsumer:
        """Return what receives for `stage`."""
        return MemoryConsumer(self.store, (stage, upstream), f"replica-{next(self._replicas)}", claim_after_seconds)

    def picture(self, frame_id: FrameID, hop: str) -> bytes | None:
        """Return the picture that `hop` stored of a frame; None once it is gone."""
        with self.store.changed:
            return self.store.find(picture_key(frame_id, hop))

    def end_all(self) -> tuple[Dropped, ...]:
        """Give up all frames that wait, because the process ends; whoever is told ends their traces."""
        with self.store.changed:
            return tuple(self.store.end_all())

    def ping(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing is connected."""
