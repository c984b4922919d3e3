"""Ratios of pairs that were measured in turns, with their interval. Pure but for the resampling's own randomness."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence

__all__ = ["mean_with_interval", "median_with_interval", "ratio_of_pairs"]

_RESAMPLES = 4000
_FEWER_RESAMPLES = 1000


def ratio_of_pairs(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return (lower end, ratio, upper end): the median of first over second, with its 95 % bootstrap interval.

    The median, because what disturbs a shared machine disturbs few slices, and those much.
    """
    logs = [math.log(first / second) for first, second in pairs]
    chance = random.Random(20240315)  # noqa: S311 - so that a run's numbers give the same interval again
    medians = sorted(statistics.median(chance.choices(logs, k=len(logs))) for _ in range(_RESAMPLES))
    low, high = medians[round(0.025 * _RESAMPLES)], medians[round(0.975 * _RESAMPLES) - 1]
    return math.exp(low), math.exp(statistics.median(logs)), math.exp(high)


def mean_with_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return (lower end, mean, upper end): the mean without the tenth of the values at each end, and its 95 % interval.

    Trimmed, because what disturbs a shared machine disturbs few frames, and those much; the interval is a bootstrap's.
    """
    return _with_interval(values, _trimmed_mean)


def median_with_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return (lower end, median, upper end), the ends those of the 95 % bootstrap interval."""
    return _with_interval(values, statistics.median)


def _with_interval(values: Sequence[float], estimate: Callable[[Sequence[float]], float]) -> tuple[float, float, float]:
    chance = random.Random(20240315)  # noqa: S311 - as above
    found = sorted(estimate(chance.choices(values, k=len(values))) for _ in range(_FEWER_RESAMPLES))
    low, high = found[round(0.025 * _FEWER_RESAMPLES)], found[round(0.975 * _FEWER_RESAMPLES) - 1]
    return low, estimate(values), high


def _trimmed_mean(values: Sequence[float]) -> float:
    ordered = sorted(values)
    cut = len(ordered) // 10
    return statistics.fmean(ordered[cut : len(ordered) - cut])
