"""Splits what an RTSP camera sends into messages, as strictly as needed to see them exactly as FFmpeg would. Pure.

The relay looks at every answer before FFmpeg does. If the two understood a byte differently, a hostile camera could
hide a redirect in what the relay takes for a body. So whatever FFmpeg would read in a way of its own (a lone carriage
return, a line that begins with `$`, two lengths, NUL) is refused. Source: RFC 2326 and FFmpeg's `rtsp.c`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Message", "MessageReader", "ProtocolError"]

_STATUS: Final = re.compile(rb"RTSP/1\.[01] ([0-9]{3})(?: [^\x00-\x08\x0a-\x1f]*)?")
_LENGTH: Final = re.compile(rb"content-length:[ \t]*([0-9]{1,7})[ \t]*", re.IGNORECASE)
_CSEQ: Final = re.compile(rb"cseq:[ \t]*([0-9]{1,9})[ \t]*", re.IGNORECASE)
_BAD_LINE: Final = re.compile(rb"^\$|[\x00-\x08\x0b-\x1f\x7f]")
_INTERLEAVED: Final = ord("$")
_MAX_HEAD: Final = 32 * 1024
_MAX_LINE: Final = 4000
_MAX_BODY: Final = 256 * 1024


class ProtocolError(Exception):
    """The camera's answer is malformed or beyond the limits."""


@dataclass(frozen=True, slots=True)
class Message:
    """One answer, or one packet between answers.

    Attributes:
        status: of an answer; 0 for an interleaved packet.
        cseq: the number of the request that it answers; -1 without one.
        data: all of its bytes.
    """

    status: int
    cseq: int
    data: bytes


class MessageReader:
    """Takes bytes as they come and gives whole messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes | memoryview) -> Iterator[Message]:
        """Add bytes and yield the messages that are whole now.

        Raises:
            ProtocolError: if a message is malformed or too long.
        """
        self._buffer += data
        while (end := self._end()) is not None:
            message = self._message(end)
            del self._buffer[: len(message.data)]
            yield message

    def rest(self) -> bytes:
        """Return, and forget, what no message was made of yet."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def _end(self) -> int | None:
        """Return where the next message's head (or its interleaved packet) ends, None while it is not whole."""
        buffer = self._buffer
        if not buffer:
            return None
        if buffer[0] == _INTERLEAVED:
            length = 4 + int.from_bytes(buffer[2:4], "big")
            return length if len(buffer) >= max(length, 4) else None
        end = _head_end(buffer)
        if end is None:
            if len(buffer) > _MAX_HEAD:
                raise ProtocolError("an answer's header is too long")
            return None
        return end if len(buffer) >= end + _body_length(buffer[:end]) else None

    def _message(self, end: int) -> Message:
        head = bytes(self._buffer[:end])
        if head[0] == _INTERLEAVED:
            return Message(0, -1, head)
        lines = _lines(head)
        status = _STATUS.fullmatch(lines[0])
        if status is None:
            raise ProtocolError("an answer does not begin with an RTSP status")
        cseq = [match for match in map(_CSEQ.fullmatch, lines) if match]
        data = bytes(self._buffer[: end + _body_length(head)])
        return Message(int(status[1]), int(cseq[-1][1]) if cseq else -1, data)


def _head_end(buffer: bytearray) -> int | None:
    ends = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n", b"\n\r\n") if (at := buffer.find(mark)) >= 0]
    return min(ends, default=None)


def _lines(head: bytes | bytearray) -> list[bytes]:
    lines = [bytes(line).removesuffix(b"\r") for line in head.split(b"\n")]
    if len(head) > _MAX_HEAD or any(len(line) > _MAX_LINE or _BAD_LINE.search(line) for line in lines):
        raise ProtocolError("an answer's header is malformed")
    return lines


def _body_length(head: bytes | bytearray) -> int:
    lengths = [line for line in _lines(head) if line.lower().startswith(b"content-length:")]
    if not lengths:
        return 0
    match = _LENGTH.fullmatch(lengths[0])
    if len(lengths) > 1 or match is None or int(match[1]) > _MAX_BODY:
        raise ProtocolError("an answer's length is malformed or too great")
    return int(match[1])
