"""Fetches messages one by one, where a subscription would take more than are wanted."""

from __future__ import annotations

from typing import Any, Final

from pika.channel import Channel
from pika.exceptions import ChannelClosedByBroker
from pika.spec import Basic

from camera_runtime.transports.rabbitmq.envelope import Envelope
from camera_runtime.transports.rabbitmq.names import QueueSpec
from camera_runtime.transports.rabbitmq.session import Reply, Session

__all__ = ["drain"]

_NO_SUCH_QUEUE: Final = 404


def drain(session: Session, spec: QueueSpec, most: int, seconds: float) -> list[Envelope]:
    """Take at most so many messages out of a queue for good; none where others read from it, or where it is not."""
    taken: list[Envelope] = []

    def begin(channel: Channel, reply: Reply[list[Envelope]]) -> None:
        def finish(_: Any = None) -> None:
            reply.give(taken)
            channel.close()

        def fetch(*message: Any) -> None:
            if message:
                taken.append(Envelope(dict(message[2].headers or {}), message[3]))
            if len(taken) < most:
                channel.basic_get(spec.name, fetch, auto_ack=True)
            else:
                finish()

        def found(answer: Any) -> None:
            if answer.method.consumer_count or not answer.method.message_count:
                finish()
            else:
                fetch()

        channel.add_callback(finish, [Basic.GetEmpty], one_shot=True)
        channel.queue_declare(spec.name, passive=True, callback=found)

    try:
        return session.ask(lambda reply: session.in_own_channel(begin, reply), seconds)
    except ChannelClosedByBroker as error:
        if error.reply_code != _NO_SUCH_QUEUE:
            raise
        return []
