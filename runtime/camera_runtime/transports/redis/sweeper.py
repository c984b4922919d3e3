"""Sweeper: keeps a process's streams alive, and destroys the groups of stages that the pipeline no longer has.

A process may hold an older tree than its neighbours, so a group is destroyed only after it has been unknown here for
longer than a live contract needs to arrive, and only while nobody reads by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from frame_tracking import DropReason
from redis import Redis

from camera_runtime.transports.base import Dropped
from camera_runtime.transports.redis import scripts
from camera_runtime.transports.redis.entry import dropped_of
from camera_runtime.transports.redis.settings import Settings

__all__ = ["Sweeper"]

_SECONDS_BETWEEN: Final = 10.0


class Sweeper:
    """Sweeps the streams that hold frames of `hop`."""

    def __init__(self, settings: Settings, hop: str) -> None:
        self._settings, self._hop = settings, hop
        self._next = 0.0
        self._unknown_since: dict[str, float] = {}
        self.filled: tuple[str, ...] = ()
        """The hop's streams in which frames waited at the last look, also of cameras that the pipeline no longer has."""

    @property
    def due(self) -> bool:
        """Whether it is time."""
        return self._settings.clock() >= self._next

    def sweep(self, call: Callable[[Callable[[Redis], Any]], Any], streams: Sequence[str]) -> tuple[Dropped, ...]:
        """Sweep `streams` and return the branches that ended with their stages.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        settings, now = self._settings, self._settings.clock()
        pause = min(_SECONDS_BETWEEN, settings.removed_seconds)
        self._next = now + pause
        known = settings.readers(self._hop)
        patience = settings.removed_seconds
        condemned = [group for group, since in self._unknown_since.items() if now - since >= patience]
        arguments = (settings.keys.prefix, settings.stream_seconds, ",".join(known), ",".join(condemned))
        keys = [settings.keys.streams(self._hop), *streams]
        unknown, lost, filled = call(
            lambda client: scripts.SWEEP.run(client, keys, *arguments, int(patience * 1000)),
        )
        self.filled = tuple(stream for name in filled if self._is_ours(stream := name.decode("utf-8", "replace")))
        names = {name.decode() for name in unknown}
        self._unknown_since = {name: self._unknown_since.get(name, now) for name in names}
        return dropped_of(lost, DropReason.STAGE_REMOVED)

    def _is_ours(self, stream: str) -> bool:
        """Whether it is a stream of the hop's: a foreign hand may have named another one."""
        keys = self._settings.keys
        return keys.stream(keys.camera(stream), self._hop) == stream
