"""Pool: windows that tell too little each alone, put together until they tell something. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from frametrace_api.status_tracing import AuditMethod, AuditResult

from frametrace_operator.guard.audit.finding import MOST_FRAMES, Counted, conclude
from frametrace_operator.guard.audit.growing import grown_interval
from frametrace_operator.guard.audit.interval import ALPHA, missing_interval
from frametrace_operator.guard.evidence import AuditFinding

__all__ = ["Pool"]

_MOST_POOLED: Final = 1000
"""Windows. The thinnest sample, one frame in each, says after 613 that at most 1 % is missing."""


@dataclass(slots=True)
class Pool:
    """Puts thin windows together until they tell something, and samples of windows until they say on which side of the limit.

    A pool of samples is wrong with a chance of `ALPHA` at most, however many looks it takes. Half of that is for the pool, at all
    looks together; the other half for its windows each alone, of which the nth has an nth part of an (n + 1)th of it.
    """

    _total: Counted | None = None
    _windows: int = 0
    _bad: int = 0

    def alone(self, counted: Counted, at: datetime, limit: float) -> AuditFinding:
        """Say what a window means by itself, as the next one of the pool."""
        number = self._windows + 1
        return conclude(counted, at, limit, partial(missing_interval, alpha=ALPHA / 2 / (number * (number + 1))))

    def add(self, counted: Counted, at: datetime, limit: float, since: float = 0.0) -> AuditFinding:
        """Say what a window means, together with the thin ones before it.

        Args:
            counted: the window.
            at: now.
            limit: how much may be missing, in percent.
            since: when tracing came to be as it is, in seconds since 1970; what began before is pooled with nothing later.
        """
        if self._windows >= _MOST_POOLED or (self._total is not None and self._total.start < since):
            self._clear()
        alone = self.alone(counted, at, limit)
        if alone.result is AuditResult.UNKNOWN or not counted.expected or counted.start < since:
            return alone  # it neither adds evidence nor takes any away
        if alone.result is AuditResult.MISSING and not _undecided(alone, limit):
            self._clear()
            return alone
        self._total = (counted if self._total is None else self._total + counted).naming(MOST_FRAMES)
        self._windows, self._bad = self._windows + 1, self._bad + bool(counted.missing)
        pooled = self._pooled(self._total, at, limit) if self._windows > 1 else alone
        if pooled.result is not AuditResult.INSUFFICIENT_EVIDENCE and not _undecided(pooled, limit):
            self._clear()
        return pooled

    def _pooled(self, total: Counted, at: datetime, limit: float) -> AuditFinding:
        found = conclude(total, at, limit, partial(grown_interval, limit=limit / 100, alpha=ALPHA / 2))
        return replace(found, windows=max(1, self._bad) if found.low > limit else self._windows)

    def _clear(self) -> None:
        self._total, self._windows, self._bad = None, 0, 0


def _undecided(finding: AuditFinding, limit: float) -> bool:
    """Whether a sample leaves open if too much is missing."""
    return finding.method is AuditMethod.SAMPLED and bool(finding.missing) and finding.low <= limit < finding.high
