"""A simulated camera as a process of this machine: start, wait until it answers, stop.

For the command line and for tests. Knows nothing of Kubernetes.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.camera.clip import ClipSpec, cached_clip

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEBIAN_PACKAGES", "CameraError", "CameraOptions", "answers", "running_camera"]

SYSTEM_PYTHON = Path("/usr/bin/python3")
DEBIAN_PACKAGES = ("python3-gi", "gir1.2-gst-rtsp-server-1.0", "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good")
_ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 15.0
_SMALL = ClipSpec(640, 360, 15)


class CameraError(RuntimeError):
    """The camera's process did not start; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class CameraOptions:
    """What a camera serves: ``cameras`` streams /cam01, /cam02 … of ``clip``, and /small (640x360, 15 fps).

    With a ``user`` viewers must log in: by Digest, or by Basic when ``basic`` is set. Port 0 takes a free one.
    """

    clip: ClipSpec = field(default_factory=ClipSpec)
    port: int = 8554
    address: str = "127.0.0.1"
    cameras: int = 1
    user: str = ""
    password: str = field(default="", repr=False)
    basic: bool = False


@contextlib.contextmanager
def running_camera(options: CameraOptions) -> Iterator[str]:
    """Run a camera; yields the URL of its first stream (without credentials) as soon as the server answers.

    Raises:
        CameraError: a Debian package is missing, the port is taken, or the server ended.
    """
    port = options.port or _free_port(options.address)
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(_command(options, port), cwd=_ROOT, env=_environment(options), stdout=log, stderr=log)
        try:
            _wait_until_ready(server, options.address, port, log.fileno())
            yield f"rtsp://{options.address}:{port}/cam01"
        finally:
            server.terminate()
            server.wait(10)


def answers(address: str, port: int) -> bool:
    """Tell whether an RTSP server answers there, be it with a refusal."""
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1) as connection:
        connection.settimeout(2)
        connection.sendall(f"OPTIONS rtsp://{address}:{port}/cam01 RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        return connection.recv(64).startswith(b"RTSP/1.0")
    return False


def _command(options: CameraOptions, port: int) -> list[str]:
    clip, small = cached_clip(options.clip), cached_clip(_SMALL)
    mounts = [f"/cam{number:02d}={clip}" for number in range(1, options.cameras + 1)] + [f"/small={small}"]
    command = [str(SYSTEM_PYTHON), "-m", "scripts.camera.server", "--address", options.address, "--port", str(port)]
    command += [part for mount in mounts for part in ("--mount", mount)]
    command += ["--user", options.user] if options.user else []
    return command + (["--basic"] if options.basic else [])


def _environment(options: CameraOptions) -> dict[str, str]:
    # The virtual environment's own paths would hide the system's gi.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "CAMERA_PASSWORD": options.password, "PYTHONDONTWRITEBYTECODE": "1"}


def _wait_until_ready(server: subprocess.Popen[bytes], address: str, port: int, log: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not answers(address, port):
        if server.poll() is not None or time.monotonic() > deadline:
            os.lseek(log, 0, os.SEEK_SET)
            said = os.read(log, 4000).decode(errors="replace").strip()
            needs = " ".join(DEBIAN_PACKAGES)
            raise CameraError(f"the camera did not start: {said or 'no output'} (it needs: apt-get install {needs})")
        time.sleep(0.05)


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
