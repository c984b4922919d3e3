"""Finished: which frames this process has finished lately, since RabbitMQ itself keeps no such marks."""

from __future__ import annotations

import threading
from typing import Final

__all__ = ["Finished"]

_KEPT: Final = 50_000


class Finished:
    """Frames by who finished them. Safe for several threads.

    Args:
        kept: how many are remembered; an older one is not in any queue any more, for its time has passed.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._marks: dict[tuple[str, str], None] = {}
        self._lock = threading.Lock()

    def mark(self, who: str, frame_id: str) -> bool:
        """Remember that `who` has finished a frame; False if it had before."""
        with self._lock:
            if (who, frame_id) in self._marks:
                return False
            self._marks[who, frame_id] = None
            if len(self._marks) > self._kept:
                del self._marks[next(iter(self._marks))]
            return True

    def has(self, who: str, frame_id: str) -> bool:
        """Whether `who` has finished a frame."""
        return (who, frame_id) in self._marks
