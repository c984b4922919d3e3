#!/usr/bin/env python3
"""Processor time of a captured frame, against the ffmpeg command line doing decode, scale and MJPEG of the same camera.

Both watch one real RTSP camera (1080p H.264, 30 pictures a second, the demo's clip with its grain) at the same time,
so that both get the same pictures and the same disturbances; a pair is a few seconds of both.

- The product: a capture process as in a pod, with its decoder's process: relay, decode, scale to 1280, JPEG (quality 85),
  frame ID, five spans a frame exported by OTLP, ledger and metrics, publish to a real Redis. Every thread of both
  processes counts; the Redis server, the stage that reads, and the receiver of the spans do not.
- ffmpeg: one thread each for decoding, scaling (bilinear) and encoding, the same quantiser and Huffman tables; its
  pictures go to /dev/null. It is Debian's (FFmpeg 5.1); the product has PyAV's own (FFmpeg 8).
"""

from __future__ import annotations

import contextlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file
from camera_runtime.capture.picture import qscale
from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE
from frametrace_api.contract import BrokerContract

from scripts.bench.pairs import ratio_of_pairs
from scripts.bench.processor_time import processor_seconds
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.camera.clip import ClipSpec
from scripts.camera.local import CameraOptions, running_camera
from scripts.servers.otlp import OtlpSink
from scripts.servers.pipeline import LocalPipeline, Plan, running
from scripts.servers.redis import RedisServer

BAR = 1.5
WIDTH = 1280
QUALITY = 85
_WARM_UP_SECONDS = 3.0
_FRAMES = re.compile(r"^frame=([0-9]+)", re.MULTILINE)


class Ffmpeg:
    """The command line that the product is compared with, running; `progress` is a file that it writes to."""

    def __init__(self, url: str, progress: Path) -> None:
        scaled = ["-vf", f"scale={WIDTH}:-2:flags=bilinear", "-pix_fmt", "yuvj420p"]
        jpeg = ["-c:v", "mjpeg", "-q:v", str(qscale(QUALITY)), "-huffman", "default", "-threads", "1"]
        command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-progress", str(progress), "-stats_period", "0.1"]
        command += ["-rtsp_transport", "tcp", "-threads", "1", "-filter_threads", "1", "-i", url, *scaled, *jpeg]
        self._process = subprocess.Popen([*command, "-fps_mode", "vfr", "-f", "mjpeg", "-y", "/dev/null"])
        self._progress = progress

    def used(self) -> tuple[float, int]:
        """Return processor seconds and frames so far.

        Raises:
            RuntimeError: if it has ended.
        """
        if self._process.poll() is not None:
            raise RuntimeError(f"ffmpeg ended: exit code {self._process.returncode}")
        told = _FRAMES.findall(self._progress.read_text()) if self._progress.exists() else []
        return processor_seconds(self._process.pid), int(told[-1]) if told else 0

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def product_used(pipeline: LocalPipeline) -> tuple[float, int]:
    """Return processor seconds and frames of the product's capture so far."""
    frames = sum(hop.entered for hop in pipeline.ledger(CAPTURE_SERVICE).hops if hop.hop == CAPTURE_HOP)
    return processor_seconds(pipeline.processes[CAPTURE_SERVICE].pid), frames


def measure(pipeline: LocalPipeline, ffmpeg: Ffmpeg, pairs: int, seconds: float) -> list[tuple[float, float]]:
    """Return what both used for a frame, in seconds, a pair a slice of time."""
    found = []
    before = product_used(pipeline), ffmpeg.used()
    for _ in range(pairs):
        time.sleep(seconds)
        now = product_used(pipeline), ffmpeg.used()
        ours, theirs = (
            (after[0] - begun[0]) / max(1, after[1] - begun[1]) for begun, after in zip(before, now, strict=True)
        )
        found.append((ours, theirs))
        before = now
    return found


def run(folder: Path, camera: str, pairs: int, seconds: float) -> list[tuple[float, float]]:
    """Start both, and measure."""
    with contextlib.ExitStack() as stack:
        server, sink = RedisServer(folder), OtlpSink()
        stack.callback(server.stop)
        stack.callback(sink.stop)
        plan = Plan(
            camera,
            BrokerContract(url=server.url),
            sink.url,
            handlers={"motion": "scripts.bench.takes_all:handle"},
            environment={"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            max_width=WIDTH,
        )
        pipeline = stack.enter_context(running(folder, plan))
        ffmpeg = Ffmpeg(camera, folder / "progress")
        stack.callback(ffmpeg.stop)
        pipeline.wait_for_frames(CAPTURE_SERVICE, 30)
        time.sleep(_WARM_UP_SECONDS)
        return measure(pipeline, ffmpeg, pairs, seconds)


def main() -> int:
    """Run it."""
    options = parser(__doc__ or "").parse_args()
    pairs, seconds = (10, 2.0) if options.quick else (60, 5.0)
    with (
        tempfile.TemporaryDirectory(prefix="frametrace-bench-") as folder,
        running_camera(CameraOptions(clip=ClipSpec(seconds=6 if options.quick else 60), port=0)) as camera,
    ):
        found = run(Path(folder), camera, pairs, seconds)
    low, ratio, high = ratio_of_pairs(found)
    ours, theirs = (statistics.median(times) * 1000 for times in zip(*found, strict=True))
    case = f"{pairs} pairs of {seconds:g} s at 30 frames a second, 1080p to {WIDTH} wide, both on one camera at once"
    details = {"milliseconds_a_frame": round(ours, 3), "ffmpeg_milliseconds_a_frame": round(theirs, 3)}
    return conclude(
        Verdict("capture", ratio, "x", f"<= {BAR} x", high <= BAR, (low, high), case, options.quick, details)
    )


if __name__ == "__main__":
    sys.exit(main())
