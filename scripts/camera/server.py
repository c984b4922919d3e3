"""The RTSP server of the simulated camera: sends finished clips, again and again, with time stamps that only rise.

Runs under the system's Python with GStreamer (python3-gi, gir1.2-gst-rtsp-server-1.0) and nothing else installed;
it must not import anything outside the standard library, gi and `clipfile`.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import gi  # type: ignore[import-not-found, import-untyped, unused-ignore]  # the system's Python has it

from scripts.camera import clipfile

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: E402

__all__ = ["main"]

_LOG = logging.getLogger("camera")
_ROLE = "viewer"
_LAUNCH = (
    "( appsrc name=clip is-live=true format=time max-bytes=0 caps=video/x-h264,stream-format=byte-stream,"
    "alignment=au,width={width},height={height},framerate={fps}/1 ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)


class Feeder(threading.Thread):
    """Pushes a clip's access units into one media's ``appsrc``, each when it is due, until the media goes away."""

    def __init__(self, clip: clipfile.Clip, source: Any) -> None:
        super().__init__(daemon=True)
        self._clip = clip
        self._source = source
        self._stop = threading.Event()

    def begin(self) -> None:
        """Start the thread, unless it was started already."""
        if self.ident is None:
            self.start()

    def stop(self) -> None:
        """End the thread with its next picture."""
        self._stop.set()

    def run(self) -> None:
        """Send picture n at start + n / fps; the time stamps count on over the end of the loop."""
        begun = time.monotonic()
        offset = self._source.get_current_running_time()
        for number, unit in enumerate(itertools.cycle(self._clip.units)):
            due = begun + number / self._clip.fps
            if self._stop.wait(max(0.0, due - time.monotonic())) or not self._push(unit, number, offset):
                return

    def _push(self, unit: bytes, number: int, offset: int) -> bool:
        buffer = Gst.Buffer.new_wrapped(unit)
        buffer.pts = buffer.dts = offset + number * Gst.SECOND // self._clip.fps
        buffer.duration = Gst.SECOND // self._clip.fps
        return bool(self._source.emit("push-buffer", buffer) == Gst.FlowReturn.OK)


class Sender:
    """Gives every media that a factory makes its feeder, and ends it with the media."""

    def __init__(self, clip: clipfile.Clip) -> None:
        self._clip = clip

    def configure(self, _factory: Any, media: Any) -> None:
        """Start feeding when the media first asks for data (the signal of GStreamer's factory)."""
        source = media.get_element().get_by_name("clip")
        feeder = Feeder(self._clip, source)
        source.connect("need-data", lambda *_: feeder.begin())
        media.connect("unprepared", lambda _: feeder.stop())


def main() -> None:
    """Serve until the process is told to stop."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address=options.address, service=str(options.port))
    if options.user:
        server.set_auth(_auth(options.user, os.environ.get("CAMERA_PASSWORD", ""), basic=options.basic))
    clips = {file: clipfile.load(Path(file)) for file in {mount.partition("=")[2] for mount in options.mount}}
    for mount in options.mount:
        path, _, file = mount.partition("=")
        clip = clips[file]
        server.get_mount_points().add_factory(path, _factory(clip, restricted=bool(options.user)))
        _LOG.info("%s: %dx%d, %d fps, %d pictures", path, clip.width, clip.height, clip.fps, len(clip.units))
    if server.attach(None) == 0:
        raise SystemExit(f"port {options.port} on {options.address} is not free")
    GLib.timeout_add_seconds(5, lambda: server.get_session_pool().cleanup() >= 0)
    GLib.MainLoop().run()


def _factory(clip: clipfile.Clip, *, restricted: bool) -> Any:
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(_LAUNCH.format(width=clip.width, height=clip.height, fps=clip.fps))
    factory.set_shared(True)
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP | GstRtsp.RTSPLowerTrans.UDP)
    factory.connect("media-configure", Sender(clip).configure)
    if restricted:
        permissions = GstRtspServer.RTSPPermissions()
        for what in ("media.factory.access", "media.factory.construct"):
            permissions.add_permission_for_role(_ROLE, what, True)
        factory.set_permissions(permissions)
    return factory


def _auth(user: str, password: str, *, basic: bool) -> Any:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", _ROLE)
    if basic:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    return auth


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Simulated RTSP camera; the password comes by CAMERA_PASSWORD.")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8554)
    parser.add_argument("--mount", action="append", required=True, metavar="/PATH=CLIP")
    parser.add_argument("--user", default="")
    parser.add_argument("--basic", action="store_true", help="Basic instead of Digest authentication")
    return parser.parse_args()


if __name__ == "__main__":
    main()
