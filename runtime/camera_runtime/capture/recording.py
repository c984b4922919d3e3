"""A recording as a source: its pictures come as fast as a camera would send them, again and again or once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from camera_runtime.capture.events import Received
from camera_runtime.capture.file_address import FileAddress
from camera_runtime.capture.media import FFMPEG_FAILURES, MediaPacket, prepare
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["RecordingSource"]

_OPTIONS: Final = {"protocol_whitelist": "file"}  # a playlist must not lead elsewhere
_SECOND: Final = 1_000_000_000


class RecordingSource:
    """Reads a recording; see `Source`."""

    def __init__(self, address: FileAddress) -> None:
        self._address = address
        self._container: InputContainer | None = None
        self._ended = threading.Event()

    def open(self) -> None:
        """See `Source.open`."""
        try:
            self._container = av.open(f"file:{self._address.path}", options=dict(_OPTIONS))
        except FFMPEG_FAILURES as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise SourceError(Problem.NOT_FOUND, f"{self._address.path} cannot be read: {why}") from None
        prepare(self._container)

    def packets(self) -> Iterator[MediaPacket]:
        """See `Source.packets`."""
        while not self._ended.is_set():
            if self._container is None:
                self.open()
            yield from self._once()
            if not self._address.loops:
                raise SourceError(Problem.ENDED, f"{self._address.path} was read to its end")
            self.close()
        raise SourceError(Problem.CLOSED, "the recording was closed")

    def abort(self) -> None:
        """See `Source.abort`."""
        self._ended.set()

    def close(self) -> None:
        """See `Source.close`."""
        container, self._container = self._container, None
        if container:
            container.close()

    def _once(self) -> Iterator[MediaPacket]:
        if self._container is None:
            raise RuntimeError("packets() comes after open()")
        stream = self._container.streams.video[0]
        begun = time.monotonic_ns()
        try:
            for number, packet in enumerate(self._container.demux(stream)):
                if self._address.paced and packet.size and self._wait(begun + _due_ns(packet, stream, number)):
                    return
                received = Received(time.time_ns(), time.monotonic_ns())
                yield MediaPacket(
                    received, packet.is_keyframe, packet.pts, packet
                )  # the last, empty one ends the decoder
        except FFMPEG_FAILURES as error:
            why = type(error).__name__
            raise SourceError(Problem.INVALID_STREAM, f"{self._address.path} cannot be read ({why})") from None

    def _wait(self, due_ns: int) -> bool:
        return self._ended.wait(max(0, due_ns - time.monotonic_ns()) / 1e9)


def _due_ns(packet: av.Packet[VideoStream], stream: VideoStream, number: int) -> int:
    """Return when a packet is due after the recording's begin; a bare stream without time stamps has a rate only."""
    if packet.dts is not None and stream.time_base is not None:
        return int((packet.dts - (stream.start_time or 0)) * stream.time_base * _SECOND)
    return int(number * _SECOND / (stream.average_rate or 25))
