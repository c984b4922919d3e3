"""Store: a pipeline's queues, pictures and marks inside one process, which its producers and consumers share."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace

from frame_tracking import FrameID, Topology, TraceContext
from frametrace_api.contract import BrokerContract

from camera_runtime.frame import Frame
from camera_runtime.transports.base import Dropped, Sent
from camera_runtime.transports.memory.queue import Queue

__all__ = ["Store", "picture_key"]

_BLOCK_SECONDS = 1.0
_DEAD_KEPT = 10_000
_MARKS_KEPT = 2
"""Finished frames that are remembered of each camera, in queues' lengths: an older one cannot be in a queue any more."""
_LEAST_MARKS = 4096
"""One that is worked on may have been dropped from a short queue: its mark has to outlast its handler."""


class Store:
    """All queues and pictures of one pipeline. Whoever calls a method holds `changed`.

    Args:
        contract: how much is kept, and what happens when it is too much.
        topology: returns the live tree of stages; a group that it does not have is removed at once.
        clock: seconds, monotonic.
    """

    def __init__(self, contract: BrokerContract, topology: Callable[[], Topology], clock: Callable[[], float]) -> None:
        self.contract, self.topology, self.clock = contract, topology, clock
        self.changed = threading.Condition()
        self.queues: dict[tuple[str, str], Queue] = {}
        self.dead_letters: dict[str, deque[tuple[FrameID, str]]] = defaultdict(lambda: deque(maxlen=_DEAD_KEPT))
        self._finished: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._pictures: dict[str, tuple[bytes, float]] = {}

    def queue(self, camera: str, hop: str) -> Queue:
        """Return the queue of a camera's frames that left `hop`."""
        return self.queues.setdefault((camera, hop), Queue(camera))

    def find(self, key: str) -> bytes | None:
        """Return a stored picture that has not expired."""
        found = self._pictures.get(key)
        return found[0] if found and found[1] > self.clock() else None

    def store(self, key: str, picture: bytes) -> None:
        """Keep a picture, or keep it for longer; forget the expired ones."""
        now = self.clock()
        while self._pictures and (oldest := next(iter(self._pictures))) and self._pictures[oldest][1] <= now:
            del self._pictures[oldest]
        self._pictures.pop(key, None)  # so that they stay in the order in which they expire
        self._pictures[key] = (picture, now + self.contract.frame_seconds)

    def finish_first(self, who: str, frame_id: FrameID) -> bool:
        """Mark a frame as finished by `who`; False if it was before."""
        marks, text = self._finished[who, frame_id.camera], str(frame_id)  # the text alone: an ID carries much more
        first = text not in marks
        marks[text] = None
        if len(marks) > max(_LEAST_MARKS, _MARKS_KEPT * self.contract.max_frames):
            del marks[next(iter(marks))]
        return first

    def is_finished(self, who: str, frame_id: FrameID) -> bool:
        """Whether `who` has finished a frame."""
        return frame_id in self._finished[who, frame_id.camera]

    def put(self, frame: Frame, context: TraceContext, hop: str, reference: str) -> Sent:
        """Append a frame to the queue of `hop`, by the overflow policy.

        Raises:
            TypeError: if its metadata cannot be written, as over a network they must be.
        """
        frame.metadata.to_json()
        readers = self.topology().children(hop)
        key = reference or (picture_key(frame.frame_id, hop) if frame.picture else "")
        if not readers:
            self._keep(key, frame.picture)
            return Sent("")
        queue = self.queue(frame.frame_id.camera, hop)
        if not self._has_room(queue):
            return Sent("", refused=True)
        dropped = self._make_room(queue)
        self._keep(key, frame.picture)
        stored = replace(frame, picture=b"", reference=key, token=None)
        number = queue.add(stored, context, readers, self.clock())
        self.changed.notify_all()
        return Sent(str(number), readers, dropped)

    def sweep(self, camera: str, hop: str) -> list[Dropped]:
        """Remove the groups of stages that do not read from `hop` any more."""
        queue = self.queue(camera, hop)
        gone = queue.groups - set(self.topology().children(hop))
        return [dropped for group in sorted(gone) for dropped in queue.leave(group)]

    def end_all(self) -> list[Dropped]:
        """Empty all queues, because the process ends; each branch that waited, or was not finished."""
        lost = [each for queue in self.queues.values() for each in queue.end_all()]
        return self._told(lost)

    def _keep(self, key: str, picture: bytes) -> None:
        if key:
            self.store(key, picture)

    def _has_room(self, queue: Queue) -> bool:
        def room() -> bool:
            return len(queue) < self.contract.max_frames

        if self.contract.overflow == "Block":
            return self.changed.wait_for(room, _BLOCK_SECONDS)
        return room() or self.contract.overflow == "DropOldest"

    def _make_room(self, queue: Queue) -> tuple[Dropped, ...]:
        return tuple(self._told(queue.make_room(self.contract.max_frames)))

    def _told(self, lost: list[tuple[Dropped, bool]]) -> list[Dropped]:
        for dropped, in_work in lost:
            if in_work:  # whoever works on it must learn that the branch has ended already
                self.finish_first(dropped.hop, dropped.frame_id)
        return [dropped for dropped, _ in lost]


def picture_key(frame_id: FrameID, hop: str) -> str:
    """Return the key of the picture that `hop` stored of a frame."""
    return f"{frame_id}:{hop}"
