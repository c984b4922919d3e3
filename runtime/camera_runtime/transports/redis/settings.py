"""What producers and consumers of one broker share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from frame_tracking import Topology
from frametrace_api.contract import BrokerContract

from camera_runtime.frame import Frame
from camera_runtime.transports.redis.keys import Keys

__all__ = ["Renewal", "Settings"]

_LEAST_STREAM_SECONDS: Final = 600
_STREAM_LIVES: Final = 10
_RENEW_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """One pipeline's broker as one process uses it.

    Attributes:
        topology: returns the live tree of stages.
        replica: this process's name among a stage's replicas; a name that stays over a restart takes up again, at
            once, what its earlier life left unfinished.
        removed_seconds: how long a group must be unknown here before it is destroyed; longer than a live contract
            needs to reach every process.
        lost_after_seconds: how long after a new connection the stages have to say again what they finished, before
            what the broker does not know is told as lost.
        clock: seconds, monotonic.
        sleep: waits for so many seconds.
    """

    contract: BrokerContract
    keys: Keys
    topology: Callable[[], Topology]
    replica: str
    removed_seconds: float = 120.0
    block_seconds: float = 1.0
    lost_after_seconds: float = 5.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @property
    def stream_seconds(self) -> int:
        """How long streams and marks outlive the last process that uses them."""
        return max(_LEAST_STREAM_SECONDS, _STREAM_LIVES * self.contract.frame_seconds)

    def readers(self, hop: str) -> tuple[str, ...]:
        """Return the stages that read from `hop` now."""
        return self.topology().children(hop)

    def order(self, frame: Frame, context: tuple[str, str], picture_key: str, readers: tuple[str, ...]) -> list[str]:
        """Return the arguments by which send.lua and forward.lua append a frame; `context` is the two headers.

        One more comes after them: `1` if the picture is stored in the same go.
        """
        return [
            frame.frame_id,
            *context,
            frame.metadata.to_json(),
            picture_key,
            str(self.contract.frame_seconds),
            str(self.contract.max_frames),
            self.contract.overflow,
            ",".join(readers),
        ]


class Renewal:
    """Says now and then, for each camera, that the time to live of its marks is due; see marks.lua."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._next: dict[str, float] = {}

    def seconds(self, camera: str) -> int:
        """Return how long marks live: as a negative number where it is not due to say so again."""
        now = self._settings.clock()
        if now < self._next.get(camera, 0.0):
            return -self._settings.stream_seconds
        self._next[camera] = now + _RENEW_SECONDS
        return self._settings.stream_seconds
