"""RabbitConsumer: one replica of a stage.

RabbitMQ keeps no marks of finished frames, and gives a message to one holder at a time. So whoever holds a frame when
it is finished tells its outcome; who lost it meanwhile (the connection broke, or it took too long) is told that his was
another execution. What this process has finished itself it remembers, should RabbitMQ hand it out again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from frame_tracking import DropReason, FrameID, TraceContext

from camera_runtime.frame import Frame
from camera_runtime.transports.base import BrokerUnavailableError, Delivery, Dropped, Sent
from camera_runtime.transports.rabbitmq.arrived import Arrived
from camera_runtime.transports.rabbitmq.feed import Edge
from camera_runtime.transports.rabbitmq.finished import Finished
from camera_runtime.transports.rabbitmq.intake import Intake
from camera_runtime.transports.rabbitmq.outbox import Outbox
from camera_runtime.transports.rabbitmq.publisher import Publisher
from camera_runtime.transports.rabbitmq.sweeper import Sweeper, branches

__all__ = ["RabbitConsumer"]


@dataclass(slots=True, eq=False)
class _Token:
    """What a consumer remembers of a frame that it handed out; `taken` are the readers that have it already."""

    arrived: Arrived
    taken: set[str] = field(default_factory=set)


class RabbitConsumer:
    """A `Consumer` of a stage.

    Args:
        edge: the stage, and the hop that it reads from.
        publisher: on which it hands on.
        finished: what the process has finished lately.
        claim_after_seconds: see `Broker.consumer`.
    """

    def __init__(self, edge: Edge, publisher: Publisher, finished: Finished, claim_after_seconds: float) -> None:
        self._edge, self._publisher, self._finished = edge, publisher, finished
        self._settings, self._stage = edge.settings, edge.stage
        self._intake = Intake(edge, publisher, claim_after_seconds)
        self._outbox = Outbox(edge.settings, publisher, edge.stage)
        self._sweepers = [Sweeper(edge.settings, self._intake.link, hop) for hop in (edge.upstream, edge.stage)]
        self._cameras: tuple[str, ...] = ()
        self._opening: Arrived | None = None
        self._dropped: list[Dropped] = []
        self._unreadable = 0

    def source(self, camera: str) -> str:
        """The name of the queues that a camera's frames come from, as spans say it."""
        return self._settings.names.destination(camera, self._edge.upstream)

    def set_cameras(self, cameras: Sequence[str]) -> None:
        """Say which cameras' frames to read from now on."""
        self._cameras = tuple(cameras)
        self._intake.set_cameras(cameras)

    def receive(self, timeout_seconds: float = 1.0) -> Delivery | None:
        """Return the next frame, or None if none came in time.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        for sweeper in self._sweepers:
            if sweeper.due:
                self._dropped += sweeper.sweep(self._cameras)
        deadline = self._settings.clock() + timeout_seconds
        while True:
            if self._opening is None or not self._opening.ours:
                self._opening = self._intake.take(max(0.0, deadline - self._settings.clock()))
            if self._opening is None:
                return None
            delivery = self._open(self._opening)
            self._opening = None
            if delivery is not None:
                return delivery

    def ack(self, frame: Frame) -> bool:
        """End the frame's branch here."""
        return self._finish(_token(frame), frame.frame_id)

    def forward(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand the frame on to the stages that read from this one, then acknowledge it.

        A process that ends between the two leaves a frame that goes this way twice; none is lost.

        Raises:
            BrokerUnavailableError: if RabbitMQ does not take it. The next try goes on where this one stopped.
        """
        token, readers = _token(frame), self._settings.readers(self._stage)
        if not readers or self._is_over(token, frame.frame_id):
            return Sent("", duplicate=not self._finish(token, frame.frame_id))
        sent = self._outbox.hand_over(frame, trace_context, readers, token.taken)
        self._finished.mark(self._stage, frame.frame_id)
        token.arrived.settle(finished=True)
        return sent

    def dead_letter(self, frame: Frame, error: str) -> bool:
        """Put the frame aside with the reason, then acknowledge it.

        Raises:
            BrokerUnavailableError: if RabbitMQ does not take it.
        """
        token = _token(frame)
        if not self._is_over(token, frame.frame_id):
            self._put_aside(token.arrived, error)
        return self._finish(token, frame.frame_id)

    def retry(self, frame: Frame) -> None:
        """Give the frame back unfinished: it is handed out again at once."""
        self._intake.settle(_token(frame).arrived, finished=False)

    def give_back(self, frame: Frame) -> None:
        """Give the frame back as if it had not been handed out."""
        self._intake.give_back(_token(frame).arrived)

    def take_dropped(self) -> tuple[Dropped, ...]:
        """Return what was found unreadable, waited too long, or was left over by removed stages, since the last call."""
        dropped = (*self._dropped, *branches(self._intake.take_ended(), DropReason.EXPIRED))
        self._dropped = []
        return dropped

    @property
    def unreadable(self) -> int:
        """Messages so far whose frame ID could not be read."""
        return self._unreadable

    def lag(self) -> dict[str, int]:
        """Return how many frames wait for this stage, by camera."""
        return self._intake.lag()

    def close(self) -> None:
        """Give back what was not begun, as far as the broker answers, and let go of the connections."""
        self._intake.close()
        self._publisher.close()

    def _open(self, arrived: Arrived) -> Delivery | None:
        """Make a delivery of a message; None if it cannot be read."""
        envelope = arrived.envelope
        frame_id = envelope.frame_id(arrived.camera)
        if frame_id is None:
            self._put_aside(arrived, "no frame ID of this camera's")
            arrived.settle(finished=True)
            self._unreadable += 1
            return None
        metadata, (context, arrival) = envelope.metadata(frame_id), envelope.context(frame_id)
        if metadata is None:
            self._put_aside(arrived, "no readable metadata")
            if self._finish(_Token(arrived), frame_id):
                self._dropped.append(Dropped(frame_id, frame_id.camera, self._stage, context, DropReason.MALFORMED))
            return None
        frame = Frame(metadata, envelope.body, context, token=_Token(arrived))
        waited_ms = max(0.0, self._settings.wall() * 1000 - envelope.number("sent_ms"))
        done = self._finished.has(self._stage, frame_id)
        return Delivery(frame, context, arrival, arrived.attempts + 1, done, arrived.expired, waited_ms)

    def _is_over(self, token: _Token, frame_id: FrameID) -> bool:
        """Whether the frame's outcome is not this execution's to tell."""
        return self._finished.has(self._stage, frame_id) or not (token.arrived.ours or token.taken)

    def _finish(self, token: _Token, frame_id: FrameID) -> bool:
        return token.arrived.settle(finished=True) and self._finished.mark(self._stage, frame_id)

    def _put_aside(self, arrived: Arrived, error: str) -> None:
        order = (self._settings.names.dead(self._stage), arrived.envelope.letter(self._stage, error))
        if not self._publisher.put(order, [], 0):
            raise BrokerUnavailableError("RabbitMQ does not take a dead letter")


def _token(frame: Frame) -> _Token:
    if not isinstance(frame.token, _Token):
        raise TypeError("the frame was not received from this consumer")
    return frame.token
