"""Shares: how many look-ups of a common budget each pipeline gets. Pure."""

from collections.abc import Collection
from typing import Final

__all__ = ["BUDGET", "BUDGET_SECONDS", "SUSPECTS_BUDGET", "WHOLE", "equal_share"]

BUDGET: Final = 5000
"""Look-ups of all healthy pipelines together, in the time of a window of `BUDGET_SECONDS`."""
SUSPECTS_BUDGET: Final = 12_000
"""The same of all suspect ones: ten of 30 frames a second are looked at whole, and many share, each by a sample."""
BUDGET_SECONDS: Final = 30
WHOLE: Final = 4000
"""Frames a window up to which a suspect pipeline is looked at whole."""


def equal_share(wants: Collection[int], budget: int = BUDGET) -> int:
    """Look-ups that each may make at most, at least one: who wants fewer leaves the rest to the others."""
    left, others = budget, len(wants)
    for want in sorted(wants):
        if want * others > left:
            return max(1, left // others)
        left, others = left - want, others - 1
    return budget
