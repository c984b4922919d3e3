"""The way to an RTSP or RTSPS camera: dial it, put the relay before it, and give FFmpeg a URL that leads to the relay.

Runs in the pod's main process: no byte of a camera is decoded here. The URL holds the camera's login, and leads to
loopback only.
"""

from __future__ import annotations

from dataclasses import dataclass

from camera_runtime.capture.address import RtspAddress
from camera_runtime.capture.credentials import Credentials
from camera_runtime.capture.dial import Resolve, dial, resolve
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.problem import SourceError
from camera_runtime.capture.relay import Relay

__all__ = ["CredentialFiles", "RtspPath"]


@dataclass(frozen=True, slots=True)
class CredentialFiles:
    """Paths of a mounted Secret's files; empty where the camera asks for no login."""

    username: str = ""
    password: str = ""


class RtspPath:
    """One connection to an RTSP camera, up to the relay.

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
        self._aborted = False

    def open(self) -> str:
        """Connect to the camera; return the URL for FFmpeg.

        Raises:
            SourceError: if that fails or takes too long.
        """
        credentials = Credentials.read(self._files.username, self._files.password)
        relay = self._relay = Relay(dial(self._address, self._rule, self._resolver))
        relay.start()
        if self._aborted:
            relay.abort()
        return f"rtsp://{credentials.user_info()}127.0.0.1:{relay.port}{self._address.target}"

    @property
    def problem(self) -> SourceError | None:
        """What the relay saw go wrong; better than FFmpeg's own word."""
        return self._relay.problem if self._relay else None

    @property
    def lost_packets(self) -> int:
        """How many RTP packets the camera's stream lacks so far."""
        return self._relay.lost_packets if self._relay else 0

    def abort(self) -> None:
        """Cut the connection. From any thread."""
        self._aborted = True
        if self._relay:
            self._relay.abort()

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        if self._relay:
            self._relay.close()
