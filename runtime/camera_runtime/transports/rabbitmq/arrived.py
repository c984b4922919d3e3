"""Arrived: a message in this process's hands, and the book of them that one connection keeps."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pika.channel import Channel
from pika.spec import Basic

from camera_runtime.transports.rabbitmq.envelope import Envelope
from camera_runtime.transports.rabbitmq.failures import SilentError
from camera_runtime.transports.rabbitmq.session import Reply, Session, SessionLostError

__all__ = ["Arrived", "Book"]

_SETTLE_SECONDS: Final = 5.0


@dataclass(slots=True, eq=False)
class Arrived:
    """A message that RabbitMQ has handed out to this process.

    Attributes:
        camera: whose frame it is; empty if that cannot be read.
        since: seconds, monotonic: when it came, later when its execution began.
        begun: whether it was handed on to a handler.
        given_back: whether it is in this process's hands no more.
        attempts: how often a stage had begun it before.
        expired: whether it waited here for longer than frames are kept.
    """

    book: Book
    tag: int
    envelope: Envelope
    camera: str
    since: float
    begun: bool = False
    given_back: bool = False
    attempts: int = 0
    expired: bool = False

    @property
    def ours(self) -> bool:
        """Whether this process is still the one to settle it: a lost connection gives it to others."""
        return not self.given_back and self.book.session.alive

    def settle(self, *, finished: bool) -> bool:
        """Acknowledge it, or give it back; False if it was not ours any more.

        Where that cannot be said in time the connection is given up, so that somebody else is handed the message.
        """

        def work(channel: Channel) -> bool:
            if self.given_back:
                return False
            self.book.release(channel, self, finished=finished)
            return True

        session = self.book.session
        try:
            return session.run(work, _SETTLE_SECONDS)
        except SessionLostError:
            return False
        except SilentError:
            self.given_back = True
            session.abandon()
            return False


class Book:
    """The messages that one connection holds. Called in the connection's thread, but for `pop` and `fetch`."""

    def __init__(self, session: Session, clock: Callable[[], float]) -> None:
        self.session = session
        self.held: dict[int, Arrived] = {}
        self._clock = clock
        self._waiting: deque[Arrived] = deque()
        self._changed = threading.Condition()
        self._asking: Reply[Arrived | None] | None = None
        session.channel.add_callback(self._nothing, [Basic.GetEmpty], one_shot=False)

    def receive(self, camera: str, tag: int, envelope: Envelope) -> None:
        """Enter a pushed message, and wake who waits for one."""
        arrived = self._enter(camera, tag, envelope)
        with self._changed:
            self._waiting.append(arrived)
            self._changed.notify()

    def pop(self, seconds: float) -> Arrived | None:
        """Return the first pushed message that is still ours, or None if none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self.session.alive, seconds)
            while self._waiting:
                arrived = self._waiting.popleft()
                if arrived.ours:
                    return arrived
        return None

    def fetch(self, queue: str, seconds: float) -> Arrived | None:
        """Ask for one message of a queue.

        Raises:
            SessionLostError: if the connection is gone.
            SilentError: if there was no answer in time.
        """

        def begin(reply: Reply[Arrived | None]) -> None:
            self._asking = reply
            self.session.channel.basic_get(queue, self._came)

        return self.session.ask(begin, seconds)

    def release(self, channel: Channel, arrived: Arrived, *, finished: bool) -> None:
        """Acknowledge a message, or give it back."""
        arrived.given_back = True
        self.held.pop(arrived.tag, None)
        if finished:
            channel.basic_ack(arrived.tag)
        else:
            channel.basic_nack(arrived.tag, requeue=True)

    def _enter(self, camera: str, tag: int, envelope: Envelope) -> Arrived:
        arrived = self.held[tag] = Arrived(self, tag, envelope, camera, self._clock())
        return arrived

    def _came(self, _: Channel, method: Basic.GetOk, properties: Any, body: bytes) -> None:
        envelope = Envelope(dict(properties.headers or {}), body)
        frame_id = envelope.frame_id()
        self._answer(self._enter(frame_id.camera if frame_id else "", method.delivery_tag, envelope))

    def _nothing(self, _: Any) -> None:
        self._answer(None)

    def _answer(self, arrived: Arrived | None) -> None:
        reply, self._asking = self._asking, None
        if reply is not None:
            reply.give(arrived)
