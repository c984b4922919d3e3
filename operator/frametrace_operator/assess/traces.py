"""Tracing: the condition TracesFlowing, and `status.tracing`. Pure.

What it says comes from the guard's status, which is coarse: a condition that repeated a window's figures would be written
once a window. Until something was audited it says what the pods did with their spans.
"""

from frametrace_api.conditions import ConditionType, TracesFlowingReason
from frametrace_api.status import ConditionStatus
from frametrace_api.status_tracing import (
    AuditResult,
    GuardState,
    LastAudit,
    ProbationActivity,
    RollbackTrigger,
    Suspicion,
    TracingStatus,
)
from frametrace_api.tracing import TracingMode

from frametrace_operator.assess.facts import Facts, listed
from frametrace_operator.assess.service_names import disobeyed
from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.assess.volume import ungrown
from frametrace_operator.flow import Spans
from frametrace_operator.guard.deciding.ratios import traced_cameras
from frametrace_operator.guard.words import some_frames, storage_words
from frametrace_operator.manifests import jaeger_query_url
from frametrace_operator.naming import Role

__all__ = ["traces_flowing", "tracing_status"]

Why = TracesFlowingReason
Said = tuple[ConditionStatus, Why, str]
TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN


def traces_flowing(facts: Facts) -> Verdict:
    """Whether captured frames have complete traces."""
    status, why, message = _judge(facts)
    parts = (message or why.explanation, ungrown(facts), disobeyed(facts))
    return Verdict(ConditionType.TRACES_FLOWING, status, why, "; ".join(filter(None, parts)))


def tracing_status(facts: Facts) -> TracingStatus:
    """Tracing as the guard has it; as it is set, where the guard was not asked."""
    if facts.tracing is not None:
        return facts.tracing
    tracing = facts.pipeline.spec.tracing
    if tracing.mode is TracingMode.DISABLED:
        return TracingStatus(state=GuardState.DISABLED, effective_ratio="0")
    return TracingStatus(
        state=GuardState.HEALTHY, effective_ratio=tracing.sampling.ratio, query_url=jaeger_query_url(facts.pipeline)
    )


def _judge(facts: Facts) -> Said:
    tracing, spec = facts.tracing, facts.pipeline.spec.tracing
    if spec.mode is TracingMode.DISABLED:
        return FALSE, Why.DISABLED, ""
    if tracing is not None and _out(tracing):
        return FALSE, Why.ROLLED_BACK, ""
    if facts.suspended:
        return UNKNOWN, Why.SUSPENDED, ""
    if not traced_cameras(facts.pipeline):
        return FALSE, Why.NOTHING_SAMPLED, ""
    if spec.backend.external is None and not facts.steady(Role.JAEGER):
        trouble = facts.trouble(Role.JAEGER)
        message = f"the managed Jaeger: {trouble.message}" if trouble else "the managed Jaeger is being started"
        return UNKNOWN, Why.BACKEND_UNAVAILABLE if trouble else Why.STARTING, message
    return _measured(tracing) or _spans(facts)


def _out(tracing: TracingStatus) -> bool:
    """Whether nothing is traced for the guard's sake."""
    probation = tracing.probation
    silent = probation is not None and probation.activity is not ProbationActivity.MEASURING
    return silent or tracing.state in (GuardState.ROLLING_BACK, GuardState.ROLLED_BACK)


def _measured(tracing: TracingStatus | None) -> Said | None:
    """What the guard found; None if it has found nothing yet."""
    if tracing is None:
        return None
    suspicion = tracing.suspicion
    if suspicion is not None and suspicion.alarm_time is not None:
        alarm = _alarm(suspicion, tracing.last_audit)
        if alarm is not None:
            return alarm
    return _audited(tracing.last_audit) if tracing.last_audit is not None else None


def _alarm(suspicion: Suspicion, audit: LastAudit | None) -> Said | None:
    if suspicion.trigger is RollbackTrigger.TRACES_MISSING:
        return FALSE, Why.MISSING, f"{suspicion.message}{some_frames(audit)}; video goes on"
    if suspicion.trigger is RollbackTrigger.BACKEND_UNSTABLE:
        return UNKNOWN, Why.BACKEND_UNAVAILABLE, f"{suspicion.message}; video goes on"
    return None  # what tracing costs says nothing about traces


def _audited(audit: LastAudit) -> Said:
    if audit.frames_evicted:
        lost = f"Jaeger gave up {audit.frames_evicted} traces of a window before they were looked up"
        return UNKNOWN, Why.STORAGE_TOO_SMALL, f"{lost}; {storage_words()}"
    if audit.result is AuditResult.COMPLETE:
        return TRUE, Why.COMPLETE, ""
    if audit.result is AuditResult.MISSING:
        where = f", most at {audit.hop}" if audit.hop else ""
        found = f"some traces are missing or incomplete ({audit.cause}{where}), not more than the limit for long"
        return TRUE, Why.COMPLETE, found + some_frames(audit)
    if audit.result is AuditResult.INSUFFICIENT_EVIDENCE:
        return UNKNOWN, Why.INSUFFICIENT_EVIDENCE, audit.message or ""
    return UNKNOWN, Why.UNKNOWN, f"no window could be judged lately: {audit.message}" if audit.message else ""


def _spans(facts: Facts) -> Said:
    flow = facts.seen.flow
    if flow.spans is Spans.EXPORTED:
        return TRUE, Why.EXPORTED, ""
    if flow.spans is Spans.DROPPED:
        return FALSE, Why.MISSING, f"pods lose spans: {listed(sorted(flow.drops))}; video goes on"
    if flow.spans is Spans.STUCK:
        why = "pods make spans, and none is exported: Jaeger does not take them; video goes on"
        return UNKNOWN, Why.BACKEND_UNAVAILABLE, why
    return (UNKNOWN, Why.UNKNOWN, "") if flow.unreadable else (UNKNOWN, Why.STARTING, "")
