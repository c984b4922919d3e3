"""Sweeper: ends the branches of frames that no stage will read: their stage is gone, or they waited too long.

A process may hold an older tree than its neighbours, so a stage's queue is emptied only after the stage has been
unknown here for longer than a live contract needs to arrive, and only while nobody reads from the queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from frame_tracking import DropReason

from camera_runtime.transports.base import Dropped
from camera_runtime.transports.rabbitmq.envelope import Envelope, dropped_of
from camera_runtime.transports.rabbitmq.fetch import drain
from camera_runtime.transports.rabbitmq.link import Link
from camera_runtime.transports.rabbitmq.names import QueueSpec
from camera_runtime.transports.rabbitmq.settings import Settings

__all__ = ["Sweeper", "branches"]

_SECONDS_BETWEEN: Final = 10.0
_AT_ONCE: Final = 200


class Sweeper:
    """Sweeps the queues of frames that left `hop`."""

    def __init__(self, settings: Settings, link: Link, hop: str) -> None:
        self._settings, self._link, self._hop = settings, link, hop
        self._next = 0.0
        self._known: set[str] = set()
        self._unknown_since: dict[str, float] = {}

    @property
    def due(self) -> bool:
        """Whether it is time."""
        return self._settings.clock() >= self._next

    def sweep(self, cameras: Sequence[str], *, ended_too: bool = False) -> tuple[Dropped, ...]:
        """Sweep these cameras' queues and return the branches that ended.

        Args:
            cameras: whose queues.
            ended_too: look for frames that waited too long as well.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        settings, now = self._settings, self._settings.clock()
        self._next = now + min(_SECONDS_BETWEEN, settings.removed_seconds)
        readers = set(settings.readers(self._hop))
        gone = self._known - readers
        self._known |= readers
        self._unknown_since = {stage: self._unknown_since.get(stage, now) for stage in gone}
        lost = [
            branch
            for stage, since in self._unknown_since.items()
            if now - since >= settings.removed_seconds
            for branch in self._remove(stage, cameras)
        ]
        if ended_too and readers | gone:
            lost += branches(self._drain(settings.names.ended(self._hop)), DropReason.EXPIRED)
        return tuple(lost)

    def _remove(self, stage: str, cameras: Sequence[str]) -> list[Dropped]:
        names = self._settings.names
        specs = [*(names.frames(camera, self._hop, stage) for camera in cameras), names.trial(self._hop, stage)]
        return [branch for spec in specs for branch in branches(self._drain(spec), DropReason.STAGE_REMOVED)]

    def _drain(self, spec: QueueSpec) -> list[Envelope]:
        return self._link.call(lambda session: drain(session, spec, _AT_ONCE, self._link.answer_seconds))


def branches(envelopes: Iterable[Envelope], reason: DropReason) -> list[Dropped]:
    """Return the branches that end with these messages; foreign ones are left out."""
    found = (dropped_of(envelope, reason) for envelope in envelopes)
    return [branch for branch in found if branch is not None]
