"""The transports' seam: how frames get from a hop to the stages that read from it.

At least once: a frame is handed out again until it is acknowledged, and each branch of it ends exactly once. Several
stages may read one hop, each under its own name; replicas of a stage share its frames. Implementations: `memory`
(one process), `redis`, `rabbitmq`. All pass one contract suite.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from frame_tracking import Arrival, DropReason, FrameID, TraceContext

from camera_runtime.frame import Frame

__all__ = ["Broker", "BrokerProblem", "BrokerUnavailableError", "Consumer", "Delivery", "Dropped", "Producer", "Sent"]


class BrokerProblem(StrEnum):
    """Why a broker cannot be used, as the resource's status says it."""

    UNREACHABLE = "Unreachable"
    """It did not answer, or what it answered was of no use."""
    UNAUTHORIZED = "Unauthorized"
    """It refused the credentials, or lacks a permission for them."""
    FULL = "Full"


class BrokerUnavailableError(Exception):
    """The broker did not answer, or refused, within the bounded wait. Try again later.

    Args:
        detail: one line for people, without credentials.
        problem: what is wrong.
    """

    def __init__(self, detail: str, problem: BrokerProblem = BrokerProblem.UNREACHABLE) -> None:
        super().__init__(detail)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Dropped:
    """A frame that a queue gave up; whoever is told ends its trace and counts it.

    Attributes:
        camera: the frame's camera.
        hop: the stage whose branch ends.
        context: as it was stored with the frame.
    """

    frame_id: FrameID
    camera: str
    hop: str
    context: TraceContext
    reason: DropReason


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a `send`.

    Attributes:
        message_id: the broker's ID of the entry; empty when none was made.
        readers: the stages that the frame now waits for. None of them, and neither `refused` nor `duplicate`: nobody
            reads from this hop, so the frame's branch is complete.
        dropped: branches that ended: of other frames, to make room, because they waited too long or their stage is
            gone; of this frame, where only some of its readers could be given it.
        refused: the new frame itself was not taken (`DropNewest`, or `Block` that waited in vain): its branch ends
            here, for `DropReason.OVERFLOW`.
        duplicate: the stage had finished this frame before (a second execution after a redelivery): nothing was sent.
    """

    message_id: str
    readers: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    duplicate: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """A received frame. Unpacks as `frame, context = consumer.receive()`.

    Attributes:
        arrival: in what state the context came.
        count: how often the frame was handed out, this time included; over 1 it may have been processed before.
        done: whether this stage already finished the frame (its acknowledgement was lost): only `ack` is due.
        expired: whether the picture is gone.
        queued_ms: how long the frame waited, by the broker's own clock, or by the sender's where it keeps none.
    """

    frame: Frame
    context: TraceContext
    arrival: Arrival = Arrival.KEPT
    count: int = 1
    done: bool = False
    expired: bool = False
    queued_ms: float = 0.0

    def __iter__(self) -> Iterator[Frame | TraceContext]:
        return iter((self.frame, self.context))


class Producer(Protocol):
    """Hands a camera's frames from one hop to the stages that read from it."""

    @property
    def destination(self) -> str:
        """The queue's name, as the span says it; it holds no camera's data but its ID."""

    def send(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand a frame over.

        Raises:
            BrokerUnavailableError: if the broker does not take it within the bounded wait.
        """

    def close(self) -> None:
        """Let go of the connection."""


class Consumer(Protocol):
    """Receives one stage's share of all cameras' frames."""

    def source(self, camera: str) -> str:
        """The name of the queue that `camera`'s frames come from, as its producer's `destination` says it."""

    def set_cameras(self, cameras: Sequence[str]) -> None:
        """Say which cameras' frames to read from now on.

        What waits of a camera that is no longer among them ends all the same: it is read (Redis), expires (RabbitMQ),
        or is told when the process ends (memory).
        """

    def receive(self, timeout_seconds: float = 1.0) -> Delivery | None:
        """Return the next frame, or None if none came in time.

        Frames that another replica took and did not finish are among them, once they are idle long enough.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """

    def ack(self, frame: Frame) -> bool:
        """End the frame's branch here: it will not be handed out to this stage again.

        False if the stage had finished the frame before: this was a second execution, and has no outcome.
        """

    def forward(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand the frame on to the stages that read from this one, and acknowledge it, in one step."""

    def dead_letter(self, frame: Frame, error: str) -> bool:
        """Put the frame aside with the reason, and acknowledge it, in one step; False as for `ack`.

        The transport never does so by itself: who processes compares `Delivery.count` with the stage's limit.
        """

    def retry(self, frame: Frame) -> None:
        """Give the frame back unfinished: it is handed out again at once, to any replica, its count one higher."""

    def give_back(self, frame: Frame) -> None:
        """Give the frame back as if it had not been handed out, since this replica ends: any may have it at once.

        A broker that does not answer, or takes nothing, counts it as handed out all the same.
        """

    def take_dropped(self) -> tuple[Dropped, ...]:
        """Return what was found unreadable, or left over by removed stages, since the last call."""

    @property
    def unreadable(self) -> int:
        """Entries so far whose frame ID could not be read; they are among the dead letters, and nobody's loss."""

    def lag(self) -> dict[str, int]:
        """Return how many frames wait for this stage, by camera."""

    def close(self) -> None:
        """Let go of the connection; unfinished frames go to other replicas."""


class Broker(Protocol):
    """A pipeline's broker, as one process sees it. One a process; makes producers and consumers.

    It asks for the live tree of stages at every step, so that a frame waits for every stage that reads from its hop,
    whether that stage has started or not.
    """

    @property
    def system(self) -> str:
        """What spans call it (`messaging.system`)."""

    def producer(self, camera: str, hop: str) -> Producer:
        """Return what hands `camera`'s frames on from `hop`. One thread at a time."""

    def consumer(self, stage: str, upstream: str, *, claim_after_seconds: float = 35.0) -> Consumer:
        """Return what receives for `stage`, which reads from the hop `upstream`. One thread at a time.

        Args:
            stage: the stage's name.
            upstream: `capture`, or the stage that it reads from.
            claim_after_seconds: how long a replica may sit on a frame before another one takes it over; more than
                a handler's time-out.
        """

    def picture(self, frame_id: FrameID, hop: str) -> bytes | None:
        """Return the picture that `hop` stored of a frame; None once it is gone.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """

    def ping(self) -> None:
        """Ask the broker for a sign of life.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """

    def close(self) -> None:
        """Let go of all connections."""
