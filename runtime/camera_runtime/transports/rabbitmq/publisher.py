"""Publisher: puts messages into queues and knows of each what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final

from frametrace_api.contract import BrokerContract
from pika import BasicProperties
from pika.channel import Channel
from pika.spec import Basic

from camera_runtime.transports.base import BrokerUnavailableError
from camera_runtime.transports.rabbitmq.envelope import Envelope
from camera_runtime.transports.rabbitmq.failures import BlockedError, SilentError
from camera_runtime.transports.rabbitmq.link import Link
from camera_runtime.transports.rabbitmq.names import QueueSpec
from camera_runtime.transports.rabbitmq.queues import declare
from camera_runtime.transports.rabbitmq.session import Reply, Session

__all__ = ["Order", "Publisher", "Verdict"]

_DECLARED_SECONDS: Final = 300.0
_DECLARE_SECONDS: Final = 5.0
"""Making a quorum queue takes longer than putting a message into it, and happens once."""

Order = tuple[QueueSpec, Envelope]
"""A message and the queue that it goes to."""


class Verdict(Enum):
    """What RabbitMQ did with a message."""

    TAKEN = "taken"
    REFUSED = "refused"
    """The queue is full."""
    HOMELESS = "homeless"
    """There is no such queue."""


class Publisher:
    """Publishes on a connection of its own, for an alarm of RabbitMQ's stops all that comes on such a connection.

    Args:
        contract: where RabbitMQ is.
        name: what RabbitMQ's own pages call the connection.
        answer_seconds: how long to wait for an answer.
    """

    def __init__(
        self,
        contract: BrokerContract,
        name: str,
        *,
        answer_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.link = Link(contract, name, self._prepare, answer_seconds=answer_seconds, clock=clock)
        self._clock = clock
        self._confirms: _Confirms | None = None
        self._declared: dict[str, float] = {}

    def publish(self, orders: Sequence[Order], needed: Sequence[QueueSpec], ttl_seconds: int) -> list[Verdict]:
        """Publish messages; each has been answered for when this returns.

        Args:
            orders: what, and where to.
            needed: other queues that must be there, such as where those queues' messages end.
            ttl_seconds: how long they may wait; 0 for as long as the queue lasts.

        Raises:
            BrokerUnavailableError: if that cannot be done now. A message may have been taken all the same.
        """
        self._ensure([*needed, *(spec for spec, _ in orders)])
        verdicts = self._publish(orders, ttl_seconds)
        homeless = [order for order, verdict in zip(orders, verdicts, strict=True) if verdict is Verdict.HOMELESS]
        if not homeless:
            return verdicts
        self._declared.clear()
        self._ensure([*needed, *(spec for spec, _ in homeless)])
        again = iter(self._publish(homeless, ttl_seconds))
        verdicts = [next(again) if verdict is Verdict.HOMELESS else verdict for verdict in verdicts]
        if Verdict.HOMELESS in verdicts:
            raise BrokerUnavailableError("RabbitMQ does not route to a queue that it was just asked to make")
        return verdicts

    def close(self) -> None:
        """Let go of the connection."""
        self.link.close()

    def _ensure(self, specs: Sequence[QueueSpec]) -> None:
        now = self._clock()

        def work(session: Session) -> None:
            due = [spec for spec in specs if now - self._declared.get(spec.name, float("-inf")) > _DECLARED_SECONDS]
            if due:
                declare(session, due, _DECLARE_SECONDS)
                self._declared.update(dict.fromkeys((spec.name for spec in due), now))

        self.link.call(work)

    def _publish(self, orders: Sequence[Order], ttl_seconds: int) -> list[Verdict]:
        def work(session: Session) -> list[Verdict]:
            confirms = self._confirms
            if session.blocked or confirms is None:
                raise BlockedError
            try:
                return session.ask(
                    lambda reply: confirms.publish(session.channel, orders, ttl_seconds, reply),
                    self.link.answer_seconds,
                )
            except SilentError:
                if session.blocked:
                    raise BlockedError from None
                raise

        return self.link.call(work)

    def _prepare(self, session: Session, reply: Reply[None]) -> None:
        confirms = self._confirms = _Confirms()
        self._declared.clear()
        session.channel.add_on_return_callback(confirms.returned)
        session.channel.confirm_delivery(confirms.confirmed, callback=lambda _: reply.give(None))


class _Batch:
    """Messages that are answered for together."""

    def __init__(self, number: int, reply: Reply[list[Verdict]]) -> None:
        self._verdicts: list[Verdict | None] = [None] * number
        self._reply = reply

    def tell(self, position: int, verdict: Verdict) -> None:
        self._verdicts[position] = verdict
        told = [known for known in self._verdicts if known is not None]
        if len(told) == len(self._verdicts):
            self._reply.give(told)


class _Confirms:
    """What is under way on one channel. In the connection's thread only."""

    def __init__(self) -> None:
        self._last_tag = 0
        self._waiting: dict[int, tuple[_Batch, int, str]] = {}
        self._returned: set[str] = set()

    def publish(self, channel: Channel, orders: Sequence[Order], ttl_seconds: int, reply: Reply[list[Verdict]]) -> None:
        batch = _Batch(len(orders), reply)
        for position, (spec, envelope) in enumerate(orders):
            self._last_tag += 1
            number = str(self._last_tag)
            self._waiting[self._last_tag] = (batch, position, number)
            properties = BasicProperties(  # type: ignore[no-untyped-call]  # pika's
                headers=dict(envelope.headers),
                delivery_mode=2,
                message_id=number,
                expiration=str(ttl_seconds * 1000) if ttl_seconds else None,
            )
            channel.basic_publish("", spec.name, envelope.body, properties, mandatory=True)

    def returned(self, _: Channel, __: Any, properties: BasicProperties, ___: bytes) -> None:
        """RabbitMQ found no queue; it confirms the message all the same, afterwards."""
        self._returned.add(str(properties.message_id))

    def confirmed(self, frame: Any) -> None:
        last, taken = frame.method.delivery_tag, isinstance(frame.method, Basic.Ack)
        tags = [tag for tag in self._waiting if tag <= last] if frame.method.multiple else [last]
        for tag in tags:
            batch, position, number = self._waiting.pop(tag)
            home = number not in self._returned
            self._returned.discard(number)
            batch.tell(position, (Verdict.TAKEN if home else Verdict.HOMELESS) if taken else Verdict.REFUSED)
