"""Shares: how many look-ups of one window's budget each pipeline gets. Pure."""

from collections.abc import Mapping
from typing import Final, TypeVar

__all__ = ["BUDGET", "WHOLE", "share_of", "shares"]

K = TypeVar("K")

BUDGET: Final = 5000
"""Look-ups a window, of all healthy pipelines together."""
WHOLE: Final = 4000
"""Frames a window up to which a suspect pipeline is looked at whole."""


def shares(wants: Mapping[K, int], budget: int = BUDGET) -> dict[K, int]:
    """Share the budget: who wants less than an equal share leaves the rest to the others."""
    given: dict[K, int] = {}
    left = budget
    for number, (key, want) in enumerate(sorted(wants.items(), key=lambda item: item[1])):
        given[key] = max(0, min(want, left // (len(wants) - number)))
        left -= given[key]
    return given


def share_of(key: K, wants: Mapping[K, int], budget: int = BUDGET) -> int:
    """What one pipeline gets; at least one look-up."""
    return max(1, shares(wants, budget).get(key, budget))
