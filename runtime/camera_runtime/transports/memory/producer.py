"""MemoryProducer: hands one camera's frames from one hop to the stages that read from it."""

from __future__ import annotations

from dataclasses import replace

from frame_tracking import TraceContext

from camera_runtime.frame import Frame
from camera_runtime.transports.base import Sent
from camera_runtime.transports.memory.store import Store

__all__ = ["MemoryProducer"]


class MemoryProducer:
    """A `Producer` of `MemoryBroker`."""

    def __init__(self, store: Store, camera: str, hop: str) -> None:
        self._store, self._camera, self._hop = store, camera, hop

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
        store, sender = self._store, f">{self._hop}"
        with store.changed:
            if store.is_finished(sender, frame.frame_id):
                return Sent("", duplicate=True)
            ended = tuple(store.sweep(self._camera, self._hop))
            sent = store.put(frame, trace_context, self._hop, "")
            if not sent.refused:
                store.finish_first(sender, frame.frame_id)
            return replace(sent, dropped=ended + sent.dropped)

    def close(self) -> None:
        """Nothing is connected."""
