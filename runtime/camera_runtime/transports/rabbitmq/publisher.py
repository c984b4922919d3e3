"""Publisher: puts messages into queues and knows of each what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
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


_HOMELESS: Final = Verdict.HOMELESS


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

    def publish(
        self, orders: Sequence[Order], needed: Sequence[QueueSpec], ttl_seconds: int, told: dict[int, Verdict]
    ) -> None:
        """Publish messages; each has been answered for when this returns.

        Args:
            orders: what, and where to.
            needed: other queues that must be there, such as where those queues' messages end.
            ttl_seconds: how long they may wait; 0 for as long as the queue lasts.
            told: gets what became of each message, by its position, as it becomes known.

        Raises:
            BrokerUnavailableError: if that cannot be done now. A message that `told` does not name may have been taken
                all the same.
        """
        for _ in range(2):
            rest = {number: order for number, order in enumerate(orders) if told.get(number, _HOMELESS) is _HOMELESS}
            self._ensure([*needed, *(spec for spec, _ in rest.values())])
            self._publish(rest, ttl_seconds, told)
            if _HOMELESS not in told.values():
                return
            self._declared.clear()
        raise BrokerUnavailableError("RabbitMQ does not route to a queue that it was just asked to make")

    def put(self, order: Order, needed: Sequence[QueueSpec], ttl_seconds: int) -> bool:
        """Publish one message; False if its queue is full.

        Raises:
            BrokerUnavailableError: if that cannot be done now.
        """
        told: dict[int, Verdict] = {}
        self.publish([order], needed, ttl_seconds, told)
        return told[0] is Verdict.TAKEN

    def close(self) -> None:
        """Let go of the connection."""
        self.link.close()

    def _ensure(self, specs: Sequence[QueueSpec]) -> None:
        now = self._clock()

        def work(session: Session) -> None:
            if session.blocked:
                raise BlockedError
            due = [spec for spec in specs if now - self._declared.get(spec.name, float("-inf")) > _DECLARED_SECONDS]
            if due:
                declare(session, due, _DECLARE_SECONDS)
                self._declared.update(dict.fromkeys((spec.name for spec in due), now))

        self.link.call(work)

    def _publish(self, orders: Mapping[int, Order], ttl_seconds: int, told: dict[int, Verdict]) -> None:
        def work(session: Session) -> None:
            confirms = self._confirms
            if confirms is None:
                raise ConnectionError

            def begin(reply: Reply[None]) -> None:
                confirms.publish(session.channel, orders, ttl_seconds, _Batch(told, set(orders), reply))

            try:
                session.ask(begin, self.link.answer_seconds)
            except SilentError:
                if session.blocked:
                    raise BlockedError from None
                raise

        self.link.call(work)

    def _prepare(self, session: Session, reply: Reply[None]) -> None:
        confirms = self._confirms = _Confirms()
        self._declared.clear()
        session.channel.add_on_return_callback(confirms.returned)
        session.channel.confirm_delivery(confirms.confirmed, callback=lambda _: reply.give(None))


class _Batch:
    """Messages that are answered for together."""

    def __init__(self, told: dict[int, Verdict], open_numbers: set[int], reply: Reply[None]) -> None:
        self._told, self._open, self._reply = told, open_numbers, reply

    def tell(self, number: int, verdict: Verdict) -> None:
        self._told[number] = verdict
        self._open.discard(number)
        if not self._open:
            self._reply.give(None)


class _Confirms:
    """What is under way on one channel. In the connection's thread only."""

    def __init__(self) -> None:
        self._last_tag = 0
        self._waiting: dict[int, tuple[_Batch, int]] = {}
        self._returned: set[str] = set()

    def publish(self, channel: Channel, orders: Mapping[int, Order], ttl_seconds: int, batch: _Batch) -> None:
        for number, (spec, envelope) in orders.items():
            self._last_tag += 1
            self._waiting[self._last_tag] = (batch, number)
            properties = BasicProperties(  # type: ignore[no-untyped-call]  # pika's
                headers=dict(envelope.headers),
                delivery_mode=2,
                message_id=str(self._last_tag),
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
            batch, number = self._waiting.pop(tag)
            home = str(tag) not in self._returned
            self._returned.discard(str(tag))
            batch.tell(number, (Verdict.TAKEN if home else _HOMELESS) if taken else Verdict.REFUSED)
