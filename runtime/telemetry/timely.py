"""Timely: a socket as `http.client` reads it, until a moment. A socket's own time-out begins anew with every byte."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from io import BufferedReader, RawIOBase
from typing import Any

__all__ = ["Timely"]


class Timely:
    """Makes readers of `held` that raise TimeoutError once `until` (of `clock`, seconds) has come."""

    def __init__(self, held: socket.socket, until: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._held, self._until, self._clock = held, until, clock

    def makefile(self, mode: str) -> BufferedReader:  # noqa: ARG002 - always "rb"
        """Return a reader, as `socket.makefile` would."""
        return BufferedReader(_Reader(self._held, self._until, self._clock))


class _Reader(RawIOBase):
    def __init__(self, held: socket.socket, until: float, clock: Callable[[], float]) -> None:
        # The socket's own raw reader keeps the socket open where the connection has let go of it already.
        self._held, self._raw = held, held.makefile("rb", buffering=0)
        self._until, self._clock = until, clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - self._clock()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._held.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
