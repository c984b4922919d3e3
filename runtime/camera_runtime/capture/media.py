"""FFmpeg's part: opens a stream at a URL of this machine and gives its packets.

Runs in the decoder's process. The URL is the relay's (with the camera's login in it) or a file's; no exception of
FFmpeg's leaves this module, because its text holds that URL. Options are those that FFmpeg 8 was seen to obey: it
ignores unknown ones without a word.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from camera_runtime.capture.events import Received
from camera_runtime.capture.memory_left import memory_left
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["FFMPEG_FAILURES", "MAX_PIXELS", "MediaPacket", "MediaSource"]

MAX_PIXELS: Final = 8192 * 4320
"""Largest picture that is decoded."""
FFMPEG_FAILURES: Final = (av.FFmpegError, OSError, ValueError, MemoryError)

_OPTIONS: Final = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "flags": "low_delay",
    "max_streams": "16",
    "probesize": "1000000",
    "analyzeduration": "100000",  # microseconds; with FFmpeg's own 5 s a camera is back a second later
    "fpsprobesize": "0",
    "max_pixels": str(MAX_PIXELS),  # for the decoder by which FFmpeg looks into the stream at its opening
}
_DECODER_OPTIONS: Final = {"max_pixels": str(MAX_PIXELS)}  # for ours: those above do not reach it
_OPEN_SECONDS: Final = 5.0
_READ_SECONDS: Final = 5.0
_ALMOST: Final = 0.9


@dataclass(frozen=True, slots=True)
class MediaPacket:
    """A packet of FFmpeg's."""

    received: Received
    keyframe: bool
    pts: int | None
    packet: av.Packet[VideoStream]

    def decode(self) -> Sequence[av.VideoFrame]:
        """Decode in the calling thread."""
        try:
            return self.packet.decode()
        except FFMPEG_FAILURES as error:
            why = type(error).__name__
        codec = self.packet.stream.codec_context
        # FFmpeg's own word for a picture that it had no memory for is often that of damaged data.
        if why == "MemoryError" or memory_left() < codec.width * codec.height * 3 // 2:
            raise SourceError(
                Problem.EXCESSIVE, f"pictures of {codec.width}x{codec.height} need more memory than a decoder may have"
            )
        raise SourceError(Problem.INVALID_STREAM, f"a picture could not be decoded ({why})")


class MediaSource:
    """One connection to an RTSP server on this machine's loopback: the relay. See `Source`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._container: InputContainer | None = None

    def open(self) -> None:
        """See `Source.open`."""
        begun = time.monotonic()
        try:
            self._container = av.open(self._url, options=dict(_OPTIONS), timeout=(_OPEN_SECONDS, _READ_SECONDS))
        except FFMPEG_FAILURES as error:
            why = type(error).__name__
        else:
            return prepare(self._container)
        # Raised outside of the handler: FFmpeg's exception, which holds the URL, must not hang on ours.
        raise _problem(why, time.monotonic() - begun, _OPEN_SECONDS)

    def packets(self) -> Iterator[MediaPacket]:
        """See `Source.packets`."""
        if self._container is None:
            raise RuntimeError("packets() comes after open()")
        begun, why = time.monotonic(), "the stream ended"
        try:
            for packet in self._container.demux(self._container.streams.video[0]):
                received = Received(time.time_ns(), time.monotonic_ns())
                if packet.size:
                    yield MediaPacket(received, packet.is_keyframe, packet.pts, packet)
                begun = time.monotonic()
        except FFMPEG_FAILURES as error:
            why = type(error).__name__
        raise _problem(why, time.monotonic() - begun, _READ_SECONDS)

    def abort(self) -> None:
        """See `Source.abort`; the relay's end, or the process's, is what breaks a read."""

    def close(self) -> None:
        """See `Source.close`."""
        if self._container:
            self._container.close()


def prepare(container: InputContainer) -> None:
    """Check what was opened, and set limits that hold for its decoder.

    Raises:
        SourceError: if there is no video, or its pictures are too large.
    """
    if not container.streams.video:
        raise SourceError(Problem.INVALID_STREAM, "the camera offers no video stream that FFmpeg knows")
    codec = container.streams.video[0].codec_context
    if codec.width * codec.height > MAX_PIXELS:
        raise SourceError(Problem.EXCESSIVE, f"pictures of {codec.width}x{codec.height} are too large")
    codec.options = dict(_DECODER_OPTIONS)
    codec.thread_count = 1  # one 1080p stream needs a tenth of a core; threads only add delay


def _problem(why: str, waited: float, limit: float) -> SourceError:
    """Say what went wrong; FFmpeg's own words for a time-out are those for damaged data."""
    if why == "MemoryError":
        return SourceError(Problem.EXCESSIVE, "the stream needs more memory than a decoder may have")
    if waited >= limit * _ALMOST:
        return SourceError(Problem.SILENT, f"no picture came in {limit:g} s")
    return SourceError(Problem.INVALID_STREAM, f"the stream cannot be read ({why})")
