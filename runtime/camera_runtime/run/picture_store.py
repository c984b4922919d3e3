"""PictureStore: the newest captured pictures as files, so that `frametrace journey --picture` finds them later.

Bounded; the oldest go first. A picture that cannot be written is said once and never stops a frame.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from frame_tracking import TraceContext

from camera_runtime.frame import Frame
from camera_runtime.run.jpegs import JpegPictures
from camera_runtime.transports.base import Producer, Sent

__all__ = ["KeepingProducer", "PictureStore"]

_LOG = structlog.get_logger(__name__)
_MAX_BYTES: Final = 256_000_000


class PictureStore:
    """A directory of pictures `<frame ID>.jpg`. Safe for several threads.

    Raises:
        OSError: if it cannot be made.
    """

    def __init__(self, directory: Path, max_bytes: int = _MAX_BYTES) -> None:
        self._directory, self._max_bytes = directory, max_bytes
        self._lock = threading.Lock()
        self._said = False
        directory.mkdir(parents=True, exist_ok=True)
        found = sorted(directory.glob("*.jpg"))  # a frame ID begins with its time
        self._kept = {path: path.stat().st_size for path in found}
        self._bytes = sum(self._kept.values())
        self._jpegs = JpegPictures()

    def keep(self, frame: Frame) -> None:
        """Keep a frame's picture."""
        with self._lock:
            try:
                path = self._directory / f"{frame.frame_id}.jpg"
                content = self._jpegs.of(frame)
                path.write_bytes(content)
                self._kept[path] = len(content)
                self._bytes += len(content)
                self._make_room()
            except OSError as error:
                if not self._said:
                    _LOG.warning("pictures are not kept", directory=str(self._directory), reason=error.strerror)
                self._said = True

    def _make_room(self) -> None:
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            self._bytes -= self._kept.pop(oldest)
            oldest.unlink(missing_ok=True)


class KeepingProducer:
    """A `Producer` that keeps each picture before it is sent."""

    def __init__(self, inner: Producer, keep: Callable[[Frame], None]) -> None:
        self._inner, self._keep = inner, keep

    @property
    def destination(self) -> str:
        """See `Producer`."""
        return self._inner.destination

    def send(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """See `Producer`."""
        self._keep(frame)
        return self._inner.send(frame, trace_context)

    def close(self) -> None:
        """See `Producer`."""
        self._inner.close()
