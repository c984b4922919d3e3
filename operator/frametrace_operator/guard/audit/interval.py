"""What a sample without replacement says about its population: the exact interval, by the hypergeometric distribution. Pure."""

from collections.abc import Callable
from math import exp, inf, lgamma
from typing import Final

__all__ = ["ALPHA", "missing_interval"]

ALPHA: Final = 0.01
"""The interval holds the truth in all but so many cases at most."""
_NEGLIGIBLE: Final = 1e-18


def missing_interval(population: int, checked: int, missing: int, alpha: float = ALPHA) -> tuple[int, int]:
    """Return the fewest and the most of `population` that may be missing, if of `checked` ones so many are.

    Raises:
        ValueError: if not 0 <= missing <= checked <= population.
    """
    if not 0 <= missing <= checked <= population:
        raise ValueError(f"{missing} of {checked} of {population}")
    fewest, most = missing, population - (checked - missing)

    def too_few(bad: int) -> bool:
        return missing > 0 and 1.0 - _at_most(population, bad, checked, missing - 1) <= alpha / 2

    def too_many(bad: int) -> bool:
        return _at_most(population, bad, checked, missing) <= alpha / 2

    low = _first(fewest, most, lambda bad: not too_few(bad))
    high = _first(low, most + 1, lambda bad: bad > most or too_many(bad)) - 1
    return low, max(low, high)


def _first(begin: int, end: int, holds: Callable[[int], bool]) -> int:
    """The first number of `begin` to `end` for which it holds; once it does, it does for all later ones."""
    while begin < end:
        middle = (begin + end) // 2
        begin, end = (begin, middle) if holds(middle) else (middle + 1, end)
    return begin


def _at_most(population: int, bad: int, checked: int, most: int) -> float:
    """The chance that at most `most` of `checked` ones are bad, `bad` of `population` being so."""
    lowest, highest = max(0, checked - (population - bad)), min(bad, checked)
    if most >= highest:
        return 1.0
    if most < lowest:
        return 0.0
    mode = ((checked + 1) * (bad + 1)) // (population + 2)
    if most >= mode:
        return max(0.0, 1.0 - _tail((population, bad, checked), most + 1, highest, 1))
    return min(1.0, _tail((population, bad, checked), most, lowest, -1))


def _tail(of: tuple[int, int, int], begin: int, end: int, step: int) -> float:
    """The chances from `begin` to `end`, away from the mode, where they only get smaller."""
    population, bad, checked = of
    chance = exp(_log_chance(population, bad, checked, begin))
    total, number = chance, begin
    while number != end and chance > total * _NEGLIGIBLE:
        if step > 0:
            chance *= (bad - number) * (checked - number) / ((number + 1) * (population - bad - checked + number + 1))
        else:
            chance *= number * (population - bad - checked + number) / ((bad - number + 1) * (checked - number + 1))
        number += step
        total += chance
    return total


def _log_chance(population: int, bad: int, checked: int, number: int) -> float:
    return _log_choose(bad, number) + _log_choose(population - bad, checked - number) - _log_choose(population, checked)


def _log_choose(of: int, some: int) -> float:
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1) if 0 <= some <= of else -inf
