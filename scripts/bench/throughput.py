#!/usr/bin/env python3
"""Frames a second through Redis, by claim check and traced, against a bare redis-py loop that moves the same bytes.

One process sends and receives in turns, so that no scheduler decides: a window of frames is sent, then the same frames
are received and acknowledged. The product and the bare loop take turns slice by slice, in one run, on one Redis.

- The product: a frame's hop is opened, its metadata written, `Producer.send`; then `StageWorker.step` with a handler
  that does nothing (receive, recover the context, hop, handler, acknowledge), ledger and metrics included. Everything
  is sampled, and exported by OTLP to a receiver of this machine.
- The bare loop writes and reads the same bytes, as somebody would who needs none of the promises: `SET key picture EX`
  and `XADD … MAXLEN ~` in one pipeline, `XREADGROUP COUNT 4`, `GET` and `XACK` of each frame. It has no done-marks, no
  dead letters, no claims, no counting.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file

from scripts.bench.bare_redis import BareLoop
from scripts.bench.pairs import ratio_of_pairs
from scripts.bench.through_redis import ProductLoop
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.servers.otlp import OtlpSink
from scripts.servers.redis import RedisServer

BAR = 0.7
PICTURE_BYTES = 200_000
WINDOW = 8


def seconds_of(send: Callable[[int], None], receive: Callable[[int], None], frames: int) -> float:
    """Send and receive `frames` frames, a window at a time; return how long that took."""
    begun = time.perf_counter()
    for _ in range(frames // WINDOW):
        send(WINDOW)
        receive(WINDOW)
    return time.perf_counter() - begun


def measure(product: ProductLoop, bare: BareLoop, pairs: int, frames: int) -> list[tuple[float, float]]:
    """Return seconds of the product and of the bare loop, a pair a turn; who begins alternates."""
    found = []
    for number in range(-1, pairs):
        times = {}
        for loop in (product, bare) if number % 2 else (bare, product):
            times[loop] = seconds_of(loop.send, loop.receive, frames)
        if number >= 0:  # the first pair warms up
            found.append((times[product], times[bare]))
    return found


def main() -> int:
    """Run it."""
    options = parser(__doc__ or "").parse_args()
    pairs, frames = (20, 160) if options.quick else (80, 400)
    with tempfile.TemporaryDirectory(prefix="frametrace-bench-") as folder:
        server, sink = RedisServer(Path(folder)), OtlpSink()
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = sink.url
        try:
            product, bare = (
                ProductLoop(server.url, bytes(PICTURE_BYTES)),
                BareLoop(server.url, os.urandom(PICTURE_BYTES)),
            )
            found = measure(product, bare, pairs, frames)
            spans = product.close()
        finally:
            server.stop()
            sink.stop()
    low, ratio, high = ratio_of_pairs([(theirs, ours) for ours, theirs in found])
    rates = [frames * len(found) / sum(times) for times in zip(*found, strict=True)]
    case = f"{pairs} pairs of {frames} frames of {PICTURE_BYTES // 1000} kB, {WINDOW} at a time"
    details = {"frames_per_second": round(rates[0]), "bare_frames_per_second": round(rates[1]), "spans": spans}
    return conclude(
        Verdict("throughput", ratio, "x", f">= {BAR} x", low >= BAR, (low, high), case, options.quick, details)
    )


if __name__ == "__main__":
    sys.exit(main())
