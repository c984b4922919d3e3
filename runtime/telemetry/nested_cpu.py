"""Accounts for the CPU time of the spans that a user's own code opens: what ours takes of each, and what the SDK takes.

What is ours is measured on one span in 16. What the SDK takes to make, fill and end a span cannot be seen from a span
processor: it is measured once a process, on spans of its own, and counted for every span.
"""

from __future__ import annotations

import time
from functools import cache
from itertools import count
from typing import Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

__all__ = ["NestedCpu"]

_EVERY: Final = 16
_BATCHES: Final = 4
_SPANS: Final = 16


class NestedCpu:
    """Adds up; a lost addition between two threads costs one measured span, so there is no lock."""

    def __init__(self) -> None:
        self._numbers, self._measured_ns, self._spans = count(1), 0, 0

    def begin(self) -> int:
        """Return what `end` wants: a reading of the thread's clock on a span that is measured, else 0."""
        self._spans += 1
        return 0 if next(self._numbers) % _EVERY else time.thread_time_ns()

    def end(self, since_ns: int) -> None:
        """Count what was done since `begin`."""
        if since_ns:
            self._measured_ns += max(0, time.thread_time_ns() - since_ns)

    @property
    def seconds(self) -> float:
        """CPU time of all spans, estimated."""
        if not self._spans:
            return 0.0
        return (self._measured_ns * _EVERY + self._spans * _of_the_sdk()) / 1e9


@cache
def _of_the_sdk() -> int:
    """Nanoseconds that the SDK takes for a span with two attributes: the least of some batches, which nothing disturbed."""
    provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource.get_empty(), shutdown_on_exit=False)
    tracer = provider.get_tracer(__name__)

    def batch() -> int:
        since = time.thread_time_ns()
        for number in range(_SPANS):
            with tracer.start_as_current_span("nested") as span:
                span.set_attribute("number", number)
                span.set_attribute("kind", "nested")
        return (time.thread_time_ns() - since) // _SPANS

    return min(batch() for _ in range(_BATCHES))
