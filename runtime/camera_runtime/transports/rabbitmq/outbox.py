"""Outbox: hands frames from one hop to the stages that read from it, one message for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from frame_tracking import DropReason, FrameID, TraceContext

from camera_runtime.frame import Frame
from camera_runtime.transports.base import Dropped, Sent
from camera_runtime.transports.rabbitmq.envelope import Envelope
from camera_runtime.transports.rabbitmq.publisher import Publisher, Verdict
from camera_runtime.transports.rabbitmq.settings import Settings

__all__ = ["Outbox"]

_ROOM_POLL_SECONDS: Final = 0.05


class Outbox:
    """The way out of `hop`."""

    def __init__(self, settings: Settings, publisher: Publisher, hop: str) -> None:
        self._settings, self._publisher, self._hop = settings, publisher, hop

    def hand_over(self, frame: Frame, context: TraceContext, readers: Sequence[str], taken: set[str]) -> Sent:
        """Publish a frame for each of `readers`, but those in `taken`, to which each one is added that has it.

        Raises:
            BrokerUnavailableError: if RabbitMQ does not take it; `taken` says which readers have it nevertheless.
            TypeError: if the frame cannot be written.
        """
        settings = self._settings
        envelope = Envelope.of(frame, context, int(settings.wall() * 1000))
        deadline = settings.clock() + (settings.block_seconds if settings.contract.overflow == "Block" else 0.0)
        full = self._publish(envelope, frame.frame_id, [reader for reader in readers if reader not in taken], taken)
        while full and settings.clock() < deadline:
            settings.sleep(_ROOM_POLL_SECONDS)
            full = self._publish(envelope, frame.frame_id, full, taken)
        return self.told(frame.frame_id, context, readers, taken, DropReason.OVERFLOW)

    def told(
        self, frame_id: FrameID, context: TraceContext, readers: Sequence[str], taken: set[str], reason: DropReason
    ) -> Sent:
        """Say what became of a frame: those that have it, and, where others have not, whose branches end."""
        have = tuple(reader for reader in readers if reader in taken)
        if not have:
            return Sent("", refused=True)
        camera = frame_id.camera
        rest = [reader for reader in readers if reader not in taken]
        ended = tuple(Dropped(frame_id, camera, reader, context, reason) for reader in rest)
        return Sent(f"{frame_id}.{self._hop}", have, ended)

    def _publish(self, envelope: Envelope, frame_id: FrameID, readers: Sequence[str], taken: set[str]) -> list[str]:
        """Publish once; returns for whom there was no room."""
        if not readers:
            return []
        names = self._settings.names
        orders = [(names.frames(frame_id.camera, self._hop, reader), envelope.for_stage(reader)) for reader in readers]
        seconds = self._settings.contract.frame_seconds
        told: dict[int, Verdict] = {}
        try:
            self._publisher.publish(orders, [names.ended(self._hop)], seconds, told)
        finally:
            taken.update(readers[number] for number, verdict in told.items() if verdict is Verdict.TAKEN)
        return [reader for reader in readers if reader not in taken]
