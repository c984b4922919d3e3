#!/usr/bin/env python3
"""What tracing every frame costs: CPU time a frame of capture and stage, traced at 100 % against tracing switched off.

Two whole runtimes in one process take the same 1080p pictures (decode, scale to 1280, JPEG, Redis, motion; five spans a
frame, exported over OTLP/HTTP to a receiver in another process), each of them traced every second frame, and each frame's CPU
time is taken from its thread's clock. What the senders' threads use for encoding and HTTP is added whole. Beside it, separate processes: a capture and a
stage process as in pods, with and without `OTEL_SDK_DISABLED=true`, both on one camera at once.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file

from scripts.bench.overhead_processes import measure_processes
from scripts.bench.overhead_turns import measure
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.camera import clipfile
from scripts.camera.clip import ClipSpec, cached_clip
from scripts.servers.otlp import OtlpSink
from scripts.servers.redis import RedisServer

BAR_PERCENT = 1.0
PROCESSES_PERCENT = 3.0


def main() -> int:
    """Measure, in one process and in separate ones."""
    quick = parser(__doc__ or "").parse_args().quick
    frames, pairs, seconds = (400, 4, 4.0) if quick else (8000, 20, 8.0)
    clip = clipfile.load(cached_clip(ClipSpec(seconds=6 if quick else 60)))
    units = clip.units[: clip.fps * (6 if quick else 20)]
    receiver = OtlpSink()
    with tempfile.TemporaryDirectory(prefix="frametrace-bench-") as folder:
        server = RedisServer(Path(folder))
        try:
            found = measure(server.url, receiver.url, units, frames)
            apart = measure_processes(
                Path(folder), receiver.url, clip_seconds=6 if quick else 60, pairs=pairs, seconds=seconds
            )
        finally:
            server.stop()
            receiver.stop()
    low, middle, high = found.percent
    separate_low, separate, separate_high = (100 * (ratio - 1) for ratio in apart)
    return conclude(
        Verdict(
            name="overhead",
            figure=middle,
            unit="%",
            bar=f"upper end of the interval < {BAR_PERCENT:g} %; separate processes <= {PROCESSES_PERCENT:g} %",
            ok=high < BAR_PERCENT and separate <= PROCESSES_PERCENT,
            interval=(low, high),
            case=f"{frames} frames in turns, 1080p to 1280 wide; separate processes: {pairs} pairs of {seconds:g} s",
            quick=quick,
            details={
                "untraced_us": round(found.untraced_us, 1),
                "traced_more_us": round(found.untraced_us * middle / 100, 1),
                "of_it_exporting_us": round(found.exporting_us, 1),
                "separate_processes_percent": round(separate, 2),
                "separate_processes_interval": [round(separate_low, 2), round(separate_high, 2)],
            },
        )
    )


if __name__ == "__main__":
    sys.exit(main())
