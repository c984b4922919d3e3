"""One bench for all transports: a broker over memory, a real Redis or a real RabbitMQ, frames with computed contexts.

What a transport cannot do by its nature is said here, by name, and nowhere else: a test that needs it carries the mark
`needs` and runs on the others.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pika
import pytest
from camera_runtime.frame import Frame
from camera_runtime.transports import Broker, Consumer, Delivery, Producer
from camera_runtime.transports.memory import MemoryBroker
from camera_runtime.transports.rabbitmq.broker import RabbitBroker
from camera_runtime.transports.redis.broker import RedisBroker
from frame_tracking import Clock, FrameIDGenerator, FrameMetadata, Topology, TraceContext
from frametrace_api.contract import BrokerContract, PipelineRef

LACKS = {
    "memory": (),
    "redis": (),
    # A queue a stage, and no store: see docs/adr/006-rabbitmq.md.
    "rabbitmq": ("drop oldest", "pictures", "a common queue"),
}


@dataclass
class Bench:
    """A pipeline's broker, its live tree, and a source of frames.

    Attributes:
        patience: how long an empty queue is waited for, in seconds.
        first_tells: which of two executions of a frame tells its outcome: the first to finish, or the last to hold it.
    """

    make: Callable[[BrokerContract, Callable[[], Topology]], Broker]
    topology: Topology = field(default_factory=lambda: Topology.of([("motion", "capture")]))
    contract: BrokerContract = field(default_factory=BrokerContract)
    camera: str = "cam01"
    patience: float = 0.05
    first_tells: bool = True
    opened: list[Any] = field(default_factory=list)
    _brokers: list[Broker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ids = FrameIDGenerator(self.camera, clock=Clock())

    def configure(self, **changes: Any) -> None:
        self.contract = self.contract.model_copy(update=changes)

    def stages(self, *edges: tuple[str, str]) -> None:
        self.topology = Topology.of(edges)

    @property
    def broker(self) -> Broker:
        if not self._brokers:
            self._brokers.append(self.make(self.contract, lambda: self.topology))
        return self._brokers[0]

    def frame(self, picture: bytes = b"picture") -> Frame:
        frame_id = self._ids.next()
        return Frame(FrameMetadata(frame_id=frame_id, timestamp=frame_id.time, width=640, height=480), picture)

    def context(self, frame: Frame) -> TraceContext:
        return TraceContext(frame.frame_id.trace_id, frame.frame_id.trace_id[:15] + "1", 3, "vendor=1")

    def producer(self, hop: str = "capture") -> Producer:
        producer = self.broker.producer(self.camera, hop)
        self.opened.append(producer)
        return producer

    def consumer(self, stage: str = "motion", upstream: str = "capture", claim_after: float = 30.0) -> Consumer:
        consumer = self.broker.consumer(stage, upstream, claim_after_seconds=claim_after)
        consumer.set_cameras([self.camera])
        self.opened.append(consumer)
        return consumer

    def send(self, producer: Producer, number: int = 1) -> list[Frame]:
        frames = [self.frame(f"picture {n}".encode()) for n in range(number)]
        for frame in frames:
            assert producer.send(frame, self.context(frame)).message_id
        return frames

    def receive(self, consumer: Consumer, timeout_seconds: float = 5.0) -> Delivery:
        delivery = consumer.receive(timeout_seconds)
        assert delivery is not None, "no frame arrived"
        return delivery

    def drain(self, consumer: Consumer) -> list[Delivery]:
        deliveries = []
        while (delivery := consumer.receive(self.patience)) is not None:
            assert consumer.ack(delivery.frame)
            deliveries.append(delivery)
        return deliveries

    def close(self) -> None:
        for broker in self._brokers:
            broker.close()


_numbers = itertools.count()


def _redis_bench(server: Any) -> Bench:
    pipeline = PipelineRef(namespace="test", name=f"pipeline-{next(_numbers)}", uid=uuid.uuid4().hex)

    def make(contract: BrokerContract, topology: Callable[[], Topology]) -> Broker:
        # Each broker is another process: its replicas have names of their own.
        return RedisBroker(contract, pipeline, topology, removed_seconds=0.05, lost_after_seconds=0.3)

    return Bench(make, contract=BrokerContract(url=server.url))


def _rabbit_bench(server: Any) -> Bench:
    pipeline = PipelineRef(namespace="test", name=f"pipeline-{next(_numbers)}", uid=uuid.uuid4().hex)

    def make(contract: BrokerContract, topology: Callable[[], Topology]) -> Broker:
        return RabbitBroker(contract, pipeline, topology, removed_seconds=0.05)

    contract = BrokerContract(type="RabbitMQ", url=server.url, overflow="DropNewest")
    return Bench(make, contract=contract, patience=1.0, first_tells=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `bench` on each transport that can do what it needs."""
    if "bench" not in metafunc.fixturenames:
        return
    needed = {mark.args[0] for mark in metafunc.definition.iter_markers("needs")}
    able = [name for name, lacks in LACKS.items() if not needed & set(lacks)]
    marks = {name: () if name == "memory" else (pytest.mark.contract,) for name in able}
    metafunc.parametrize("bench", [pytest.param(name, marks=marks[name]) for name in able], indirect=True)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A bench over each transport in turn."""
    name = request.param
    if name == "redis":
        bench = _redis_bench(request.getfixturevalue("redis_server"))
    elif name == "rabbitmq":
        bench = _rabbit_bench(request.getfixturevalue("rabbit_server"))
    else:
        bench = Bench(MemoryBroker)
    yield bench
    bench.close()


@pytest.fixture
def rabbit_bench(rabbit_server: Any) -> Iterator[Bench]:
    """A bench over the shared RabbitMQ, for what only RabbitMQ has."""
    bench = _rabbit_bench(rabbit_server)
    yield bench
    bench.close()


@pytest.fixture
def redis_bench(redis_server: Any) -> Iterator[Bench]:
    """A bench over the shared Redis, for what only Redis has."""
    bench = _redis_bench(redis_server)
    yield bench
    bench.close()


@pytest.fixture
def own_redis_bench(own_redis: Any) -> Iterator[Bench]:
    """A bench over a Redis of the test's own, which it may stop."""
    bench = _redis_bench(own_redis)
    yield bench
    bench.close()


@pytest.fixture
def bench_over() -> Callable[[Any], Bench]:
    """A bench over a Redis that the test started."""
    return _redis_bench


@pytest.fixture
def raw_rabbit(rabbit_server: Any) -> Iterator[Any]:
    """A channel of a foreign hand's."""
    connection = pika.BlockingConnection(pika.URLParameters(rabbit_server.url))
    channel = connection.channel()
    channel.confirm_delivery()
    yield channel
    connection.close()


@pytest.fixture
def queue_name(rabbit_bench: Bench) -> Callable[..., str]:
    """The name of one of the bench's queues: its kind, then what `Names` wants to know."""

    def name(kind: str, *parts: str) -> str:
        names: Any = rabbit_bench.broker
        return str(getattr(names._settings.names, kind)(*parts).name)

    return name
