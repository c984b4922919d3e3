"""Telling: what a status says of the audits and of tracing's cost. Pure; coarse, so that a window alone is no news."""

from typing import Any, Final

from frametrace_api.bounds import MAX_MESSAGE
from frametrace_api.status_tracing import MAX_MISSING_LISTED, AuditResult, GuardState, LastAudit, TracingStatus

from frametrace_operator.guard.deciding.situation import Situation
from frametrace_operator.guard.evidence import DECIDED, AuditFinding, Evidence
from frametrace_operator.texts import clipped

__all__ = ["measured", "says_else"]

_PATIENCE: Final = 5  # windows without a decided result, until the last decided one is not the state any more
_TIMES_AS_LONG: Final = 2
"""As it took to find traces complete from small samples: so long that may stand without being found again."""


def measured(after: TracingStatus, now: Situation) -> dict[str, Any]:
    """The fields that say what was measured, as far as they say something new."""
    moved = after.state is not now.status.state
    fields: dict[str, Any] = {}
    audit = _telling(now.evidence, after.last_audit)
    doubted = after.state is GuardState.SUSPECT and audit is not None and not audit.missing  # until it is cleared
    if audit is not None and not now.disabled and (moved or (not doubted and _news(audit, after.last_audit))):
        fields["last_audit"] = _last_audit(audit)
        known = audit.checked - audit.unknown
        if known > 0:
            fields["completeness_percent"] = _percent_text(100 * (1 - audit.missing / known))
    if now.evidence.overheads and (moved or after.overhead_percent is None):
        fields["overhead_percent"] = _percent_text(now.evidence.overheads[-1].percent)
    return fields


def says_else(evidence: Evidence, before: LastAudit) -> bool:
    """Whether the audits say something else now than a status does, be it that the last decided one is too long ago."""
    audit = _telling(evidence, before)
    return audit is not None and _news(audit, before)


def _telling(evidence: Evidence, before: LastAudit | None) -> AuditFinding | None:
    """The last audit that decided anything, if it was lately; else the last; None if that leaves standing what is said."""
    lately = evidence.audits[-_PATIENCE:]
    decided = [audit for audit in lately if audit.result in DECIDED or audit.evicted]
    if decided or not lately:
        return decided[-1] if decided else None
    return None if _stands(before, lately[-1], evidence) else lately[-1]


def _stands(before: LastAudit | None, thin: AuditFinding, evidence: Evidence) -> bool:
    """Whether Complete still holds: small samples that find nothing missing are put together anew, which takes its time."""
    if before is None or before.result is not AuditResult.COMPLETE or evidence.decided_at is None:
        return False
    if thin.result is not AuditResult.INSUFFICIENT_EVIDENCE or thin.missing:
        return False
    return thin.at - evidence.decided_at <= _TIMES_AS_LONG * (before.window_end - before.window_start)


def _news(audit: AuditFinding, before: LastAudit | None) -> bool:
    if before is None:
        return True
    if audit.at.replace(microsecond=0) <= before.time:
        return False
    what = (audit.result, bool(audit.missing), bool(audit.evicted), audit.hop or None, audit.cause)
    known = (before.result, bool(before.frames_missing), bool(before.frames_evicted), before.hop, before.cause)
    return what != known


def _last_audit(audit: AuditFinding) -> LastAudit:
    told = audit.result in DECIDED
    return LastAudit(
        time=audit.at.replace(microsecond=0),
        result=audit.result,
        method=audit.method,
        window_start=audit.window_start.replace(microsecond=0),
        window_end=audit.window_end.replace(microsecond=0),
        frames_expected=audit.expected,
        frames_checked=audit.checked,
        frames_missing=audit.missing,
        frames_unknown=audit.unknown,
        frames_evicted=audit.evicted,
        missing_percent_low=_percent_text(audit.low) if told else None,
        missing_percent_high=_percent_text(audit.high) if told else None,
        hop=audit.hop or None,
        cause=audit.cause,
        message=clipped(audit.reason, MAX_MESSAGE) if audit.reason and not told else None,
        missing_frame_ids=tuple(str(frame.frame_id) for frame in audit.frames[:MAX_MISSING_LISTED]),
    )


def _percent_text(value: float) -> str:
    """A percentage as the resource writes it, from 0 to 100, in hundredths."""
    text = f"{min(max(value, 0.0), 100.0):.2f}"
    return text.rstrip("0").rstrip(".")
