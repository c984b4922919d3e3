"""Intake: how a replica gets its frames.

Fresh frames are pushed, a few for each camera. RabbitMQ counts all that a lost connection held as handed out, begun or
not, so what comes a second time is moved to the stage's trial queue, from which frames are fetched one at a time, right
before they begin: a frame that kills its stage takes no innocent ones with it, and each try is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from camera_runtime.transports.base import BrokerUnavailableError
from camera_runtime.transports.rabbitmq.arrived import Arrived, Book
from camera_runtime.transports.rabbitmq.envelope import Envelope
from camera_runtime.transports.rabbitmq.feed import Edge, Feed
from camera_runtime.transports.rabbitmq.publisher import Publisher
from camera_runtime.transports.rabbitmq.queues import declare

__all__ = ["Intake"]

_TRIAL_EVERY: Final = 1.0
_ANSWER_SECONDS: Final = 5.0


class Intake:
    """Takes frames for one replica of a stage."""

    def __init__(self, edge: Edge, publisher: Publisher, claim_after_seconds: float) -> None:
        self._edge, self._publisher = edge, publisher
        self._clock = edge.settings.clock
        self._feed = Feed(edge, claim_after_seconds)
        self.link = self._feed.link
        self._cameras: tuple[str, ...] = ()
        self._next_trial = 0.0

    def set_cameras(self, cameras: Sequence[str]) -> None:
        """Say which cameras' frames to take from now on."""
        self._cameras = tuple(cameras)

    def take(self, timeout_seconds: float) -> Arrived | None:
        """Return the next message, or None if none came in time.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        deadline = self._clock() + timeout_seconds
        while True:
            book = self._feed.follow(self._cameras)
            arrived = self._fetch(book) if self._clock() >= self._next_trial else self._pop(book, deadline)
            if arrived is not None:
                return self._begin(arrived)
            if self._clock() >= deadline:
                return None

    def settle(self, arrived: Arrived, *, finished: bool) -> bool:
        """Acknowledge a message, or give it back; False if it was not ours any more."""
        if not finished:
            self._next_trial = 0.0
        return arrived.settle(finished=finished)

    def give_back(self, arrived: Arrived) -> None:
        """Give a message back as if it had not been begun; where RabbitMQ does not take it, it counts as begun."""
        if arrived.ours and not self._put_on_trial(arrived, arrived.attempts):
            arrived.settle(finished=False)
        self._next_trial = 0.0

    def take_ended(self) -> list[Envelope]:
        """Return the messages that waited too long, of those that came since the last call."""
        return self._feed.take_ended()

    def lag(self) -> dict[str, int]:
        """Return how many frames wait for this stage, or are in this replica's hands, by camera."""
        specs = [self._edge.frames(camera) for camera in self._cameras]
        depths = self._feed.link.call(lambda session: declare(session, specs, _ANSWER_SECONDS)) if specs else []
        waiting = {camera: depth.waiting for camera, depth in zip(self._cameras, depths, strict=True)}
        self._feed.check(waiting)
        held = self._feed.held()
        return {camera: number + held.count(camera) for camera, number in waiting.items()}

    def close(self) -> None:
        """Give back what was not begun, as far as the broker answers, and let go of the connection."""
        book = self._feed.book
        while book is not None and self._feed.link.healthy:
            arrived = book.pop(0.0)
            if arrived is None or not self._put_on_trial(arrived, min(1, arrived.envelope.returns)):
                break
        self._feed.link.close()

    def _begin(self, arrived: Arrived) -> Arrived:
        now = self._clock()
        arrived.expired = now - arrived.since > self._edge.settings.contract.frame_seconds
        arrived.begun, arrived.since = True, now
        return arrived

    def _pop(self, book: Book, deadline: float) -> Arrived | None:
        """Wait for a fresh message, at most until it is time to look for others; one that may not be is moved."""
        arrived = book.pop(max(0.0, min(deadline, self._next_trial) - self._clock()))
        if arrived is None or not self._feed.was_begun(arrived):
            return arrived
        arrived.attempts, self._next_trial = arrived.envelope.attempts, 0.0
        # Under an alarm RabbitMQ takes nothing, and would take nothing for ever if its queues were not emptied.
        return None if self._put_on_trial(arrived, 1) else arrived

    def _put_on_trial(self, arrived: Arrived, attempts: int) -> bool:
        envelope = arrived.envelope.for_stage(self._edge.stage, attempts)
        seconds = self._edge.settings.contract.frame_seconds
        try:
            taken = self._publisher.put((self._edge.trial, envelope), self._edge.ended[:1], seconds)
        except BrokerUnavailableError:
            return False
        return taken and arrived.settle(finished=True)

    def _fetch(self, book: Book) -> Arrived | None:
        """Look for a message in the trial queue."""
        self._next_trial = self._clock() + _TRIAL_EVERY
        arrived = self._feed.link.call(lambda _: book.fetch(self._edge.trial.name, _ANSWER_SECONDS))
        if arrived is not None:
            arrived.attempts, self._next_trial = arrived.envelope.attempts, 0.0
        return arrived
