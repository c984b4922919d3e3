"""The connection's inside: commands that leave together, and answers read without copying pictures about.

redis-py's client costs more per command than Redis itself, and its parser copies a picture four times. A link has one
connection and one thread, so it needs no pool: what is asked for together is written at once, and answered in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from ssl import SSLWantReadError
from typing import Any, Final

from redis import Redis
from redis._parsers import BaseParser  # the type that `parser_class` takes; redis-py names it nowhere else
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import InvalidResponse
from redis.exceptions import TimeoutError as SlowError

__all__ = ["Argument", "Command", "PictureParser", "exchange", "packed", "set_picture"]

_START_BYTES: Final = 65_536
_COPIED_BYTES: Final = 16_384
_SPARE_BYTES: Final = 4_194_304
"""A buffer that grew beyond this for one huge answer is let go of again."""

Argument = str | bytes | int | float
Command = Sequence[Argument]


def exchange(client: Redis, *commands: Command) -> list[Any]:
    """Send commands in one go and return their answers in order; an answer that says no is returned as its exception.

    The client keeps one connection from then on: it is one thread's.

    Raises:
        redis.exceptions.RedisError: if the connection failed on the way: what took effect is not known.
    """
    connection: Any = client.connection
    if connection is None:
        connection = client.connection = client.connection_pool.get_connection()
    connection.send_packed_command(packed(commands))
    read = connection._parser.read_response  # noqa: SLF001 - `PictureParser`, see `RedisLink`
    try:
        return [read() for _ in commands]
    except TimeoutError:
        connection.disconnect()
        raise SlowError("no answer in time") from None
    except BaseException:
        connection.disconnect()  # what comes next would be an answer to this question
        raise


def packed(commands: Sequence[Command]) -> list[bytes]:
    """Return the commands as Redis reads them, in as few pieces as can be without copying a picture."""
    pieces: list[bytes] = []
    small: list[bytes] = []
    for command in commands:
        small.append(b"*%d\r\n" % len(command))
        for argument in command:
            part = argument if isinstance(argument, bytes) else str(argument).encode()
            if len(part) < _COPIED_BYTES:
                small.append(b"$%d\r\n%b\r\n" % (len(part), part))
                continue
            small.append(b"$%d\r\n" % len(part))
            pieces += (b"".join(small), part)
            small = [b"\r\n"]
    return [*pieces, b"".join(small)]


def set_picture(key: str, picture: bytes, seconds: int) -> tuple[Command, ...]:
    """Return the command that stores a picture for so long; none where there is no key."""
    return (("SET", key, picture, "EX", seconds),) if key else ()


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
        answer = self._read()
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
