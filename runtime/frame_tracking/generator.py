"""Makes frame IDs: one session a process and camera, a dense sequence, strictly rising time.

The only module of `frame_tracking` that reads clocks or randomness; both are parameters, with real defaults.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from weakref import WeakSet

from frame_tracking.frame_id import CAMERA_PATTERN, FrameID

__all__ = ["Clock", "FrameIDGenerator", "next_frame_id", "now"]

_BASE32: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DRIFT_NS: Final = 1_000_000_000


def _random_session() -> str:
    return "".join(secrets.choice(_BASE32) for _ in range(5))


@dataclass(frozen=True, slots=True)
class Clock:
    """The two clocks an ID needs, both in nanoseconds: `wall` since 1970, `monotonic` from anywhere."""

    wall: Callable[[], int] = time.time_ns
    monotonic: Callable[[], int] = time.monotonic_ns


class FrameIDGenerator:
    """Makes the IDs of one camera; safe for use by several threads.

    A session's time is the wall clock at its start plus the monotonic clock since: a step of the wall clock never
    turns the order round inside a session. Once the two differ by more than a second, a new session begins.

    Args:
        camera: the camera's ID, a DNS label of at most 32 characters.
        clock: source of time.
        session: source of session names, five base-32 characters each.

    Raises:
        ValueError: if `camera` is not such a label.
    """

    def __init__(self, camera: str, *, clock: Clock | None = None, session: Callable[[], str] | None = None) -> None:
        if re.fullmatch(CAMERA_PATTERN, camera) is None:
            raise ValueError(f"camera {camera!r} is not a DNS label of at most 32 characters (a-z, 0-9 and -)")
        self._camera = camera
        self._clock = clock or Clock()
        self._new_session = session or _random_session
        self._lock = threading.Lock()
        self._begin()
        _living.add(self)

    def _begin(self) -> None:
        self._session = self._new_session()
        self._sequence = 0
        self._last_us = 0
        self._offset_ns = self._clock.wall() - self._clock.monotonic()

    @property
    def session(self) -> str:
        """The current session's name."""
        return self._session

    def restart(self) -> None:
        """Begin a new session. Every generator of a forked child does so by itself: it would repeat its parent's numbers."""
        self._lock = threading.Lock()
        self._begin()

    def next(self, received_ns: int | None = None) -> FrameID:
        """Return the next frame's ID.

        Args:
            received_ns: when the frame was received, by the monotonic clock; now, where that is not known.
        """
        with self._lock:
            monotonic = self._clock.monotonic()
            if abs(self._clock.wall() - self._offset_ns - monotonic) > _MAX_DRIFT_NS:
                self._begin()
            captured_ns = monotonic if received_ns is None else min(received_ns, monotonic)
            self._last_us = max((self._offset_ns + captured_ns) // 1000, self._last_us + 1)
            self._sequence += 1
            captured = _EPOCH + timedelta(microseconds=self._last_us)
            return FrameID.build(captured, self._camera, self._session, self._sequence)


_living: WeakSet[FrameIDGenerator] = WeakSet()
_generators: dict[str, FrameIDGenerator] = {}


def next_frame_id(camera: str) -> FrameID:
    """Return the next ID of `camera` from this process's own generator."""
    generator = _generators.get(camera)
    if generator is None:
        generator = _generators.setdefault(camera, FrameIDGenerator(camera))
    return generator.next()


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def _restart_all() -> None:
    for generator in _living:
        generator.restart()


FrameID.source = next_frame_id
os.register_at_fork(after_in_child=_restart_all)
