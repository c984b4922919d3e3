"""Feed: what RabbitMQ pushes to one replica of a stage, over one connection after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pika.channel import Channel
from pika.spec import Basic

from camera_runtime.transports.rabbitmq.arrived import Arrived, Book
from camera_runtime.transports.rabbitmq.envelope import Envelope
from camera_runtime.transports.rabbitmq.link import Link
from camera_runtime.transports.rabbitmq.names import QueueSpec
from camera_runtime.transports.rabbitmq.queues import declare
from camera_runtime.transports.rabbitmq.session import Reply, Session
from camera_runtime.transports.rabbitmq.settings import Settings

__all__ = ["Edge", "Feed"]

_PREFETCH: Final = 2
_ENDED_PREFETCH: Final = 100
_LONGEST_WATCH: Final = 1.0
_ANSWER_SECONDS: Final = 5.0
_DECLARE_SECONDS: Final = 0.1
"""How long a queue may take to be made; a stage has one for each camera."""
_QUIET_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Edge:
    """A stage and the hop that it reads from, with the queues that belong to both."""

    settings: Settings
    stage: str
    upstream: str

    def frames(self, camera: str) -> QueueSpec:
        """The camera's frames that wait for the stage."""
        return self.settings.names.frames(camera, self.upstream, self.stage)

    @property
    def trial(self) -> QueueSpec:
        """Frames that the stage may have begun before."""
        return self.settings.names.trial(self.upstream, self.stage)

    @property
    def ended(self) -> list[QueueSpec]:
        """Frames that waited too long, before this stage or before those that read from it."""
        return [self.settings.names.ended(hop) for hop in (self.upstream, self.stage)]


class Feed:
    """Keeps a connection subscribed to the queues of a stage's cameras.

    Args:
        claim_after_seconds: a message that was held longer is given back, so that another replica may have it.
    """

    def __init__(self, edge: Edge, claim_after_seconds: float) -> None:
        self._edge, self._claim_after = edge, claim_after_seconds
        self._clock = edge.settings.clock
        self.link = Link(edge.settings.contract, f"{edge.stage} in", self._prepare, clock=self._clock)
        self._book: Book | None = None
        self._tags: dict[str, str] = {}
        self._followed: tuple[str, ...] | None = None
        self._ended: list[Envelope] = []
        self._never_begun: set[str] = set()
        self._arrivals: Counter[str] = Counter()
        self._quiet: dict[str, tuple[int, float]] = {}

    def follow(self, cameras: tuple[str, ...]) -> Book:
        """Return the connection's book; the connection is subscribed to these cameras' queues, and no others.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        return self.link.call(lambda session: self._follow(session, cameras))

    def take_ended(self) -> list[Envelope]:
        """Return the messages that waited too long, of those that came since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def held(self) -> list[str]:
        """The cameras of all messages in this replica's hands, each as often as it has some."""
        book = self._book
        return [arrived.camera for arrived in list(book.held.values())] if book is not None else []

    def check(self, waiting: Mapping[str, int]) -> None:
        """Subscribe anew where frames wait, and of a camera of which this replica has none, for a while none came.

        RabbitMQ forgets a subscription without a word when its queue is deleted and at once made anew (measured).
        """
        held, now = self.held(), self._clock()
        quiet = {camera: self._arrivals[camera] for camera, number in waiting.items() if number and camera not in held}
        known = self._quiet
        self._quiet = {
            camera: known[camera] if camera in known and known[camera][0] == count else (count, now)
            for camera, count in quiet.items()
        }
        if self._book is not None and any(now - since > _QUIET_SECONDS for _, since in self._quiet.values()):
            self._quiet = {}
            self._book.session.abandon()

    def was_begun(self, arrived: Arrived) -> bool:
        """Whether a message that comes again may have been begun before: not if it waited here when it was lost."""
        frame_id = arrived.envelope.text("frame_id")
        if arrived.envelope.returns == 1 and frame_id in self._never_begun:
            self._never_begun.discard(frame_id)
            return False
        return arrived.envelope.returns > 0

    @property
    def book(self) -> Book | None:
        """The present connection's book, or the last one's."""
        return self._book

    def _prepare(self, session: Session, reply: Reply[None]) -> None:
        if self._book is not None:
            lost = self._book.held.values()
            self._never_begun = {arrived.envelope.text("frame_id") for arrived in lost if not arrived.begun}
        self._book, self._followed, self._tags = Book(session, self._clock), None, {}
        session.channel.add_on_cancel_callback(self._cancelled)
        self._watch(self._book)
        reply.give(None)

    def _follow(self, session: Session, cameras: tuple[str, ...]) -> Book:
        book = self._book
        if book is None:
            raise ConnectionError
        if self._followed != cameras:
            edge = self._edge
            specs = [*edge.ended, edge.trial, *map(edge.frames, cameras)]
            declare(session, specs, _ANSWER_SECONDS + len(specs) * _DECLARE_SECONDS)
            session.run(lambda channel: self._subscribe(channel, book, cameras), _ANSWER_SECONDS)
            self._followed = cameras
        return book

    def _subscribe(self, channel: Channel, book: Book, cameras: Sequence[str]) -> None:
        for camera in [camera for camera in self._tags if camera not in cameras]:
            channel.basic_cancel(self._tags.pop(camera))
            for arrived in [held for held in book.held.values() if held.camera == camera and not held.begun]:
                book.release(channel, arrived, finished=False)
        if self._followed is None:
            channel.basic_qos(prefetch_count=_ENDED_PREFETCH)
            for spec in self._edge.ended:
                channel.basic_consume(spec.name, self._expired)
            channel.basic_qos(prefetch_count=_PREFETCH)
        for camera in [camera for camera in cameras if camera not in self._tags]:
            self._tags[camera] = channel.basic_consume(self._edge.frames(camera).name, self._receiver(book, camera))

    def _receiver(self, book: Book, camera: str) -> Callable[[Channel, Basic.Deliver, Any, bytes], None]:
        def receive(_: Channel, method: Basic.Deliver, properties: Any, body: bytes) -> None:
            self._arrivals[camera] += 1
            book.receive(camera, method.delivery_tag, Envelope(dict(properties.headers or {}), body))

        return receive

    def _expired(self, channel: Channel, method: Basic.Deliver, properties: Any, body: bytes) -> None:
        self._ended.append(Envelope(dict(properties.headers or {}), body))
        channel.basic_ack(method.delivery_tag)

    def _cancelled(self, _: Any) -> None:
        """A queue was deleted: the next look makes it anew, and all subscriptions with it."""
        if self._book is not None:
            self._book.session.abandon()

    def _watch(self, book: Book) -> None:
        """Give back what was held too long, again and again."""
        now = self._clock()
        for arrived in [held for held in book.held.values() if now - held.since >= self._claim_after]:
            if not arrived.begun:
                self._never_begun.add(arrived.envelope.text("frame_id"))
            book.release(book.session.channel, arrived, finished=False)
        book.session.later(min(_LONGEST_WATCH, self._claim_after / 2), lambda: self._watch(book))
