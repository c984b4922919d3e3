"""MemoryConsumer: one replica of a stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from frame_tracking import TraceContext, recover

from camera_runtime.frame import Frame
from camera_runtime.transports.base import Delivery, Dropped, Sent
from camera_runtime.transports.memory.queue import Entry, Queue
from camera_runtime.transports.memory.store import Store

__all__ = ["MemoryConsumer"]


@dataclass(frozen=True, slots=True, eq=False)
class _Token:
    number: int
    picture: bytes


class MemoryConsumer:
    """A `Consumer` of `MemoryBroker`."""

    def __init__(self, store: Store, edge: tuple[str, str], replica: str, claim_after_seconds: float) -> None:
        self._store, self._replica, self._claim_after = store, replica, claim_after_seconds
        self._stage, self._upstream = edge
        self._cameras: tuple[str, ...] = ()
        self._turn = 0
        self._dropped: list[Dropped] = []

    def source(self, camera: str) -> str:
        """The name of the queue that a camera's frames come from."""
        return f"{camera}.{self._upstream}"

    def set_cameras(self, cameras: Sequence[str]) -> None:
        """Say which cameras' frames to read from now on."""
        self._cameras = tuple(cameras)

    def receive(self, timeout_seconds: float = 1.0) -> Delivery | None:
        """Return the next frame, or None if none came in time."""
        store = self._store
        deadline = store.clock() + timeout_seconds
        with store.changed:
            self._sweep()
            while True:
                entry = self._take()
                remaining = deadline - store.clock()
                if entry is not None:
                    return self._deliver(entry)
                if remaining <= 0:
                    return None
                store.changed.wait(min(remaining, self._claim_after))

    def ack(self, frame: Frame) -> bool:
        """End the frame's branch here."""
        with self._store.changed:
            return self._finish(frame, _token(frame))

    def forward(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand the frame on to the stages that read from this one, and acknowledge it, in one step."""
        store, token = self._store, _token(frame)
        with store.changed:
            if store.is_finished(self._stage, frame.frame_id):
                self._finish(frame, token)
                return Sent("", duplicate=True)
            unchanged = frame.picture is token.picture
            sent = store.put(frame, trace_context, self._stage, frame.reference if unchanged else "")
            self._finish(frame, token)
            return sent

    def dead_letter(self, frame: Frame, error: str) -> bool:
        """Put the frame aside with the reason."""
        with self._store.changed:
            first = self._finish(frame, _token(frame))
            if first:
                self._store.dead_letters[self._stage].append((frame.frame_id, error))
            return first

    def retry(self, frame: Frame) -> None:
        """Give the frame back unfinished."""
        with self._store.changed:
            self._queue(frame.frame_id.camera).give_back(_token(frame).number, self._stage, self._replica)
            self._store.changed.notify_all()

    def give_back(self, frame: Frame) -> None:
        """Give the frame back as if it had not been handed out."""
        with self._store.changed:
            queue, number = self._queue(frame.frame_id.camera), _token(frame).number
            queue.give_back(number, self._stage, self._replica, counted=False)
            self._store.changed.notify_all()

    def take_dropped(self) -> tuple[Dropped, ...]:
        """Return what was left over by removed stages since the last call."""
        dropped, self._dropped = tuple(self._dropped), []
        return dropped

    @property
    def unreadable(self) -> int:
        """Nothing here is unreadable."""
        return 0

    def lag(self) -> dict[str, int]:
        """Return how many frames wait for this stage, by camera."""
        with self._store.changed:
            return {camera: self._queue(camera).lag(self._stage) for camera in self._cameras}

    def close(self) -> None:
        """Give back what was not finished."""
        with self._store.changed:
            for camera in self._cameras:
                self._queue(camera).give_back_all(self._stage, self._replica)
            self._store.changed.notify_all()

    def _queue(self, camera: str) -> Queue:
        return self._store.queue(camera, self._upstream)

    def _sweep(self) -> None:
        for camera in self._cameras:
            for hop in (self._upstream, self._stage):
                self._dropped += self._store.sweep(camera, hop)

    def _take(self) -> Entry | None:
        for step in range(len(self._cameras)):
            position = (self._turn + step) % len(self._cameras)
            queue = self._queue(self._cameras[position])
            queue.join(self._stage)
            entry = queue.take(self._stage, self._replica, self._store.clock(), self._claim_after)
            if entry is not None:
                self._turn = position + 1
                return entry
        return None

    def _deliver(self, entry: Entry) -> Delivery:
        store, stored = self._store, entry.frame
        picture = store.find(stored.reference) if stored.reference else b""
        token = _Token(entry.number, picture or b"")
        context, arrival = recover(stored.frame_id, entry.context.traceparent, entry.context.tracestate)
        frame = replace(stored, picture=token.picture, trace_context=context, token=token)
        return Delivery(
            frame,
            context,
            arrival,
            count=entry.held[self._stage].count,
            done=store.is_finished(self._stage, stored.frame_id),
            expired=picture is None,
            queued_ms=(store.clock() - entry.added_at) * 1000,
        )

    def _finish(self, frame: Frame, token: _Token) -> bool:
        self._queue(frame.frame_id.camera).finish(token.number, self._stage)
        self._store.changed.notify_all()
        return self._store.finish_first(self._stage, frame.frame_id)


def _token(frame: Frame) -> _Token:
    if not isinstance(frame.token, _Token):
        raise TypeError("the frame was not received from this consumer")
    return frame.token
