"""Finished: what a replica finished lately, said again to a Redis that was restarted and may not know.

A handler may take far longer than those who handed frames over wait for that (see `Outstanding`), so a herald says it
as well, from a thread and over a connection of its own. It learns of a restart from that connection, which breaks.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from frame_tracking import FrameID

from camera_runtime.transports.base import BrokerUnavailableError
from camera_runtime.transports.redis import scripts
from camera_runtime.transports.redis.connection import RedisLink
from camera_runtime.transports.redis.settings import Settings
from camera_runtime.transports.redis.wire import exchange

__all__ = ["Finished", "Herald"]

_KEPT: Final = 8192
"""More than a stage finishes between two looks of those who hand it frames, see `Outstanding`."""
_LOOK_SECONDS: Final = 1.0
_LOOKS: Final = 5
"""How often a herald looks at its connection, at least, in the time that it has."""
_END_SECONDS: Final = 0.5


class Finished:
    """The frames that one replica of `stage` finished, the newest ones. One thread adds, any may say them again."""

    def __init__(self, settings: Settings, stage: str) -> None:
        self._settings, self._stage = settings, stage
        self._frames: deque[FrameID] = deque(maxlen=_KEPT)

    def add(self, frame_id: FrameID) -> None:
        """Remember a frame."""
        self._frames.append(frame_id)

    def say_again(self, link: RedisLink) -> None:
        """Mark all of them as finished.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        frames = self._frames.copy()  # in one step, whatever the other thread does
        if not frames:
            return
        keys, head = self._settings.keys, (self._settings.stream_seconds, self._stage)
        link.call(lambda client: scripts.REMEMBER.run(client, [keys.dead(self._stage)], keys.prefix, *head, *frames))


class Herald:
    """Says again what was finished whenever its connection is a new one, until it is closed.

    Args:
        settings: of the pipeline's broker.
        link: the herald's own.
        say_again: is called with it.
    """

    def __init__(self, settings: Settings, link: RedisLink, say_again: Callable[[RedisLink], None]) -> None:
        self._link, self._say_again = link, say_again
        self._pause = min(_LOOK_SECONDS, settings.lost_after_seconds / _LOOKS)
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Begin, once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="redis-herald", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End; a broker that does not answer is waited for no longer than a moment."""
        self._end.set()
        if self._thread is not None:
            self._thread.join(_END_SECONDS)

    def _work(self) -> None:
        said = 0
        while not self._end.wait(self._pause):
            with suppress(BrokerUnavailableError):
                said = self._look(said)
        self._link.close()

    def _look(self, said: int) -> int:
        """Return on which connection everything was said."""
        # Not `client.ping()`: redis-py would replace a broken connection without a word, and nobody would learn of it.
        self._link.call(lambda client: exchange(client, ("PING",)))
        generation = self._link.generation()
        if generation == said:
            return said
        self._say_again(self._link)
        return generation if generation == self._link.generation() else 0
