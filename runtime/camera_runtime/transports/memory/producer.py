"""MemoryProducer: hands one camera's frames from one hop to the stages that read from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from frame_tracking import TraceContext

from camera_runtime.frame import Frame
from camera_runtime.transports.base import Sent

if TYPE_CHECKING:
    from camera_runtime.transports.memory.broker import MemoryBroker

__all__ = ["MemoryProducer"]


class MemoryProducer:
    """A `Producer` of `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker, camera: str, hop: str) -> None:
        self._broker, self._camera, self._hop = broker, camera, hop

    @property
    def destination(self) -> str:
        """The queue's name."""
        return f"{self._camera}.{self._hop}"

    def send(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand a frame over.

        Raises:
            ValueError: if the frame is another camera's.
        """
        if frame.frame_id.camera != self._camera:
            raise ValueError(f"frame {frame.frame_id} is not camera {self._camera!r}'s")
        broker, sender = self._broker, f">{self._hop}"
        with broker.changed:
            if broker.is_finished(sender, frame.frame_id):
                return Sent("", duplicate=True)
            ended = tuple(broker.sweep(self._camera, self._hop))
            sent = broker.put(frame, trace_context, self._hop, "")
            if not sent.refused:
                broker.finish_first(sender, frame.frame_id)
            return replace(sent, dropped=ended + sent.dropped)

    def close(self) -> None:
        """Nothing is connected."""
