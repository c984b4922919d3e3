"""Every queue that the transport has in RabbitMQ, and with which arguments it is declared. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from frametrace_api.contract import BrokerContract, PipelineRef

__all__ = ["Names", "QueueSpec"]

_UID_SHOWN: Final = 8
_UNUSED_SECONDS: Final = 3600
_DEAD_SECONDS: Final = 7 * 24 * 3600
_DEAD_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue and how it is declared."""

    name: str
    arguments: tuple[tuple[str, Any], ...]

    @property
    def table(self) -> dict[str, Any]:
        """The arguments as the protocol wants them."""
        return dict(self.arguments)


@dataclass(frozen=True, slots=True)
class Names:
    """The queues of one pipeline; a pipeline that is made anew under the same name has other ones.

    Attributes:
        prefix: what all their names begin with.
        limit: most frames waiting in one of them.
        unused_seconds: how long a queue outlives the last process that uses it.
    """

    prefix: str
    limit: int
    unused_seconds: int

    @classmethod
    def of(cls, pipeline: PipelineRef, contract: BrokerContract) -> Names:
        """Return the pipeline's queues."""
        prefix = f"frametrace.{pipeline.namespace}.{pipeline.name}.{pipeline.uid[:_UID_SHOWN]}:"
        return cls(prefix, contract.max_frames, max(_UNUSED_SECONDS, contract.frame_seconds))

    def frames(self, camera: str, hop: str, stage: str) -> QueueSpec:
        """Frames of a camera that left `hop` and wait for `stage`.

        A quorum queue refuses the message after the one that passed its limit (measured), so its limit is one less.
        """
        length = ("x-max-length", self.limit - 1)
        return QueueSpec(f"{self.prefix}frames:{camera}:{hop}:{stage}", (length, *self._ending(hop), *self._common()))

    def trial(self, hop: str, stage: str) -> QueueSpec:
        """Frames that `stage` may have begun before: they are fetched one by one, so that each try is counted."""
        return QueueSpec(f"{self.prefix}again:{stage}", (*self._ending(hop), *self._common()))

    def ended(self, hop: str) -> QueueSpec:
        """Where RabbitMQ puts frames that left `hop` and waited too long."""
        return QueueSpec(f"{self.prefix}ended:{hop}", self._common())

    def dead(self, stage: str) -> QueueSpec:
        """Frames that a stage gave up."""
        length = (("x-max-length", _DEAD_KEPT), ("x-overflow", "drop-head"))
        return QueueSpec(f"{self.prefix}dead:{stage}", (*length, *_quorum(_DEAD_SECONDS)))

    @staticmethod
    def destination(camera: str, hop: str) -> str:
        """What spans call the way out of a hop."""
        return f"{camera}.{hop}"

    def _common(self) -> tuple[tuple[str, Any], ...]:
        return (("x-overflow", "reject-publish"), *_quorum(self.unused_seconds))

    def _ending(self, hop: str) -> tuple[tuple[str, Any], ...]:
        return (
            ("x-dead-letter-exchange", ""),
            ("x-dead-letter-routing-key", self.ended(hop).name),
            ("x-dead-letter-strategy", "at-least-once"),
        )


def _quorum(unused_seconds: int) -> tuple[tuple[str, Any], ...]:
    return ("x-queue-type", "quorum"), ("x-expires", unused_seconds * 1000)
