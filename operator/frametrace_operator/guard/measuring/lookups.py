"""Look-ups: shares a common budget out among all pipelines, healthy and suspect ones apart, so that no fleet floods its Jaeger.

Healthy pipelines have a few each; suspect ones as many as their own budget has for each. When a thousand turn suspect in one
window, their shares shrink as they come, and what the first of them took is missed by none: no more is given in a window's
time than there is, but for a few.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from frametrace_operator.guard.audit.shares import BUDGET, BUDGET_SECONDS, SUSPECTS_BUDGET, equal_share
from frametrace_operator.guard.measuring.clock import Clock

__all__ = ["Lookups"]

K = TypeVar("K", bound=Hashable)
_FRESH: Final = 5.0
"""Seconds for which a share holds, unless another pipeline comes."""
_LEAST: Final = 5
"""Look-ups that each has, also when the budget is spent."""


@dataclass(slots=True)
class _Budget(Generic[K]):
    """A budget, what each wants of it in a window's time, and what is left of it now."""

    size: int
    wants: dict[K, float] = field(default_factory=dict)
    share: int = 0
    shared_at: float = float("-inf")
    left: float = 0.0
    filled_at: float = float("-inf")

    def share_of(self, key: K, wanted: float, now: float) -> int:
        new = key not in self.wants
        self.wants[key] = wanted
        if new or now - self.shared_at >= _FRESH:
            self.share, self.shared_at = equal_share([round(each) for each in self.wants.values()], self.size), now
        return self.share

    def take(self, wanted: int, now: float) -> int:
        passed = max(0.0, now - self.filled_at)
        self.left = min(self.size, self.left + self.size * min(1.0, passed / BUDGET_SECONDS))
        self.filled_at = now
        given = max(min(_LEAST, wanted), min(wanted, int(self.left)))
        self.left -= given
        return given


class Lookups(Generic[K]):
    """Shares out.

    Args:
        whole: frames a window that one pipeline may look up at most; one that is alone always may.
    """

    def __init__(self, clock: Clock, whole: int) -> None:
        self._clock, self._whole = clock, whole
        self._healthy: _Budget[K] = _Budget(BUDGET)
        self._suspects: _Budget[K] = _Budget(SUSPECTS_BUDGET)

    def share(self, key: K, expected: int, length: int, *, suspect: bool) -> int:
        """Look-ups that a pipeline may make of a window of `length` seconds that has so many frames."""
        budget, other = (self._suspects, self._healthy) if suspect else (self._healthy, self._suspects)
        other.wants.pop(key, None)
        in_budgets_time = BUDGET_SECONDS / length
        share = budget.share_of(key, min(expected, self._whole) * in_budgets_time, self._clock.now())
        if len(budget.wants) == 1:
            return self._whole
        return min(self._whole, max(1, int(share / in_budgets_time)))

    def take(self, key: K, expected: int, length: int, *, suspect: bool) -> int:
        """Take that share, or what is left, out of the budget."""
        share = min(expected, self.share(key, expected, length, suspect=suspect))
        budget = self._suspects if suspect else self._healthy
        if len(budget.wants) == 1:
            return share
        return budget.take(share, self._clock.now())

    def forget(self, key: K) -> None:
        """The pipeline is gone."""
        for budget in (self._healthy, self._suspects):
            budget.wants.pop(key, None)
