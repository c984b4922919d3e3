"""Keeps one camera's stream running: connects, reads, notices what is wrong, and tries again, for as long as it lives.

A camera that is away never ends the process. A watchdog of its own thread breaks a connection that makes no progress,
whatever it hangs in: a dial, a decoder, a `close`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from camera_runtime.backoff import Backoff
from camera_runtime.capture.events import Event, Lost, LostReason, Noted, Passed, TakenPicture
from camera_runtime.capture.feed import Feed, NewFeed
from camera_runtime.capture.frozen import FrozenPicture
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
        new_feed: makes the feed of the next connection; closed in the end.
        pipeline: takes its pictures.
        status: is told how the camera does.
        backoff: how long to wait between tries.
        monotonic: seconds from anywhere.
    """

    def __init__(
        self,
        new_feed: NewFeed,
        pipeline: FramePipeline,
        status: CameraStatus,
        backoff: Backoff | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._new_feed = new_feed
        self._pipeline = pipeline
        self._status = status
        self._backoff = backoff or Backoff()
        self._monotonic = monotonic
        self._frozen = FrozenPicture()
        self._stop = threading.Event()
        self._feed: Feed | None = None
        self._progress = monotonic()

    def run(self) -> None:
        """Capture until `stop`."""
        threading.Thread(target=self._watch, name="camera-watchdog", daemon=True).start()
        try:
            while not self._stop.is_set():
                self._try_once()
        finally:
            self._new_feed.close()

    def stop(self) -> None:
        """End after the frame that is being worked on. From any thread."""
        self._stop.set()
        if feed := self._feed:
            feed.abort()

    @property
    def alive(self) -> bool:
        """Whether the capture loop turns. It waits, tries and reads within bounds, be the camera there or not."""
        return self._monotonic() - self._progress < _STUCK_SECONDS

    def check(self) -> bool:
        """Break a connection that made no progress for too long; True if there was one."""
        feed = self._feed
        if feed is None or self._monotonic() - self._progress < _NO_PROGRESS_SECONDS:
            return False
        feed.abort()
        return True

    def _watch(self) -> None:
        while not self._stop.wait(_WATCH_SECONDS):
            if self.check():
                self._status.failed(Problem.SILENT, f"no picture came in {_NO_PROGRESS_SECONDS:g} s")

    def _try_once(self) -> None:
        try:
            self._connect_and_read()
        except SourceError as error:
            if self._stop.is_set():
                return
            self._failed(error)
            if error.problem is Problem.ENDED:
                self._stop.set()
            self._stop.wait(self._backoff.next(_SLOW_RETRY.get(error.problem)))

    def _connect_and_read(self) -> None:
        self._progress = self._monotonic()
        feed = self._feed = self._new_feed()
        try:
            if not self._stop.is_set():
                feed.open()
                self._read(feed)
        finally:
            feed.close()
            self._feed = None
            self._progress = self._monotonic()

    def _read(self, feed: Feed) -> None:
        self._pipeline.begin()
        damaged = 0
        for event in feed.events():
            self._pipeline.take(event)
            if isinstance(event, Lost) and event.reason is LostReason.MALFORMED:
                damaged += event.count
                self._status.damaged(Problem.INVALID_STREAM)
                if damaged >= _MAX_DAMAGED:
                    raise SourceError(Problem.INVALID_STREAM, event.detail)
            elif isinstance(event, TakenPicture | Passed):
                damaged = 0
                self._moved(event)
            self._count_faults(event)
            if self._stop.is_set():
                return

    def _moved(self, event: TakenPicture | Passed) -> None:
        """Pictures come."""
        self._progress = self._monotonic()
        if event.mark is not None:
            self._look(event.mark, event.received.monotonic_ns)
        elif not self._frozen.standing:
            self._status.up()

    def _count_faults(self, event: Event) -> None:
        if isinstance(event, Noted):
            for _ in range(event.count):
                self._status.damaged(event.problem)
        elif isinstance(event, TakenPicture | Passed):
            for _ in range(int(event.corrupt)):
                self._status.damaged(Problem.CORRUPT)

    def _look(self, mark: int, now_ns: int) -> None:
        """Look at a picture, once a second."""
        was_told = self._frozen.standing
        if self._frozen.frozen(mark, now_ns):
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
