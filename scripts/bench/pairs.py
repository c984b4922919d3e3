"""Ratios of pairs that were measured in turns, with their interval. Pure but for the resampling's own randomness."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Sequence

__all__ = ["ratio_of_pairs"]

_RESAMPLES = 4000


def ratio_of_pairs(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return (lower end, ratio, upper end): the median of first over second, with its 95 % bootstrap interval.

    The median, because what disturbs a shared machine disturbs few slices, and those much.
    """
    logs = [math.log(first / second) for first, second in pairs]
    chance = random.Random(20240315)  # noqa: S311 - so that a run's numbers give the same interval again
    medians = sorted(statistics.median(chance.choices(logs, k=len(logs))) for _ in range(_RESAMPLES))
    low, high = medians[round(0.025 * _RESAMPLES)], medians[round(0.975 * _RESAMPLES) - 1]
    return math.exp(low), math.exp(statistics.median(logs)), math.exp(high)
