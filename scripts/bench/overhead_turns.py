"""The main part of `overhead.py`: two runtimes in one process in turns, each frame's CPU time by its thread's clock."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from camera_runtime.run.collector import calm_collector
from telemetry import FrameTracer

from scripts.bench.pairs import mean_with_interval
from scripts.bench.whole_runtime import BLOCK, WholeRuntime, in_turns, traced_pair

__all__ = ["Overhead", "measure"]

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


@dataclass(frozen=True, slots=True)
class Overhead:
    """What tracing costs.

    Attributes:
        untraced_us: CPU time of a frame without it, in microseconds.
        exporting_us: what encoding and sending its spans costs, in the sender's thread.
        percent: lower end, mean and upper end of what both cost more, of `untraced_us`.
    """

    untraced_us: float
    exporting_us: float
    percent: tuple[float, float, float]


def measure(url: str, receiver: str, units: tuple[bytes, ...], frames: int) -> Overhead:
    """Measure `frames` pairs of frames, through the Redis at `url`, exported to `receiver`."""
    with traced_pair(url, receiver) as (pair, traced):
        calm_collector(only_ours=True)  # as in capture's process, to which four of a frame's five spans belong
        in_turns(pair, units, range(-_WARM_UP, 0), _one)
        _flush(traced)  # connections are made, and what comes once is paid, before anything is counted
        before = _senders_ns()
        found = in_turns(pair, units, range(frames), _one)
        _flush(traced)
        exporting = (_senders_ns() - before) / frames / 1000
    base = statistics.fmean(without for _, without in found) / 1000
    more = [(with_it - without) / 1000 for with_it, without in found]
    blocks = [statistics.fmean(more[at : at + BLOCK]) for at in range(0, frames, BLOCK)]
    low, mean, high = (100 * (end + exporting) / base for end in mean_with_interval(blocks))
    return Overhead(base, exporting, (low, mean, high))
