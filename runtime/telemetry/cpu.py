"""Accounts for tracing's own CPU time: on one hop in sixteen, for reading a thread's CPU clock itself costs 0.6 µs."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Final

from frame_tracking import DropReason, Outcome, TraceContext

from telemetry.recording_hop import RecordingHop
from telemetry.tracer import Attributes

__all__ = ["EVERY", "CpuMeter", "MeasuredHop"]

EVERY: Final = 16
"""One hop in so many is measured."""


class CpuMeter:
    """Adds up measured times; a lost addition between two threads costs a sixteenth of a frame, so there is no lock."""

    def __init__(self) -> None:
        self.measured_ns = 0
        self._own_ns = min(_reading() for _ in range(64))

    def add(self, since_ns: int) -> None:
        """Count from a reading of `time.thread_time_ns` until now, less what the reading itself takes."""
        self.measured_ns += max(0, time.thread_time_ns() - since_ns - self._own_ns)

    @property
    def seconds(self) -> float:
        """CPU time of all hops, estimated from the measured ones."""
        return self.measured_ns * EVERY / 1e9


class MeasuredHop(RecordingHop):
    """A `RecordingHop` whose every step is measured."""

    __slots__ = ("meter",)
    meter: CpuMeter

    @property
    def context(self) -> TraceContext:
        """See `RecordingHop`, as for the others."""
        since = time.thread_time_ns()
        context = super().context
        self.meter.add(since)
        return context

    def record(self, name: str, start_ns: int, end_ns: int, attributes: Attributes | None = None) -> None:
        """Record a child span."""
        since = time.thread_time_ns()
        super().record(name, start_ns, end_ns, attributes)
        self.meter.add(since)

    def send(self, destination: str, start_ns: int) -> TraceContext:
        """Begin the producer span."""
        since = time.thread_time_ns()
        context = super().send(destination, start_ns)
        self.meter.add(since)
        return context

    def sent(self, end_ns: int, attributes: Attributes | None = None, error: BaseException | None = None) -> None:
        """End the producer span."""
        since = time.thread_time_ns()
        super().sent(end_ns, attributes, error)
        self.meter.add(since)

    def activate(self) -> AbstractContextManager[None]:
        """Make the hop's span current."""
        since = time.thread_time_ns()
        activation = super().activate()
        self.meter.add(since)
        return activation

    def end(self, end_ns: int, outcome: Outcome | None = None, reason: DropReason | None = None) -> None:
        """End the hop."""
        since = time.thread_time_ns()
        super().end(end_ns, outcome, reason)
        self.meter.add(since)


def _reading() -> int:
    since = time.thread_time_ns()
    return time.thread_time_ns() - since
