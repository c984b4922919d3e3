"""A frame as a message: headers and body. Pure: reading never raises for what a foreign hand wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from frame_tracking import (
    Arrival,
    DropReason,
    FrameID,
    FrameMetadata,
    InvalidFrameIDError,
    InvalidMetadataError,
    TraceContext,
    recover,
)

from camera_runtime.frame import Frame
from camera_runtime.transports.base import Dropped

__all__ = ["Envelope", "dropped_of"]

_MOST_ATTEMPTS: Final = 2**31 - 1
"""A foreign hand's numbers may be as large as AMQP has them, and their sum could not be sent on."""
_MOST_SHOWN: Final = 1000


@dataclass(frozen=True, slots=True)
class Envelope:
    """What travels: the headers, and the picture as the body.

    Attributes:
        headers: `frame_id`, `traceparent`, `tracestate`, `metadata` (JSON), `sent_ms` (by the sender's clock), `to`
            (the stage that it waits for), `attempts` (how often a stage had begun it when it was written).
    """

    headers: Mapping[str, Any]
    body: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, frame: Frame, context: TraceContext, sent_ms: int) -> Envelope:
        """Put a frame in.

        Raises:
            TypeError: if its metadata cannot be written as JSON.
        """
        headers: dict[str, Any] = {
            "frame_id": str(frame.frame_id),
            "traceparent": context.traceparent,
            "tracestate": context.tracestate,
            "metadata": frame.metadata.to_json(),
            "sent_ms": sent_ms,
        }
        return cls(headers, frame.picture)

    def for_stage(self, stage: str, attempts: int = 0) -> Envelope:
        """Address it to a stage, which has begun it so often; RabbitMQ's own headers stay behind."""
        own = {name: value for name, value in self.headers.items() if not name.startswith("x-")}
        return Envelope({**own, "to": stage, "attempts": attempts}, self.body)

    def text(self, name: str) -> str:
        """Return a header's text, or nothing."""
        value = self.headers.get(name, "")
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    def number(self, name: str) -> int:
        """Return a header's number, 0 if it has none, or one below."""
        value = self.headers.get(name, 0)
        return max(0, value) if isinstance(value, int) else 0

    @property
    def returns(self) -> int:
        """How often RabbitMQ had to hand it out again from the queue that it is in."""
        return self.number("x-delivery-count")

    @property
    def attempts(self) -> int:
        """How often a stage had begun it when it was written, and how often RabbitMQ had to hand it out again."""
        return min(_MOST_ATTEMPTS, self.number("attempts") + self.returns)

    def frame_id(self, camera: str = "") -> FrameID | None:
        """Return its frame ID, or None if it has none that can be read, or that of another camera's frame."""
        try:
            frame_id = FrameID(self.text("frame_id"))
        except InvalidFrameIDError:
            return None
        return frame_id if frame_id.camera == (camera or frame_id.camera) else None

    def metadata(self, frame_id: FrameID) -> FrameMetadata | None:
        """Return its metadata, or None if they cannot be read or are another frame's."""
        try:
            metadata = FrameMetadata.from_json(self.text("metadata"))
        except InvalidMetadataError:
            return None
        return metadata if metadata.frame_id == frame_id else None

    def context(self, frame_id: FrameID) -> tuple[TraceContext, Arrival]:
        """Return the context to go on with, and in what state it came."""
        return recover(frame_id, self.text("traceparent"), self.text("tracestate"))

    def letter(self, stage: str, error: str) -> Envelope:
        """Return what is put among the dead letters: with the reason, and of foreign headers only the beginning."""
        own = {"stage": stage, "error": error.encode("utf-8", "replace").decode(), "attempts": self.attempts}
        kept = {name: self.text(name)[:_MOST_SHOWN] for name in ("frame_id", "traceparent", "tracestate")}
        metadata = self.text("metadata").encode("utf-8", "replace").decode()
        return Envelope({**kept, **own, "metadata": metadata[: 64 * _MOST_SHOWN]}, self.body)


def dropped_of(envelope: Envelope, reason: DropReason) -> Dropped | None:
    """Return the branch that ends with a message that nobody will read; None for a foreign one."""
    frame_id, stage = envelope.frame_id(), envelope.text("to")
    if frame_id is None or not stage:
        return None
    return Dropped(frame_id, frame_id.camera, stage, envelope.context(frame_id)[0], reason)
