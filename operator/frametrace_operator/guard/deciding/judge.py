"""Judge: which of a pipeline's windows were bad, for each of the three triggers. Pure.

A window is bad, clean, or says nothing. One that says nothing (Jaeger was silent, too few frames, an interval across
the limit, a time with an excuse) neither counts as bad nor ends a row of bad ones: it is passed over. Only a clean
window ends a row. Histories are short, so a row is never older than the evidence that an operator keeps.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, repeat
from typing import Final

from frametrace_api.guard import Guard
from frametrace_api.status_tracing import AuditResult, RollbackTrigger

from frametrace_operator.guard.evidence import AuditFinding, BackendHealth, Cause, Evidence, Overhead
from frametrace_operator.guard.words import missing_words, overhead_words, probe_words, restart_words, span_words

__all__ = [
    "LEAST_CORES",
    "MOST_FAILED_PERCENT",
    "PROBES",
    "PROBE_SECONDS",
    "RESTARTS",
    "RESTART_SECONDS",
    "Judgement",
    "excused",
    "judge",
]

LEAST_CORES: Final = 0.02
"""Tracing that takes less CPU is no burden, whatever share of cheap pods it is."""

PROBES: Final = 3
PROBE_SECONDS: Final = 5
RESTARTS: Final = 2
RESTART_SECONDS: Final = 300
MOST_FAILED_PERCENT: Final = 1.0

_JAEGERS: Final = frozenset({Cause.EXPORT_FAILED, Cause.BACKEND_REFUSED, Cause.LOST_ON_THE_WAY, Cause.BUFFER_FULL})
"""Causes that follow when Jaeger is away."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the windows say about one trigger.

    Attributes:
        bad: bad windows in a row, up to now.
        clean: clean windows in a row, up to now.
        certain: the row is long enough to act.
        doubtful: something is not as it should be, if only within the limit: worth a closer look.
        seen: windows that were measured at all, even if they decide nothing.
        message: what was measured, the limit, where, and what to check; empty when there is nothing to say.
    """

    trigger: RollbackTrigger
    bad: int = 0
    clean: int = 0
    certain: bool = False
    doubtful: bool = False
    seen: int = 0
    message: str = ""


def judge(
    evidence: Evidence, guard: Guard, since: datetime | None, restarts_since: datetime | None
) -> tuple[Judgement, ...]:
    """Judge all three.

    Args:
        evidence: what was measured.
        guard: the limits.
        since: windows that began before do not count.
        restarts_since: restarts of Jaeger before do not count, such as those that a rollback answered.
    """
    return (
        _missing(evidence, guard, since),
        _overhead(evidence, guard, since),
        _backend(evidence, guard, since, restarts_since),
    )


def _missing(evidence: Evidence, guard: Guard, since: datetime | None) -> Judgement:
    fresh = [audit for audit in evidence.audits if _is_fresh(audit, guard, since)]
    limit = float(guard.max_missing_percent)
    in_order = sorted(fresh, key=lambda audit: audit.window_end)  # some are told of late
    verdicts = [_bad_audit(audit, evidence, guard, limit) for audit in in_order]
    bad, clean = _row(verdicts, [audit.windows for audit in in_order])
    worst = next((audit for audit in reversed(fresh) if audit.missing), None)
    doubtful = bool(fresh and fresh[-1].missing)
    message = missing_words(worst, guard, bad, evidence.dropped) if worst is not None and (bad or doubtful) else ""
    seen = sum(audit.result is not AuditResult.UNKNOWN for audit in fresh)
    return Judgement(RollbackTrigger.TRACES_MISSING, bad, clean, bad >= guard.failure_windows, doubtful, seen, message)


def _is_fresh(audit: AuditFinding, guard: Guard, since: datetime | None) -> bool:
    """Whether its frames are of later, by our clock and by their own.

    A window is looked up `settleSeconds` after its end at the soonest, and maybe much later. Capture's clock may be off by
    seconds, which costs a window.
    """
    length = audit.window_end - audit.window_start + timedelta(seconds=guard.settle_seconds)
    return since is None or (_began(audit.at, length, since) and audit.window_start >= since)


def _bad_audit(audit: AuditFinding, evidence: Evidence, guard: Guard, limit: float) -> bool | None:
    if audit.result in (AuditResult.UNKNOWN, AuditResult.INSUFFICIENT_EVIDENCE):
        return None
    if audit.missing and audit.low > limit:
        return None if excused(audit, evidence.backends, guard) else True
    return False if audit.high <= limit else None


def excused(audit: AuditFinding, backends: Iterable[BackendHealth], guard: Guard) -> bool:
    """Whether what is missing went while Jaeger was away for no fault of its own, in a way that this explains."""
    if audit.cause is not None and audit.cause not in _JAEGERS:
        return False
    window = timedelta(seconds=guard.window_seconds)
    told = audit.at - (audit.window_end - audit.window_start) - timedelta(seconds=guard.settle_seconds) - window
    began = min(told, audit.window_start - window)  # it may have waited for its last frames before it was told
    return any(backend.excuse and began <= backend.at <= audit.at for backend in backends)


def _overhead(evidence: Evidence, guard: Guard, since: datetime | None) -> Judgement:
    fresh = [one for one in evidence.overheads if _began(one.at, timedelta(seconds=one.seconds), since)]
    limit = float(guard.max_overhead_percent)
    bad, clean = _row(_too_much(one, limit) for one in fresh)
    message = overhead_words(fresh[-1], guard, bad) if bad else ""
    return Judgement(RollbackTrigger.OVERHEAD, bad, clean, bad >= guard.failure_windows, message=message)


def _too_much(one: Overhead, limit: float) -> bool | None:
    if one.other_cpu <= 0 or one.seconds <= 0:
        return None
    return one.percent > limit and one.cores > LEAST_CORES


def _backend(evidence: Evidence, guard: Guard, since: datetime | None, restarts_since: datetime | None) -> Judgement:
    fresh = [one for one in evidence.backends if since is None or one.at >= since]
    at_once = _broken(evidence.backends[-1], since, restarts_since) if evidence.backends else ""
    if not fresh:  # a step has just begun, and has no window yet
        bad = guard.failure_windows if at_once else 0
        return Judgement(RollbackTrigger.BACKEND_UNSTABLE, bad, certain=bool(at_once), message=at_once)
    window = timedelta(seconds=guard.window_seconds)
    bad, clean = _row(
        None if one.excuse or before.excuse else _unwell(one, whole=_began(one.at, window, since))
        for before, one in pairwise((fresh[0], *fresh))  # what failed in a window may have begun in the one before
    )
    if at_once:
        return Judgement(RollbackTrigger.BACKEND_UNSTABLE, max(bad, guard.failure_windows), 0, True, message=at_once)
    certain = bad >= guard.failure_windows and not fresh[-1].excuse
    message = span_words(fresh, bad) if bad else ""
    return Judgement(RollbackTrigger.BACKEND_UNSTABLE, bad, clean, certain, message=message)


def _broken(last: BackendHealth, since: datetime | None, restarts_since: datetime | None) -> str:
    """What of Jaeger's state needs no row of windows, in words: it counts over its own time already; empty if nothing.

    The row of probes must be of later than `since`: by its own time, or because a window ended since then. What failed under an
    excuse is not in that row, so a probe that fails after it is held against Jaeger though its last window stays excused.
    """
    known = last.probed_at or last.at
    fresh = since is None or last.at >= since
    if since is not None and known < since:
        return ""
    if last.blamed_probes >= PROBES and (fresh or _began(known, timedelta(seconds=PROBES * PROBE_SECONDS), since)):
        return probe_words(last)
    if (
        not last.excuse
        and last.restarts >= RESTARTS
        and _began(known, timedelta(seconds=RESTART_SECONDS), restarts_since)
    ):
        return restart_words(last)
    return ""


def _unwell(one: BackendHealth, *, whole: bool) -> bool | None:
    if whole and 100 * one.failed_spans > MOST_FAILED_PERCENT * one.spans:
        return True
    return None if one.failed_probes or one.restarts >= RESTARTS else False


def _row(verdicts: Iterable[bool | None], windows: Iterable[int] | None = None) -> tuple[int, int]:
    """How many of the last windows in a row were bad, and how many clean; one of the two is 0.

    `windows` says for each verdict of how many windows it is.
    """
    bad = clean = 0
    for verdict, many in zip(verdicts, windows or repeat(1), strict=False):
        if verdict is True:
            bad, clean = bad + many, 0
        elif verdict is False:
            bad, clean = 0, clean + many
    return bad, clean


def _began(at: datetime, length: timedelta, since: datetime | None) -> bool:
    """Whether a window that was measured at `at` lies wholly after `since`, both by our clock."""
    return since is None or at - length >= since
