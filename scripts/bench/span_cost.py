#!/usr/bin/env python3
"""CPU time of one frame's five built-in spans, export and HTTP included: the stock SDK's divided by ours."""

import bootstrap  # type: ignore[import-not-found]  # noqa: F401  # isort: skip - first of all: the right Python, and the repository importable

import statistics
import sys
import time

from frame_tracking import FrameIDGenerator

from scripts.bench.frame_spans import FrameSpans
from scripts.bench.pairs import ratio_of_pairs
from scripts.bench.stock_spans import StockSpans
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.servers.otlp import OtlpSink

AIM, BAR = 10.0, 8.0
"""Times cheaper; the lower one holds because the ways that were tried, and where the time goes, are written down in ADR 008."""
SLICE = 400


def cpu_of(spans: StockSpans | FrameSpans, ids: FrameIDGenerator) -> tuple[float, float]:
    """Record a slice of frames and export all of it; return the process's CPU time a frame and this thread's, in microseconds."""
    frame_ids = [ids.next() for _ in range(SLICE)]
    for frame_id in frame_ids:
        _ = frame_id.trace_id  # has to be known, traced or not
    begun, begun_here = time.process_time_ns(), time.thread_time_ns()
    for frame_id in frame_ids:
        spans.frame(frame_id)
    spans.flush()
    used, used_here = time.process_time_ns() - begun, time.thread_time_ns() - begun_here
    return used / SLICE / 1000, used_here / SLICE / 1000


def main() -> int:
    """Measure pairs of slices, one case after the other."""
    arguments = parser(__doc__ or "").parse_args()
    pairs = 20 if arguments.quick else 150
    ids = FrameIDGenerator("cam01")
    receiver = OtlpSink()
    try:
        stock, ours = StockSpans(receiver.url), FrameSpans.to(receiver.url)
        for spans in (stock, ours):
            cpu_of(spans, ids)
        measured = [(cpu_of(stock, ids), cpu_of(ours, ids)) for _ in range(pairs)]
        stock.close()
        ours.close()
    finally:
        receiver.stop()
    low, figure, high = ratio_of_pairs([(theirs, own) for (theirs, _), (own, _) in measured])
    return conclude(
        Verdict(
            name="span_cost",
            figure=figure,
            unit="times",
            bar=f">= {AIM:g} times cheaper; with the profile in ADR 008 >= {BAR:g}",
            ok=figure >= BAR,
            interval=(low, high),
            case=f"{pairs} pairs of {SLICE} frames, 5 spans each",
            quick=arguments.quick,
            details={
                "stock_us": round(statistics.median(theirs for (theirs, _), _ in measured), 1),
                "ours_us": round(statistics.median(own for _, (own, _) in measured), 1),
                "ours_in_the_frames_thread_us": round(statistics.median(here for _, (_, here) in measured), 1),
            },
        )
    )


if __name__ == "__main__":
    sys.exit(main())
