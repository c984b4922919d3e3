"""Declares queues. What others declared with other arguments (by an older contract) is used as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker

from camera_runtime.transports.rabbitmq.names import QueueSpec
from camera_runtime.transports.rabbitmq.session import Reply, Session

__all__ = ["Depth", "declare"]

_MADE_OTHERWISE: Final = 406


@dataclass(frozen=True, slots=True)
class Depth:
    """What RabbitMQ says of a queue.

    Attributes:
        waiting: messages that nobody has been handed.
        consumers: how many read from it.
    """

    waiting: int
    consumers: int


def declare(session: Session, specs: Sequence[QueueSpec], seconds: float) -> list[Depth]:
    """Make sure of queues, which also keeps them from expiring; returns how full they are."""
    found: list[Depth] = []
    while len(found) < len(specs):
        rest = specs[len(found) :]
        try:
            found += _all(session, rest, seconds, passive=False)
        except _RefusedError as refused:
            found += refused.found
            found += _all(session, specs[len(found) :][:1], seconds, passive=True)
    return found


class _RefusedError(Exception):
    def __init__(self, found: list[Depth]) -> None:
        super().__init__()
        self.found = found


def _all(session: Session, specs: Sequence[QueueSpec], seconds: float, *, passive: bool) -> list[Depth]:
    found: list[Depth] = []

    def begin(channel: Channel, reply: Reply[list[Depth]]) -> None:
        def declared(answer: Any) -> None:
            found.append(Depth(answer.method.message_count, answer.method.consumer_count))
            if len(found) == len(specs):
                reply.give(found)
                channel.close()

        for spec in specs:
            arguments = None if passive else spec.table
            channel.queue_declare(spec.name, passive, durable=True, arguments=arguments, callback=declared)

    try:
        return session.ask(lambda reply: session.in_own_channel(begin, reply), seconds)
    except ChannelClosedByBroker as error:
        if error.reply_code != _MADE_OTHERWISE or passive:
            raise
        raise _RefusedError(found) from None
