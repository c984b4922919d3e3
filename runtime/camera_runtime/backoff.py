"""How long to wait before the next try: growing, with jitter, never so long that a returned camera waits. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import random

__all__ = ["Backoff"]


@dataclass(slots=True)
class Backoff:
    """Exponential back-off with jitter, in seconds.

    Attributes:
        first: longest wait after the first failure.
        most: longest wait at all. Two seconds and a connection attempt's two keep a returned camera's wait below five.
        jitter: source of randomness, 0 to 1; the wait is half to all of the step.
    """

    first: float = 0.25
    most: float = 2.0
    jitter: Callable[[], float] = random
    _failures: int = 0

    def next(self, most: float | None = None) -> float:
        """Return the next wait; `most` replaces the longest one for this failure."""
        step = min(self.first * float(1 << min(self._failures, 16)), most or self.most)
        self._failures += 1
        return step * (0.5 + self.jitter() / 2)

    def reset(self) -> None:
        """Begin anew: the connection was good."""
        self._failures = 0
