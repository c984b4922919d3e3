"""Growing: what a sample says that was added to, and looked at, again and again: an interval that holds at all looks at once. Pure.

An interval of one look misses the truth at some look or other if there are enough of them. Here a share is ruled out only by a
bet against it: money that is staked on other shares, and grows with each frame that speaks for those. If the share is true, the
money grows to 100 times its sum at any time with a chance of a hundredth at most (Ville's inequality), however often one looks.
"""

from math import exp, inf, lgamma, log, log1p
from typing import Final

__all__ = ["grown_interval"]

_STAKES: Final = 3
_HALVINGS: Final = 30
_LEAST_LIMIT, _MOST_LIMIT = 1e-4, 0.49


def grown_interval(population: int, checked: int, missing: int, limit: float, alpha: float) -> tuple[float, float]:
    """Return the fewest and the most of `population` that may be missing, if of all `checked` ones until now so many are.

    In all but a share `alpha` of such samples it holds the truth at every look. It is closest about `limit`, a share.

    Raises:
        ValueError: if not 0 <= missing <= checked <= population.
    """
    if not 0 <= missing <= checked <= population:
        raise ValueError(f"{missing} of {checked} of {population}")
    if not checked:
        return 0.0, float(population)
    most = _staked(checked, missing, min(max(limit, _LEAST_LIMIT), _MOST_LIMIT)) - log(1 / alpha)
    seen = missing / checked
    low, high = (_border(checked, missing, most, (end, seen)) for end in (0.0, 1.0))
    return max(missing, low * population), min(population - (checked - missing), high * population)


def _staked(checked: int, missing: int, limit: float) -> float:
    """How likely the sample is by what is staked on: a third each on nothing missing, on twice the limit, and on all shares.

    Those are spread by a beta distribution whose middle is about the limit. All likelihoods are logarithms.
    """
    few, many = 0.5, 0.5 / limit
    spread = _log_beta(few + missing, many + checked - missing) - _log_beta(few, many)
    stakes = (_likely(checked, missing, 0.0), _likely(checked, missing, 2 * limit), spread)
    best = max(stakes)
    return best + log(sum(exp(each - best) for each in stakes) / _STAKES)


def _border(checked: int, missing: int, least: float, span: tuple[float, float]) -> float:
    """The share nearest to what was seen by which the sample is less likely than `least`: it is ruled out; the end, if none is.

    `span` goes from the end of the shares to the one that was seen.
    """
    out, held = span
    if out == held:
        return out
    for _ in range(_HALVINGS):
        middle = (out + held) / 2
        out, held = (middle, held) if _likely(checked, missing, middle) <= least else (out, middle)
    return out


def _likely(checked: int, missing: int, share: float) -> float:
    """How likely the sample is if that share is missing."""
    if not share:
        return -inf if missing else 0.0
    return missing * log(share) + (checked - missing) * log1p(-share)


def _log_beta(one: float, other: float) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)
