"""PictureParser: reads what Redis answers without copying pictures about; redis-py's own parser copies each four times."""

from __future__ import annotations

from ssl import SSLWantReadError
from typing import Any, Final

from redis._parsers import BaseParser  # the type that `parser_class` takes; redis-py names it nowhere else
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import InvalidResponse

__all__ = ["PictureParser"]

_START_BYTES: Final = 65_536
_SPARE_BYTES: Final = 4_194_304
"""A buffer that grew beyond this for one huge answer is let go of again."""


_MOST_BYTES: Final = 536_870_912
"""Of one value, as Redis has it by default (`proto-max-bulk-len`): what is longer is no Redis."""
_LONGEST_LINE: Final = 65_536


class PictureParser(BaseParser):
    """Reads RESP2 from the socket into one buffer that is used again and again; every value is copied out of it once."""

    def __init__(self, socket_read_size: int = _START_BYTES) -> None:
        self._sock: Any = None
        self._size = max(socket_read_size, _START_BYTES)
        self._forget()

    def _forget(self) -> None:
        self._buffer = bytearray(self._size)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0

    def on_connect(self, connection: Any) -> None:
        """Begin with an empty buffer."""
        self._sock, self._timeout = connection._sock, connection.socket_timeout  # noqa: SLF001 - the parser's interface
        self._forget()

    def on_disconnect(self) -> None:
        """Let go of the socket."""
        self._sock = None

    def can_read(self, timeout: float = 0) -> bool:
        """Whether something waits to be read, within `timeout` seconds."""
        if self._start < self._end:
            return True
        if self._sock is None:
            return False
        self._sock.settimeout(timeout)
        try:
            self._receive(1)
        except (TimeoutError, BlockingIOError, SSLWantReadError):
            return False
        finally:
            self._sock.settimeout(self._timeout)
        return True

    def read_response(self, disable_decoding: bool = False, timeout: object = None) -> Any:  # noqa: ARG002, FBT001, FBT002 - redis-py's
        """Return the next answer; one that says no is returned as its exception, a fatal one raised."""
        try:
            answer = self._read()
        except (RecursionError, MemoryError):
            raise InvalidResponse("Redis answered more than can be held") from None
        if self._start == self._end:
            self._start = self._end = 0
            if len(self._buffer) > _SPARE_BYTES:
                self._forget()
        return answer

    def _read(self) -> Any:
        buffer, start = self._buffer, self._start
        found = buffer.find(b"\r\n", start, self._end)
        if found > start and buffer[start] == _BULK:  # nearly all answers' parts, and here already
            begin = found + 2
            finish = begin + int(buffer[start + 1 : found])
            if begin <= finish <= self._end - 2:
                self._start = finish + 2
                return bytes(self._view[begin:finish])
        return self._read_slowly()

    def _read_slowly(self) -> Any:
        line = self._line()
        kind, rest = line[0], line[1:]
        if kind == _BULK:
            return self._bulk(int(rest))
        if kind == _INTEGER:
            return int(rest)
        if kind == _ARRAY:
            return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
        if kind == _SIMPLE:
            return rest
        if kind != _ERROR:
            raise InvalidResponse("Redis answered in no form of its protocol")
        error = self.parse_error(rest.decode("utf-8", "replace"))  # type: ignore[no-untyped-call]  # redis-py has no annotation here
        if isinstance(error, LostError):
            raise error
        return error

    def _line(self) -> bytes:
        begun = self._start
        while (found := self._buffer.find(b"\r\n", begun, self._end)) < 0:
            if self._end - self._start > _LONGEST_LINE:
                raise InvalidResponse("Redis answered a line without an end")
            begun = max(self._start, self._end - 1)
            shift = self._receive(1)
            begun -= shift
        line = bytes(self._view[self._start : found])
        self._start = found + 2
        if not line:
            raise InvalidResponse("Redis answered an empty line")
        return line

    def _bulk(self, length: int) -> bytes | None:
        if length < 0:
            return None
        if length > _MOST_BYTES:
            raise InvalidResponse("Redis answered a value that is too long")
        missing = length + 2 - (self._end - self._start)
        while missing > 0:
            self._receive(missing)
            missing = length + 2 - (self._end - self._start)
        value = bytes(self._view[self._start : self._start + length])
        self._start += length + 2
        return value

    def _receive(self, wanted: int) -> int:
        """Read what the socket has, with room for `wanted` bytes; return by how much the unread part moved."""
        moved = 0
        if len(self._buffer) - self._end < wanted:
            moved = self._make_room(wanted)
        received = self._sock.recv_into(self._view[self._end :])
        if not received:
            raise LostError("Redis closed the connection")
        self._end += received
        return moved

    def _make_room(self, wanted: int) -> int:
        moved, unread = self._start, self._end - self._start
        size = len(self._buffer)
        while size < unread + wanted:
            size *= 2
        fresh = bytearray(size) if size > len(self._buffer) else self._buffer
        fresh[:unread] = bytes(self._view[self._start : self._end])
        if fresh is not self._buffer:
            self._buffer, self._view = fresh, memoryview(fresh)
        self._start, self._end = 0, unread
        return moved


_BULK, _INTEGER, _ARRAY, _SIMPLE, _ERROR = b"$:*+-"
