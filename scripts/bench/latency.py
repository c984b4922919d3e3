#!/usr/bin/env python3
"""What tracing adds to the latency of a hop: a traced and an untraced stage take the same frames in turns.

A hop is one stage's: a frame is received from Redis, motion is looked for, and the frame is ended. Its latency is the wall
clock's time of that in the stage's own thread. Two whole runtimes in one process alternate frame by frame, each of them
traced every second time; spans are exported meanwhile, as ever. The figure is the difference of the medians, its interval a bootstrap's over the pairs.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file

from scripts.bench.pairs import bootstrapped
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.bench.whole_runtime import WholeRuntime, in_turns, traced_pair
from scripts.camera import clipfile
from scripts.camera.clip import ClipSpec, cached_clip
from scripts.servers.otlp import OtlpSink
from scripts.servers.redis import RedisServer

SHARE = 0.02
FLOOR_US = 100.0
_WARM_UP = 60
_RESAMPLES = 2000


def _one(runtime: WholeRuntime, unit: bytes) -> float:
    """Capture a frame, then return how long the stage took with it, in microseconds."""
    runtime.capture(unit)
    begun = time.perf_counter_ns()
    runtime.process()
    return (time.perf_counter_ns() - begun) / 1000


def measure(url: str, receiver: str, units: Sequence[bytes], frames: int) -> list[tuple[float, float]]:
    """Return (traced, untraced) latencies in microseconds, a pair a frame."""
    with traced_pair(url, receiver) as (pair, _):
        in_turns(pair, units, range(-_WARM_UP, 0), _one)
        return in_turns(pair, units, range(frames), _one)


def difference(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return (lower end, difference of the medians, upper end), the ends those of the 95 % bootstrap interval."""

    def estimate(chosen: Sequence[tuple[float, float]]) -> float:
        with_it, without = zip(*chosen, strict=True)
        return float(statistics.median(with_it) - statistics.median(without))

    return bootstrapped(pairs, estimate, _RESAMPLES)


def main() -> int:
    """Measure."""
    quick = parser(__doc__ or "").parse_args().quick
    frames = 500 if quick else 6000
    clip = clipfile.load(cached_clip(ClipSpec(640, 384, seconds=6)))
    receiver = OtlpSink()
    with tempfile.TemporaryDirectory(prefix="frametrace-bench-") as folder:
        server = RedisServer(Path(folder))
        try:
            pairs = measure(server.url, receiver.url, clip.units, frames)
        finally:
            server.stop()
            receiver.stop()
    low, figure, high = difference(pairs)
    untraced = statistics.median(without for _, without in pairs)
    limit = max(SHARE * untraced, FLOOR_US)
    return conclude(
        Verdict(
            name="latency",
            figure=figure,
            unit="us",
            bar=f"upper end of the interval < max({SHARE:.0%} of the untraced hop's median, {FLOOR_US:g} us)",
            ok=high < limit,
            interval=(low, high),
            case=f"{frames} frames of 640x384 in turns through Redis and motion",
            quick=quick,
            details={"untraced_median_us": round(untraced, 1), "limit_us": round(limit, 1)},
        )
    )


if __name__ == "__main__":
    sys.exit(main())
