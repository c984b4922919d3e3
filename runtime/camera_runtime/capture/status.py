"""How a capture process stands with its camera: a state, a reason and since when. For the ledger and the metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from frame_tracking.ledger import CameraState

from camera_runtime.capture.problem import Problem

__all__ = ["CameraObserver", "CameraStatus"]


class CameraObserver(Protocol):
    """Who counts what happens with the camera."""

    def camera_up(self, *, up: bool) -> None:
        """The camera's state is this now."""

    def camera_failed(self, problem: Problem) -> None:
        """Something went wrong."""

    def camera_reconnected(self) -> None:
        """Pictures arrive again after they had stopped."""


class CameraStatus:
    """One camera's state; safe for several threads.

    Args:
        camera: its ID.
        observer: who counts.
        clock: seconds since 1970.
    """

    def __init__(self, camera: str, observer: CameraObserver, clock: Callable[[], float] = time.time) -> None:
        self._observer = observer
        self._clock = clock
        self._lock = threading.Lock()
        self._was_up = False
        self._state = CameraState(
            id=camera, connected=False, reason="Starting", message="no picture has come yet", since=clock()
        )
        observer.camera_up(up=False)

    def up(self) -> None:
        """A picture came."""
        if self._state.connected:
            return
        self._set(connected=True)
        if self._was_up:
            self._observer.camera_reconnected()
        self._was_up = True

    def failed(self, problem: Problem, message: str) -> None:
        """The connection is lost, or was not made."""
        self._observer.camera_failed(problem)
        self._set(connected=False, reason=problem.word, message=message)

    def damaged(self, problem: Problem) -> None:
        """A single packet was damaged; the stream goes on."""
        self._observer.camera_failed(problem)

    def snapshot(self) -> CameraState:
        """Return the state now."""
        return self._state

    def _set(self, *, connected: bool, reason: str = "", message: str = "") -> None:
        with self._lock:
            before = self._state
            since = before.since if before.connected == connected else self._clock()
            self._state = CameraState(id=before.id, connected=connected, reason=reason, message=message, since=since)
        self._observer.camera_up(up=connected)
