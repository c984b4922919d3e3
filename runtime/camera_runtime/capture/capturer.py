"""Keeps one camera's stream running: connects, reads, notices what is wrong, and tries again, for as long as it lives.

A camera that is away never ends the process. A watchdog of its own thread breaks a connection that makes no progress,
whatever the decoding thread hangs in.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from camera_runtime.backoff import Backoff
from camera_runtime.capture.base import NewSource, Source
from camera_runtime.capture.frozen import FrozenPicture, fingerprint
from camera_runtime.capture.pipeline import FramePipeline
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.status import CameraStatus

__all__ = ["Capturer"]

_LOG = structlog.get_logger(__name__)
_NO_PROGRESS_SECONDS: Final = 8.0
_WATCH_SECONDS: Final = 0.5
_STUCK_SECONDS: Final = 60.0
_MAX_DAMAGED: Final = 100
_SLOW_RETRY: Final = {
    # Cameras lock accounts after a few wrong passwords.
    Problem.UNAUTHORIZED: 30.0,
}


class Capturer:
    """Runs one camera.

    Args:
        new_source: makes the source of the next connection.
        pipeline: takes its packets.
        status: is told how the camera does.
        backoff: how long to wait between tries.
        monotonic: seconds from anywhere.
    """

    def __init__(
        self,
        new_source: NewSource,
        pipeline: FramePipeline,
        status: CameraStatus,
        backoff: Backoff | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._new_source = new_source
        self._pipeline = pipeline
        self._status = status
        self._backoff = backoff or Backoff()
        self._monotonic = monotonic
        self._frozen = FrozenPicture()
        self._stop = threading.Event()
        self._source: Source | None = None
        self._progress = monotonic()

    def run(self) -> None:
        """Capture until `stop`."""
        threading.Thread(target=self._watch, name="camera-watchdog", daemon=True).start()
        while not self._stop.is_set():
            try:
                self._connect_and_read()
            except SourceError as error:
                if self._stop.is_set():
                    return
                self._failed(error)
                self._stop.wait(self._backoff.next(_SLOW_RETRY.get(error.problem)))

    def stop(self) -> None:
        """End after the frame that is being worked on. From any thread."""
        self._stop.set()
        if source := self._source:
            source.abort()

    @property
    def alive(self) -> bool:
        """Whether the capture loop turns. It waits, tries and reads within bounds, be the camera there or not."""
        return self._monotonic() - self._progress < _STUCK_SECONDS

    def check(self) -> bool:
        """Break a connection that made no progress for too long; True if there was one."""
        source = self._source
        if source is None or self._monotonic() - self._progress < _NO_PROGRESS_SECONDS:
            return False
        source.abort()
        return True

    def _watch(self) -> None:
        while not self._stop.wait(_WATCH_SECONDS):
            if self.check():
                self._status.failed(Problem.SILENT, f"no picture came in {_NO_PROGRESS_SECONDS:g} s")

    def _connect_and_read(self) -> None:
        self._progress = self._monotonic()
        source = self._source = self._new_source()
        try:
            if not self._stop.is_set():
                source.open()
                self._read(source)
        finally:
            self._source = None
            source.close()
            self._progress = self._monotonic()

    def _read(self, source: Source) -> None:
        self._pipeline.begin()
        damaged = 0
        for packet in source.packets():
            try:
                picture = self._pipeline.take(packet)
            except SourceError as error:
                damaged += 1
                self._status.damaged(error.problem)
                if damaged >= _MAX_DAMAGED:
                    raise
                continue
            if self._stop.is_set():
                return
            if picture is not None:
                damaged = 0
                if picture.is_corrupt:
                    self._status.damaged(Problem.INVALID_STREAM)
                self._progress = self._monotonic()
                if self._frozen.due(packet.received_ns):
                    self._look(fingerprint(picture), packet.received_ns)
                elif not self._frozen.standing:
                    self._status.up()

    def _look(self, mark: int, received_ns: int) -> None:
        """Look at a picture, once a second."""
        was_told = self._frozen.standing
        if self._frozen.frozen(mark, received_ns):
            if not was_told:  # reconnecting once is worth a try; a second time it costs frames for nothing
                raise SourceError(Problem.FROZEN, "the camera sends the same picture again and again")
            return
        self._status.up()
        self._backoff.reset()

    def _failed(self, error: SourceError) -> None:
        before = self._status.snapshot()
        self._status.failed(error.problem, str(error))
        if before.message != str(error):
            _LOG.warning("camera away", camera=before.id, problem=error.problem.value, reason=str(error))
