"""Intake: how a replica gets its frames: a few at a time, in turns over the cameras, then their pictures in one go."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from redis import Redis
from redis.exceptions import ResponseError

from camera_runtime.transports.redis import scripts
from camera_runtime.transports.redis.connection import RedisLink
from camera_runtime.transports.redis.entry import Entry
from camera_runtime.transports.redis.settings import Settings
from camera_runtime.transports.redis.wire import exchange

__all__ = ["Intake"]

_AT_ONCE: Final = 4
_SLOW_SECONDS: Final = 0.2
"""A replica that takes longer for a frame takes one at a time, and leaves the rest to others."""
_FRESH_SECONDS: Final = 1.0
"""Older than this, a frame in the buffer may have been claimed by somebody else meanwhile."""
_LONGEST_BLOCK: Final = 1.0
_CLAIM_EVERY: Final = 1.0


class Intake:
    """Takes frames of `stage` for one replica."""

    def __init__(self, settings: Settings, link: RedisLink, stage: str, claim_after_seconds: float) -> None:
        self._settings, self._link, self._stage = settings, link, stage
        self._pictures = settings.keys.pictures.encode()
        self._idle_ms = int(claim_after_seconds * 1000)
        self._claim_every = min(_CLAIM_EVERY, claim_after_seconds)
        self._next_claim = 0.0
        self._first_stream = 0
        self._resumed = False
        self._last_fill = settings.clock() - _SLOW_SECONDS
        self._last_number = 1

    def claim_soon(self) -> None:
        """Look for frames that were given back with the next fill."""
        self._next_claim = 0.0

    def fill(self, buffer: deque[Entry], streams: Mapping[str, str], timeout_seconds: float) -> None:
        """Add frames to `buffer`; wait for one, at most `timeout_seconds` or 1 s, if there is none.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        if not streams:
            self._settings.sleep(min(timeout_seconds, _LONGEST_BLOCK))
            return
        buffer.extend(self._take(streams))
        if not buffer and timeout_seconds > 0:
            buffer.extend(self._wait(streams, timeout_seconds))
        self._last_fill, self._last_number = self._settings.clock(), max(1, len(buffer))

    def is_ours(self, entry: Entry) -> bool:
        """Whether this replica is still the one to process the entry.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        if self._settings.clock() - entry.taken_at > _FRESH_SECONDS:
            arguments = (self._stage, self._settings.replica, entry.entry_id, entry.text("frame_id"))
            verdict = self._link.call(
                lambda client: scripts.CHECK.run(client, [entry.stream], self._settings.keys.prefix, *arguments)
            )
            # LOST: the broker has forgotten the frame, so nobody else has it, and it is not lost yet.
            if verdict not in {b"MINE", b"LOST"}:
                return False
        return True

    def fetch(self, entry: Entry) -> None:
        """Get the entry's picture.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """

        def work(client: Redis) -> None:
            (answer,) = exchange(client, ("GET", entry.picture_key))
            entry.keep_picture(answer)
            if entry.lacks_picture:
                raise answer

        self._link.call(work)

    def lag(self, streams: Mapping[str, str]) -> dict[str, int]:
        """Return how many frames wait, by camera.

        Raises:
            BrokerUnavailableError: if the broker does not answer.
        """
        if not streams:
            return {}
        lags = self._link.call(lambda client: scripts.LAG.run(client, list(streams), self._stage))
        return {camera: int(lag) for camera, lag in zip(streams.values(), lags, strict=True)}

    def _take(self, streams: Mapping[str, str]) -> list[Entry]:
        settings, names = self._settings, list(streams)
        arguments = (
            *(settings.keys.prefix, settings.stream_seconds, self._stage, settings.replica),
            *(self._number(), self._first_stream % len(names), self._mode(), self._idle_ms),
        )
        taken, self._first_stream, lying = self._link.call(lambda client: scripts.TAKE.run(client, names, *arguments))
        self._resumed = self._resumed or not lying
        return [self._entry(names[number], streams, *found) for number, *found in taken]

    def _wait(self, streams: Mapping[str, str], timeout_seconds: float) -> list[Entry]:
        block = max(1, int(min(timeout_seconds, _LONGEST_BLOCK) * 1000))
        wanted: dict[bytes | str | memoryview, int | bytes | str | memoryview] = dict.fromkeys(streams, ">")

        def work(client: Redis) -> Any:
            try:
                return client.xreadgroup(self._stage, self._settings.replica, wanted, count=1, block=block)
            except ResponseError:
                return []  # a stream or group went while we waited: the next take makes it again

        return [
            self._entry(stream.decode(), streams, found_id, fields, 1, 0, 0)
            for stream, found in self._link.call(work) or ()
            for found_id, fields in found
        ]

    def _entry(
        self, stream: str, streams: Mapping[str, str], entry_id: bytes, fields: Any, count: int, done: int, waited: int
    ) -> Entry:
        named = fields if isinstance(fields, Mapping) else dict(zip(fields[::2], fields[1::2], strict=True))
        camera, now = streams[stream], self._settings.clock()
        entry = Entry(stream, camera, entry_id.decode(), named, count, bool(done), float(waited), now)
        key = named.get(b"picture", b"")
        entry.misplaced = key != b"" and not key.startswith(self._pictures)  # another pipeline's, say
        return entry

    def _number(self) -> int:
        a_frame = (self._settings.clock() - self._last_fill) / self._last_number
        return _AT_ONCE if a_frame < _SLOW_SECONDS else 1

    def _mode(self) -> str:
        if not self._resumed:
            return "resume"
        now = self._settings.clock()
        if now < self._next_claim:
            return "new"
        self._next_claim = now + self._claim_every
        return "claim"
