"""RTSP and RTSPS cameras: FFmpeg over TCP, through a relay of ours.

Credentials go into the URL that FFmpeg gets, which leads to the relay on loopback only; no exception of FFmpeg's
leaves this module, because its text holds that URL. Options are those that FFmpeg 8 was seen to obey: it ignores
unknown ones without a word.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from camera_runtime.capture.address import RtspAddress
from camera_runtime.capture.credentials import Credentials
from camera_runtime.capture.dial import Resolve, dial, resolve
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.relay import Relay

__all__ = ["MAX_PIXELS", "CredentialFiles", "RtspSource"]

MAX_PIXELS: Final = 8192 * 4320
"""Largest picture that is decoded."""

_OPTIONS: Final = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "flags": "low_delay",
    "probesize": "1000000",
    "analyzeduration": "100000",  # microseconds; with FFmpeg's own 5 s a camera is back a second later
    "fpsprobesize": "0",
}
_DECODER_OPTIONS: Final = {"max_pixels": str(MAX_PIXELS)}  # without effect among the options above
_OPEN_SECONDS: Final = 5.0
_READ_SECONDS: Final = 5.0
_ALMOST: Final = 0.9
_FAILURES: Final = (av.FFmpegError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class CredentialFiles:
    """Paths of a mounted Secret's files; empty where the camera asks for no login."""

    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class _RtspPacket:
    received_ns: int
    keyframe: bool
    packet: av.Packet[VideoStream]

    def decode(self) -> Sequence[av.VideoFrame]:
        """Decode in the calling thread."""
        try:
            return self.packet.decode()
        except _FAILURES as error:
            why = type(error).__name__
        raise SourceError(Problem.INVALID_STREAM, f"a picture could not be decoded ({why})")


class RtspSource:
    """One connection to an RTSP camera.

    Args:
        address: the camera, without credentials.
        files: where its credentials are; read when it is opened.
        rule: which addresses it may have.
        resolver: gives the host's addresses.
    """

    def __init__(
        self, address: RtspAddress, files: CredentialFiles, rule: NetworkRule, resolver: Resolve = resolve
    ) -> None:
        self._address = address
        self._files = files
        self._rule = rule
        self._resolver = resolver
        self._relay: Relay | None = None
        self._container: InputContainer | None = None
        self._aborted = False

    def open(self) -> None:
        """See `Source.open`."""
        credentials = Credentials.read(self._files.username, self._files.password)
        relay = self._relay = Relay(dial(self._address, self._rule, self._resolver))
        relay.start()
        if self._aborted:
            relay.abort()
        url = f"rtsp://{credentials.user_info()}127.0.0.1:{relay.port}{self._address.target}"
        begun = time.monotonic()
        try:
            self._container = av.open(url, options=dict(_OPTIONS), timeout=(_OPEN_SECONDS, _READ_SECONDS))
        except _FAILURES as error:
            why = type(error).__name__
        else:
            return self._check(self._container)
        # Raised outside of the handler: FFmpeg's exception, which holds the URL, must not hang on ours.
        raise self._problem(why, time.monotonic() - begun, _OPEN_SECONDS)

    def packets(self) -> Iterator[_RtspPacket]:
        """See `Source.packets`."""
        container, stream = self._opened()
        begun, why = time.monotonic(), "the stream ended"
        try:
            for packet in container.demux(stream):
                if packet.size:
                    yield _RtspPacket(time.time_ns(), packet.is_keyframe, packet)
                begun = time.monotonic()
        except _FAILURES as error:
            why = type(error).__name__
        raise self._problem(why, time.monotonic() - begun, _READ_SECONDS)

    def abort(self) -> None:
        """See `Source.abort`."""
        self._aborted = True
        if self._relay:
            self._relay.abort()

    def close(self) -> None:
        """See `Source.close`."""
        if self._relay:
            self._relay.abort()  # first, so that FFmpeg's TEARDOWN cannot wait for a silent camera
        if self._container:
            self._container.close()
        if self._relay:
            self._relay.close()

    def _opened(self) -> tuple[InputContainer, VideoStream]:
        if self._container is None:
            raise RuntimeError("packets() comes after open()")
        return self._container, self._container.streams.video[0]

    def _check(self, container: InputContainer) -> None:
        if not container.streams.video:
            raise SourceError(Problem.INVALID_STREAM, "the camera offers no video stream that FFmpeg knows")
        codec = container.streams.video[0].codec_context
        if codec.width * codec.height > MAX_PIXELS:
            raise SourceError(Problem.INVALID_STREAM, f"pictures of {codec.width}x{codec.height} are too large")
        codec.options = dict(_DECODER_OPTIONS)
        codec.thread_count = 1  # one 1080p stream needs a tenth of a core; threads only add delay

    def _problem(self, why: str, waited: float, limit: float) -> SourceError:
        """Say what went wrong; FFmpeg's own words for a time-out are those for damaged data."""
        if self._relay and self._relay.problem:
            return self._relay.problem
        if waited >= limit * _ALMOST or self._aborted:
            return SourceError(Problem.SILENT, f"no picture came in {limit:g} s")
        return SourceError(Problem.INVALID_STREAM, f"the stream cannot be read ({why})")
