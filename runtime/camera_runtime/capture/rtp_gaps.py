"""Counts the RTP packets that a camera's stream lacks, from their sequence numbers, as the bytes pass by. Pure.

FFmpeg over TCP says nothing of a gap: pictures are just not there. A camera behind a lossy link loses packets before
they come into its TCP connection.
"""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["RtpGaps"]

_INTERLEAVED: Final = ord("$")
_HEAD: Final = struct.Struct(">xBHxxH")  # `$`, channel, length; then RTP's version and type, and its sequence number
_PREFIX: Final = 4
_MESSAGE_END: Final = b"\r\n\r\n"
_MAX_MESSAGE: Final = 8192
_MAX_GAP: Final = 3000
"""A greater step is another stream's beginning, not a gap (RFC 3550, appendix A.1)."""


class RtpGaps:
    """Follows one connection from PLAY on. Gives up silently where the bytes are not what they should be."""

    def __init__(self) -> None:
        self.lost = 0
        self._skip = 0
        self._rest = b""
        self._last: dict[int, int] = {}
        self._lost_track = False

    def feed(self, data: memoryview) -> None:
        """Take the next bytes."""
        if self._lost_track:
            return
        if self._skip >= len(data):
            self._skip -= len(data)
            return
        view = memoryview(self._rest + bytes(data[self._skip :])) if self._rest else data[self._skip :]
        self._rest = b""
        at, end = 0, len(view)
        while at < end:
            if end - at < _HEAD.size:
                break
            after = self._packet(view, at) if view[at] == _INTERLEAVED else self._message(view, at)
            if after < 0:
                break
            at = after
        self._skip = max(0, at - end)
        self._rest = bytes(view[at:]) if at < end else b""

    def _packet(self, view: memoryview, at: int) -> int:
        """Look at the packet that begins at `at`; return where it ends."""
        channel, length, sequence = _HEAD.unpack_from(view, at)
        if not channel & 1:  # odd ones carry RTCP
            last = self._last.get(channel)
            gap = (sequence - last - 1) & 0xFFFF if last is not None else 0
            if gap < _MAX_GAP:
                self.lost += gap
            self._last[channel] = sequence
        return at + _PREFIX + int(length)

    def _message(self, view: memoryview, at: int) -> int:
        """Skip an RTSP answer among the packets; -1 while it is not whole."""
        head = bytes(view[at : at + _MAX_MESSAGE])
        found = head.find(_MESSAGE_END)
        if found >= 0:
            return at + found + len(_MESSAGE_END)
        self._lost_track = len(head) == _MAX_MESSAGE
        return -1
