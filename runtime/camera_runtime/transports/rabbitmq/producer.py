"""RabbitProducer: hands one camera's frames from one hop to the stages that read from it."""

from __future__ import annotations

from dataclasses import replace

from frame_tracking import DropReason, FrameID, TraceContext

from camera_runtime.frame import Frame
from camera_runtime.transports.base import BrokerUnavailableError, Dropped, Sent
from camera_runtime.transports.rabbitmq.finished import Finished
from camera_runtime.transports.rabbitmq.outbox import Outbox
from camera_runtime.transports.rabbitmq.publisher import Publisher
from camera_runtime.transports.rabbitmq.settings import Settings
from camera_runtime.transports.rabbitmq.sweeper import Sweeper

__all__ = ["RabbitProducer"]

_SENT_KEPT = 1000


class RabbitProducer:
    """A `Producer` over the queues of one camera and hop."""

    def __init__(self, settings: Settings, publisher: Publisher, camera: str, hop: str) -> None:
        self._settings, self._publisher, self._hop = settings, publisher, hop
        self._destination = settings.names.destination(camera, hop)
        self._outbox = Outbox(settings, publisher, hop)
        self._sweeper = Sweeper(settings, publisher.link, hop)
        self._camera = camera
        self._sent = Finished(_SENT_KEPT)
        self._begun: tuple[FrameID | None, set[str]] = (None, set())

    @property
    def destination(self) -> str:
        """The queues' name, as spans say it."""
        return self._destination

    def send(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand a frame over; without readers nothing is sent.

        Raises:
            BrokerUnavailableError: if RabbitMQ takes it for none of the readers within the bounded wait.
        """
        frame_id = frame.frame_id
        ended = self._sweep()
        readers = self._settings.readers(self._hop)
        if not readers:
            return Sent("", dropped=ended)
        if self._sent.has(self._hop, frame_id):
            return Sent("", dropped=ended, duplicate=True)
        taken = self._begun[1] if self._begun[0] == frame_id else set[str]()
        self._begun = (frame_id, taken)
        try:
            sent = self._outbox.hand_over(frame, trace_context, readers, taken)
        except BrokerUnavailableError:
            if not taken:
                raise
            sent = self._outbox.told(frame_id, trace_context, readers, taken, DropReason.BROKER_UNAVAILABLE)
        if not sent.refused:
            self._sent.mark(self._hop, frame_id)
        return replace(sent, dropped=ended + sent.dropped)

    def _sweep(self) -> tuple[Dropped, ...]:
        due = self._sweeper.due and not self._publisher.link.blocked
        return self._sweeper.sweep([self._camera], ended_too=True) if due else ()

    def close(self) -> None:
        """Let go of the connection."""
        self._publisher.close()
