#!/usr/bin/env python3
"""What tracing every frame costs: CPU time a frame of capture and stage, traced at 100 % against tracing switched off.

Two whole runtimes in one process take the same 1080p pictures (decode, scale to 1280, JPEG, Redis, motion; five spans a
frame, exported over OTLP/HTTP to a receiver in another process), each of them traced every second frame, and each frame's CPU
time is taken from its thread's clock. What the senders' threads use for encoding and HTTP is added whole. Beside it, separate processes: a capture and a
stage process as in pods, with and without `OTEL_SDK_DISABLED=true`, both on one camera at once.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file
from camera_runtime.stages.motion import Motion
from telemetry import FrameTracer

from scripts.bench.overhead_processes import measure_processes
from scripts.bench.pairs import mean_with_interval
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.bench.whole_runtime import BLOCK, WholeRuntime, in_turns, tracers
from scripts.camera import clipfile
from scripts.camera.clip import ClipSpec, cached_clip
from scripts.servers.otlp import OtlpSink
from scripts.servers.redis import RedisServer

BAR_PERCENT = 1.0
PROCESSES_PERCENT = 3.0
_WARM_UP = 60


def _one(runtime: WholeRuntime, unit: bytes) -> int:
    """Take one frame through; return the thread's CPU time in nanoseconds."""
    begun = time.thread_time_ns()
    runtime.capture(unit)
    runtime.process()
    return time.thread_time_ns() - begun


def _senders_ns() -> int:
    """CPU time of the threads that export, so far."""
    clocks = [
        time.pthread_getcpuclockid(thread.ident)
        for thread in threading.enumerate()
        if thread.name == "frametrace-spans" and thread.ident is not None
    ]
    return sum(time.clock_gettime_ns(clock) for clock in clocks)


def _flush(traced: Sequence[FrameTracer]) -> None:
    for tracer in traced:
        if not tracer.flush(10):
            raise RuntimeError(f"spans were lost: {tracer.counts()}")


def measure(url: str, receiver: str, units: tuple[bytes, ...], frames: int) -> tuple[list[float], list[float], float]:
    """Return in µs what each frame cost untraced, what those of a block cost more traced, and what exporting cost a frame."""
    traced = tracers(receiver)
    pair = WholeRuntime(url, "one", traced, Motion()), WholeRuntime(url, "other", traced, Motion())
    in_turns(pair, units, range(-_WARM_UP, 0), _one)
    _flush(traced)  # connections are made, and what comes once is paid, before anything is counted
    before = _senders_ns()
    found = in_turns(pair, units, range(frames), _one)
    _flush(traced)
    exporting = (_senders_ns() - before) / frames / 1000
    for tracer in traced:
        tracer.shutdown(10)
    for runtime in pair:
        runtime.close()
    plain = [without / 1000 for _, without in found]
    more = [(with_it - without) / 1000 for with_it, without in found]
    return plain, [statistics.fmean(more[at : at + BLOCK]) for at in range(0, frames, BLOCK)], exporting


def main() -> int:
    """Measure, in one process and in separate ones."""
    quick = parser(__doc__ or "").parse_args().quick
    frames, pairs, seconds = (400, 4, 4.0) if quick else (4000, 20, 8.0)
    clip = clipfile.load(cached_clip(ClipSpec(seconds=6 if quick else 60)))
    units = clip.units[: clip.fps * (6 if quick else 20)]
    receiver = OtlpSink()
    with tempfile.TemporaryDirectory(prefix="frametrace-bench-") as folder:
        server = RedisServer(Path(folder))
        try:
            plain, more, exporting = measure(server.url, receiver.url, units, frames)
            apart = measure_processes(
                Path(folder), receiver.url, clip_seconds=6 if quick else 60, pairs=pairs, seconds=seconds
            )
        finally:
            server.stop()
            receiver.stop()
    base = statistics.fmean(plain)
    low, middle, high = (100 * (end + exporting) / base for end in mean_with_interval(more))
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
                "untraced_us": round(base, 1),
                "traced_more_us": round(base * middle / 100, 1),
                "of_it_exporting_us": round(exporting, 1),
                "separate_processes_percent": round(separate, 2),
                "separate_processes_interval": [round(separate_low, 2), round(separate_high, 2)],
            },
        )
    )


if __name__ == "__main__":
    sys.exit(main())
