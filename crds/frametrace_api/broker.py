"""The broker between the hops: which one, whose, and what happens when it is full. Must not know its clients."""

from enum import StrEnum
from typing import Annotated, ClassVar

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.numbers import Between
from frametrace_api.references import SecretKeyRef
from frametrace_api.rules import Rule

__all__ = ["Broker", "BrokerType", "ExternalBroker", "FrameRetention", "Overflow"]


class BrokerType(StrEnum):
    """Kind of broker."""

    REDIS = "Redis"
    RABBITMQ = "RabbitMQ"


class Overflow(StrEnum):
    """What happens to frames when a queue is full."""

    DROP_OLDEST = "DropOldest"
    DROP_NEWEST = "DropNewest"
    BLOCK = "Block"


class ExternalBroker(ApiModel):
    """A broker that the operator does not run."""

    url_secret_ref: SecretKeyRef
    """Key of a Secret that holds the broker's whole URL with its credentials: redis://, rediss://, amqp:// or amqps://."""
    ca_secret_ref: SecretKeyRef | None = None
    """Key of a Secret that holds the CA certificates (PEM) that the broker's certificate is checked against. Left out: the public ones."""


class FrameRetention(ApiModel):
    """How long frames stay in the broker."""

    frame_seconds: Annotated[int, Between(1, bounds.MAX_SECONDS_A_DAY)] = 60
    """Seconds that a picture is kept after its last hop took it up; a picture that is gone makes its frame dropped, with the reason expired. Default: 60."""
    max_frames: Annotated[int, Between(1, 1_000_000)] | None = None
    """Most frames waiting for one camera and hop; above it, overflow says what happens. Left out: the operator derives it from frameSeconds and the frame rate."""


class Broker(ApiModel):
    """The broker."""

    type: BrokerType = BrokerType.REDIS
    """Redis, or RabbitMQ (external only; pictures travel in the messages, so no picture of a frame can be looked up). Default: Redis."""
    external: ExternalBroker | None = None
    """A broker of your own. Left out: the operator runs a Redis for this pipeline, in memory only: its restart loses the frames in flight."""
    retention: FrameRetention = FrameRetention()
    """How long frames stay in the broker."""
    overflow: Overflow | None = None
    """What happens when a queue is full: DropOldest (the newest pictures win; Redis only), DropNewest, or Block (capture waits at most 1 second, then drops). Every dropped frame is counted and its trace ended. Left out: DropOldest on Redis, DropNewest on RabbitMQ."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="!has(self.type) || self.type != 'RabbitMQ' || has(self.external)",
            message="RabbitMQ is used only where you run it: name its URL in external.urlSecretRef, or set type to Redis",
            holds=lambda broker: broker.type is not BrokerType.RABBITMQ or broker.external is not None,
            field_path=".external",
            reason="FieldValueRequired",
        ),
        Rule(
            cel="!has(self.overflow) || !has(self.type) || self.type != 'RabbitMQ' || self.overflow != 'DropOldest'",
            message="overflow DropOldest is not possible on RabbitMQ (a quorum queue with at-least-once dead letters refuses new frames instead); use DropNewest or Block",
            holds=lambda broker: not (broker.type is BrokerType.RABBITMQ and broker.overflow is Overflow.DROP_OLDEST),
            field_path=".overflow",
        ),
    )

    @property
    def effective_overflow(self) -> Overflow:
        """The overflow rule with its default filled in by the kind of broker."""
        if self.overflow is not None:
            return self.overflow
        return Overflow.DROP_NEWEST if self.type is BrokerType.RABBITMQ else Overflow.DROP_OLDEST
