"""RabbitBroker: makes the producers and consumers of one pipeline. A composition root."""

from __future__ import annotations

from collections.abc import Callable

from frame_tracking import FrameID, Topology
from frametrace_api.contract import BrokerContract, PipelineRef

from camera_runtime.transports.rabbitmq.consumer import RabbitConsumer
from camera_runtime.transports.rabbitmq.feed import Edge
from camera_runtime.transports.rabbitmq.finished import Finished
from camera_runtime.transports.rabbitmq.link import Link
from camera_runtime.transports.rabbitmq.names import Names
from camera_runtime.transports.rabbitmq.producer import RabbitProducer
from camera_runtime.transports.rabbitmq.publisher import Publisher
from camera_runtime.transports.rabbitmq.settings import Settings

__all__ = ["RabbitBroker"]

_PRODUCER_ANSWER_SECONDS = 2.0
_CONSUMER_ANSWER_SECONDS = 5.0


class RabbitBroker:
    """A `Broker` over RabbitMQ. Every producer has a connection of its own, every consumer one for each way.

    Args:
        contract: where the broker is, and how much it keeps.
        pipeline: whose queues are used.
        topology: returns the live tree of stages.
        removed_seconds: see `Settings`.
    """

    def __init__(
        self,
        contract: BrokerContract,
        pipeline: PipelineRef,
        topology: Callable[[], Topology],
        *,
        removed_seconds: float = 120.0,
    ) -> None:
        self._settings = Settings(contract, Names.of(pipeline, contract), topology, removed_seconds)
        self._finished = Finished()
        self._own = Link(contract, pipeline.name, answer_seconds=_PRODUCER_ANSWER_SECONDS)
        self._closing: list[Callable[[], None]] = [self._own.close]

    @property
    def system(self) -> str:
        """What spans call it."""
        return "rabbitmq"

    def producer(self, camera: str, hop: str) -> RabbitProducer:
        """Return what hands `camera`'s frames on from `hop`."""
        publisher = self._publisher(f"{hop} {camera}", _PRODUCER_ANSWER_SECONDS)
        return RabbitProducer(self._settings, publisher, camera, hop)

    def consumer(self, stage: str, upstream: str, *, claim_after_seconds: float = 35.0) -> RabbitConsumer:
        """Return what receives for `stage`."""
        publisher = self._publisher(f"{stage} out", _CONSUMER_ANSWER_SECONDS)
        edge = Edge(self._settings, stage, upstream)
        consumer = RabbitConsumer(edge, publisher, self._finished, claim_after_seconds)
        self._closing.append(consumer.close)
        return consumer

    def picture(self, frame_id: FrameID, hop: str) -> bytes | None:  # noqa: ARG002 - RabbitMQ looks nothing up
        """None: pictures travel in the messages, and cannot be looked up."""
        return None

    def ping(self) -> None:
        """Ask for a sign of life."""
        seconds = self._own.answer_seconds

        self._own.call(lambda session: session.ask(session.greet, seconds))

    def close(self) -> None:
        """Let go of all connections."""
        for close in self._closing:
            close()

    def _publisher(self, name: str, answer_seconds: float) -> Publisher:
        publisher = Publisher(self._settings.contract, name, answer_seconds=answer_seconds)
        self._closing.append(publisher.close)
        return publisher
