"""Ratios of pairs that were measured in turns, with their interval. Pure but for the resampling's own randomness."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["bootstrapped", "mean_with_interval", "ratio_of_pairs"]

_RESAMPLES = 4000
_FEWER_RESAMPLES = 1000
_Value = TypeVar("_Value")


def ratio_of_pairs(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return (lower end, ratio, upper end): the median of first over second, with its 95 % bootstrap interval.

    The median, because what disturbs a shared machine disturbs few slices, and those much.
    """
    logs = [math.log(first / second) for first, second in pairs]
    low, middle, high = bootstrapped(logs, statistics.median, _RESAMPLES)
    return math.exp(low), math.exp(middle), math.exp(high)


def mean_with_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return (lower end, mean, upper end): the mean without the tenth of the values at each end, and its 95 % interval.

    Trimmed, because what disturbs a shared machine disturbs few frames, and those much; the interval is a bootstrap's.
    """
    return bootstrapped(values, _trimmed_mean, _FEWER_RESAMPLES)


def bootstrapped(
    values: Sequence[_Value], estimate: Callable[[Sequence[_Value]], float], resamples: int
) -> tuple[float, float, float]:
    """Return (lower end, estimate, upper end) of the 95 % interval that so many resamples of `values` give.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13 (percentiles).
    """
    chance = random.Random(20240315)  # noqa: S311 - so that a run's numbers give the same interval again
    found = sorted(estimate(chance.choices(values, k=len(values))) for _ in range(resamples))
    low, high = found[round(0.025 * resamples)], found[round(0.975 * resamples) - 1]
    return low, estimate(values), high


def _trimmed_mean(values: Sequence[float]) -> float:
    ordered = sorted(values)
    cut = len(ordered) // 10
    return statistics.fmean(ordered[cut : len(ordered) - cut])
