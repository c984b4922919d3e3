"""Finding: from counts of one window, or of several that are pooled because each alone is thin evidence, to what they mean. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from typing import Final

from frametrace_api.status_tracing import AuditMethod, AuditResult

from frametrace_operator.guard.audit.causes import most_common
from frametrace_operator.guard.audit.interval import missing_interval
from frametrace_operator.guard.evidence import AuditFinding, MissingFrame

__all__ = ["Counted", "Pool", "conclude", "too_much"]

_MOST_FRAMES: Final = 1000
_MOST_WANTED: Final = 500
"""Frames that are evidence enough, however small the limit is."""
_MANY: Final = 5
"""Missing frames that are evidence enough, however few were expected."""
_MOST_POOLED: Final = 600
"""Windows. The thinnest sample, one frame in each, says after so many that at most 1 % is missing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a window: of `expected` frames `checked` were looked up, and `unknown` of those tell nothing.

    Attributes:
        evicted: of `unknown`, those that Jaeger's storage was too small for.
        missing: the frames that are missing.
        reason: why frames are unknown; empty if none is.
    """

    start: int
    end: int
    expected: int
    checked: int
    missing: tuple[MissingFrame, ...] = ()
    unknown: int = 0
    evicted: int = 0
    reason: str = ""

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(
            min(self.start, other.start),
            max(self.end, other.end),
            self.expected + other.expected,
            self.checked + other.checked,
            self.missing + other.missing,
            self.unknown + other.unknown,
            self.evicted + other.evicted,
            other.reason or self.reason,
        )


def conclude(counted: Counted, at: datetime, limit: float) -> AuditFinding:
    """Say what the counts mean; `limit` is how much may be missing, in percent."""
    method = AuditMethod.EXACT if counted.checked == counted.expected else AuditMethod.SAMPLED
    known, missing = counted.checked - counted.unknown, len(counted.missing)
    low, high = _percent(counted, method)
    hop, cause = most_common(counted.missing)
    result, reason = _result(counted, known, high, limit)
    return AuditFinding(
        at=at,
        window_start=datetime.fromtimestamp(counted.start, UTC),
        window_end=datetime.fromtimestamp(counted.end, UTC),
        result=result,
        method=method,
        expected=counted.expected,
        checked=counted.checked,
        missing=missing,
        unknown=counted.unknown,
        evicted=counted.evicted,
        low=low,
        high=high,
        frames=counted.missing[:_MOST_FRAMES],
        hop=hop,
        cause=cause,
        reason=reason,
    )


def too_much(finding: AuditFinding, limit: float) -> bool:
    """Whether it says that more than `limit` percent is missing."""
    return finding.result is AuditResult.MISSING and finding.low > limit


def _percent(counted: Counted, method: AuditMethod) -> tuple[float, float]:
    """The least and the most that is missing: of what is unknown it may be nothing, or all."""
    known, missing = counted.checked - counted.unknown, len(counted.missing)
    if known <= 0:
        return 0.0, 100.0
    if method is AuditMethod.EXACT:
        return 100.0 * missing / counted.expected, 100.0 * (missing + counted.unknown) / counted.expected
    population = max(known, counted.expected - round(counted.expected * counted.unknown / counted.checked))
    fewest, most = missing_interval(population, known, missing)
    return 100.0 * fewest / counted.expected, 100.0 * (most + counted.expected - population) / counted.expected


def _result(counted: Counted, known: int, high: float, limit: float) -> tuple[AuditResult, str]:
    missing = len(counted.missing)
    if not counted.expected and not counted.reason:
        return AuditResult.INSUFFICIENT_EVIDENCE, "no traced frame ended in this window"
    if known <= 0 or (not missing and 100.0 * counted.unknown > limit * counted.checked):
        return AuditResult.UNKNOWN, counted.reason  # what nobody knows may be missing, and more than is allowed
    wanted = min(_MOST_WANTED, ceil(100 / limit)) if limit > 0 else 1
    if missing and missing < _MANY and counted.expected < wanted:
        return (
            AuditResult.INSUFFICIENT_EVIDENCE,
            f"only {counted.expected} traced frames ended, and {missing} is missing",
        )
    if missing:
        return AuditResult.MISSING, counted.reason
    if counted.checked < counted.expected and high > limit:
        return AuditResult.INSUFFICIENT_EVIDENCE, f"only {counted.checked} frames were looked up, and none is missing"
    return AuditResult.COMPLETE, counted.reason


@dataclass(slots=True)
class Pool:
    """Puts thin windows together until they tell something, and samples of windows until they say on which side of the limit."""

    _total: Counted | None = None
    _windows: int = 0
    _bad: int = 0

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
        alone = conclude(counted, at, limit)
        if alone.result is AuditResult.UNKNOWN or not counted.expected or counted.start < since:
            return alone  # it neither adds evidence nor takes any away
        if alone.result is AuditResult.MISSING and not _undecided(alone, limit):
            self._clear()
            return alone
        total = counted if self._total is None else self._total + counted
        self._total = replace(total, missing=total.missing[-_MOST_FRAMES:])
        self._windows, self._bad = self._windows + 1, self._bad + bool(counted.missing)
        pooled = conclude(self._total, at, limit)
        pooled = replace(pooled, windows=max(1, self._bad) if pooled.low > limit else self._windows)
        if pooled.result is not AuditResult.INSUFFICIENT_EVIDENCE and not _undecided(pooled, limit):
            self._clear()
        return pooled

    def _clear(self) -> None:
        self._total, self._windows, self._bad = None, 0, 0


def _undecided(finding: AuditFinding, limit: float) -> bool:
    """Whether a sample leaves open if too much is missing."""
    return finding.method is AuditMethod.SAMPLED and bool(finding.missing) and finding.low <= limit < finding.high
