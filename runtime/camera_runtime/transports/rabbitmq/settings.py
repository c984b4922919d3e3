"""What producers and consumers of one broker share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from frame_tracking import Topology
from frametrace_api.contract import BrokerContract

from camera_runtime.transports.rabbitmq.names import Names

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """One pipeline's broker as one process uses it.

    Attributes:
        topology: returns the live tree of stages.
        removed_seconds: how long a stage must be unknown here before its frames are given up; longer than a live
            contract needs to reach every process.
        block_seconds: how long `Block` waits for room.
        clock: seconds, monotonic.
        wall: seconds since 1970.
        sleep: waits for so many seconds.
    """

    contract: BrokerContract
    names: Names
    topology: Callable[[], Topology]
    removed_seconds: float = 120.0
    block_seconds: float = 1.0
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    def readers(self, hop: str) -> tuple[str, ...]:
        """Return the stages that read from `hop` now."""
        return self.topology().children(hop)
