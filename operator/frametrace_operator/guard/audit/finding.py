"""Finding: from counts of one window, or of several that are pooled, to what they mean. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from typing import Final

from frametrace_api.status_tracing import AuditMethod, AuditResult

from frametrace_operator.guard.audit.causes import most_common
from frametrace_operator.guard.audit.interval import missing_interval
from frametrace_operator.guard.evidence import AuditFinding, MissingFrame

__all__ = ["MOST_FRAMES", "Counted", "conclude", "too_much"]

MOST_FRAMES: Final = 1000
"""Missing frames that a finding names."""
_MOST_WANTED: Final = 500
"""Frames that are evidence enough, however small the limit is."""
_MANY: Final = 5
"""Missing frames that are evidence enough, however few were expected."""
_Interval = Callable[[int, int, int], tuple[float, float]]
"""From frames, those looked up and those missing to the fewest and the most that may be missing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a window: of `expected` frames `checked` were looked up, and `unknown` of those tell nothing.

    Attributes:
        evicted: of `unknown`, those that Jaeger's storage was too small for.
        missing: the frames that are missing, and `unnamed` how many more are.
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
    unnamed: int = 0

    @property
    def lost(self) -> int:
        """How many frames are missing."""
        return len(self.missing) + self.unnamed

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
            self.unnamed + other.unnamed,
        )

    def naming(self, most: int) -> "Counted":
        """The same, with the names of the last `most` missing frames alone."""
        names = self.missing[-most:]
        return replace(self, missing=names, unnamed=self.lost - len(names))


def conclude(counted: Counted, at: datetime, limit: float, interval: _Interval = missing_interval) -> AuditFinding:
    """Say what the counts mean; `limit` is how much may be missing, in percent, and `interval` is what a sample says of all."""
    method = AuditMethod.EXACT if counted.checked == counted.expected else AuditMethod.SAMPLED
    known, missing = counted.checked - counted.unknown, counted.lost
    low, high = _percent(counted, method, interval)
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
        frames=counted.missing[:MOST_FRAMES],
        hop=hop,
        cause=cause,
        reason=reason,
    )


def too_much(finding: AuditFinding, limit: float) -> bool:
    """Whether it says that more than `limit` percent is missing."""
    return finding.result is AuditResult.MISSING and finding.low > limit


def _percent(counted: Counted, method: AuditMethod, interval: _Interval) -> tuple[float, float]:
    """The least and the most that is missing: of what is unknown it may be nothing, or all."""
    known, missing = counted.checked - counted.unknown, counted.lost
    if known <= 0:
        return 0.0, 100.0
    if method is AuditMethod.EXACT:
        return 100.0 * missing / counted.expected, 100.0 * (missing + counted.unknown) / counted.expected
    population = max(known, counted.expected - round(counted.expected * counted.unknown / counted.checked))
    fewest, most = interval(population, known, missing)
    return 100.0 * fewest / counted.expected, 100.0 * (most + counted.expected - population) / counted.expected


def _result(counted: Counted, known: int, high: float, limit: float) -> tuple[AuditResult, str]:
    missing = counted.lost
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
