"""Tracing: the conditions TracesFlowing, TracingRolledBack and WithinTraceBudget, and `status.tracing`. Pure.

Whether traces are complete is not audited here: TracesFlowing says what the pods did with their spans.
"""

from frametrace_api.conditions import (
    ConditionType,
    TracesFlowingReason,
    TracingRolledBackReason,
    WithinTraceBudgetReason,
)
from frametrace_api.status import ConditionStatus
from frametrace_api.status_tracing import GuardState, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.assess.facts import Facts, listed
from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.flow import Spans
from frametrace_operator.manifests import jaeger_query_url
from frametrace_operator.naming import Role

__all__ = ["rolled_back", "traces_flowing", "tracing_status", "within_budget"]

Why = TracesFlowingReason


def traces_flowing(facts: Facts) -> Verdict:
    """What becomes of the spans that the pods make."""
    status, why, message = _judge(facts)
    return Verdict(ConditionType.TRACES_FLOWING, status, why, message or why.explanation)


def _judge(facts: Facts) -> tuple[ConditionStatus, Why, str]:
    tracing = facts.pipeline.spec.tracing
    if tracing.mode is TracingMode.DISABLED:
        return ConditionStatus.FALSE, Why.DISABLED, ""
    if facts.suspended:
        return ConditionStatus.UNKNOWN, Why.SUSPENDED, ""
    if _nothing_sampled(facts):
        return ConditionStatus.FALSE, Why.NOTHING_SAMPLED, ""
    if tracing.backend.external is None and not facts.ready(Role.JAEGER):
        trouble = facts.trouble(Role.JAEGER)
        message = f"the managed Jaeger: {trouble.message}" if trouble else "the managed Jaeger is being started"
        return ConditionStatus.UNKNOWN, Why.BACKEND_UNAVAILABLE if trouble else Why.STARTING, message
    return _spans(facts)


def _spans(facts: Facts) -> tuple[ConditionStatus, Why, str]:
    flow = facts.seen.flow
    if flow.spans is Spans.EXPORTED:
        return ConditionStatus.TRUE, Why.EXPORTED, ""
    if flow.spans is Spans.DROPPED:
        return ConditionStatus.FALSE, Why.MISSING, f"pods lose spans: {listed(sorted(flow.drops))}; video goes on"
    if flow.spans is Spans.STUCK:
        return (
            ConditionStatus.UNKNOWN,
            Why.BACKEND_UNAVAILABLE,
            "pods make spans, and none is exported: Jaeger does not take them; video goes on",
        )
    if flow.unreadable:
        return ConditionStatus.UNKNOWN, Why.UNKNOWN, ""
    return ConditionStatus.UNKNOWN, Why.STARTING, ""


def _nothing_sampled(facts: Facts) -> bool:
    spec = facts.pipeline.spec
    own = [
        camera.tracing.ratio if camera.tracing and camera.tracing.ratio else spec.tracing.sampling.ratio
        for camera in spec.cameras
    ]
    return all(float(ratio) == 0 for ratio in own)


def rolled_back(_facts: Facts) -> Verdict:
    """Tracing is in: nothing takes it out yet."""
    why = TracingRolledBackReason.NOT_ROLLED_BACK
    return Verdict(ConditionType.TRACING_ROLLED_BACK, ConditionStatus.FALSE, why, why.explanation)


def within_budget(facts: Facts) -> Verdict:
    """No bytes are projected yet."""
    disabled = facts.pipeline.spec.tracing.mode is TracingMode.DISABLED
    why = WithinTraceBudgetReason.DISABLED if disabled else WithinTraceBudgetReason.NO_PROJECTION
    return Verdict(
        ConditionType.WITHIN_TRACE_BUDGET,
        ConditionStatus.TRUE if disabled else ConditionStatus.UNKNOWN,
        why,
        why.explanation,
    )


def tracing_status(facts: Facts) -> TracingStatus:
    """Tracing as it is set."""
    tracing = facts.pipeline.spec.tracing
    if tracing.mode is TracingMode.DISABLED:
        return TracingStatus(state=GuardState.DISABLED, effective_ratio="0")
    return TracingStatus(
        state=GuardState.HEALTHY, effective_ratio=tracing.sampling.ratio, query_url=jaeger_query_url(facts.pipeline)
    )
