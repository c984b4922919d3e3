"""The conditions TracingRolledBack and WithinTraceBudget, from the guard's status. Pure."""

from frametrace_api.conditions import ConditionType, TracingRolledBackReason, WithinTraceBudgetReason
from frametrace_api.quantities import bytes_of
from frametrace_api.status import ConditionStatus
from frametrace_api.status_tracing import GuardState, LastRollback, ProbationActivity, RollbackStep, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.assess.facts import Facts
from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.guard.deciding.requests import refused
from frametrace_operator.guard.evidence import BYTES_A_SPAN
from frametrace_operator.guard.words import hold_words, left_behind_words

__all__ = ["changing_tracing", "rolled_back", "within_budget"]

Why = TracingRolledBackReason
Budget = WithinTraceBudgetReason
Said = tuple[ConditionStatus, Why, str]
TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN

_OUT = (GuardState.ROLLING_BACK, GuardState.ROLLED_BACK)


def rolled_back(facts: Facts) -> Verdict:
    """Whether tracing is out, why, how far, and how it comes back."""
    status, why, message = _rolled_back(facts)
    parts = (message or why.explanation, refused(facts.pipeline))
    return Verdict(ConditionType.TRACING_ROLLED_BACK, status, why, "; ".join(filter(None, parts)))


def changing_tracing(tracing: TracingStatus | None) -> bool:
    """Whether pods are being replaced for the guard's sake."""
    if tracing is None:
        return False
    back = tracing.probation is not None and tracing.probation.activity is ProbationActivity.RESTARTING
    return tracing.state is GuardState.ROLLING_BACK or back


def _rolled_back(facts: Facts) -> Said:
    tracing = facts.tracing
    if tracing is None or tracing.state in (GuardState.DISABLED, GuardState.HEALTHY):
        return FALSE, Why.NOT_ROLLED_BACK, ""
    last = tracing.last_rollback
    if tracing.state in _OUT and last is not None:
        parts = (last.message, _how_far(last, facts), _what_next(tracing, facts))
        return TRUE, Why.__members__[last.trigger.name], "; ".join(filter(None, parts))
    if tracing.state is GuardState.PROBATION:
        return TRUE, Why.PROBATION, _coming_back(tracing, facts)
    suspicion = tracing.suspicion
    if suspicion is not None and suspicion.alarm_time is not None:
        return FALSE, Why.ALARM, f"{suspicion.message}; tracing stays in, as tracing.guard.rollback says"
    return FALSE, Why.NOT_ROLLED_BACK, ""


def _how_far(last: LastRollback, facts: Facts) -> str:
    if last.step is RollbackStep.DONE:
        return _left_behind(last, facts)
    stuck = f"; a rollout does not get on: {facts.progress.stuck}" if facts.progress.stuck else ""
    if last.step is RollbackStep.LIVE_OFF:
        return f"tracing is being switched off in the running pods{stuck}"
    return f"pods are being replaced by ones without instrumentation{stuck}"


def _left_behind(last: LastRollback, facts: Facts) -> str:
    if not last.left_behind:
        return ""
    why = f" ({facts.progress.stuck})" if facts.progress.stuck else ""
    return f"{left_behind_words(last)}{why}"


def _what_next(tracing: TracingStatus, facts: Facts) -> str:
    if tracing.state is not GuardState.ROLLED_BACK:
        return ""
    if tracing.hold is not None:
        return hold_words(tracing.hold)
    time = tracing.next_attempt_time
    if time is not None and time <= facts.seen.now:
        return "tracing comes back, step by step, as soon as Jaeger answers"
    return f"tracing comes back at {time:%Y-%m-%d %H:%M:%S} UTC, step by step" if time is not None else ""


def _coming_back(tracing: TracingStatus, facts: Facts) -> str:
    probation = tracing.probation
    if probation is None or probation.activity is ProbationActivity.RESTARTING:
        stuck = f": {facts.progress.stuck}" if facts.progress.stuck else ""
        return f"tracing comes back: pods get instrumentation again, and trace nothing yet{stuck}"
    share = f"{probation.cameras_percent} % of the cameras" if probation.cameras_percent != "0" else "one camera"
    if probation.activity is ProbationActivity.PAUSED:
        return f"tracing comes back: the step with {share} failed, and is made again soon: {probation.message}"
    return f"tracing comes back: {share} traced ({probation.failures} of 2 steps failed)"


def within_budget(facts: Facts) -> Verdict:
    """How the projected bytes stand to the budget."""
    status, why, message = _budget(facts)
    return Verdict(ConditionType.WITHIN_TRACE_BUDGET, status, why, message or why.explanation)


def _budget(facts: Facts) -> tuple[ConditionStatus, Budget, str]:
    tracing, spec = facts.tracing, facts.pipeline.spec.tracing
    if spec.mode is TracingMode.DISABLED or (tracing is not None and tracing.state in _OUT):
        return TRUE, Budget.DISABLED, ""
    if tracing is None or tracing.projected_bytes_per_day is None:
        return UNKNOWN, Budget.NO_PROJECTION, ""
    projected, limit = tracing.projected_bytes_per_day, spec.budget.bytes_per_day
    if bytes_of(projected) > bytes_of(limit):
        over = f"about {projected} bytes of traces a day, {_size(tracing)}, and the budget is {limit}"
        return FALSE, Budget.OVER_BUDGET, f"{over}; {_way_out(tracing)}, or raise tracing.budget.bytesPerDay"
    if tracing.budget_factor is not None:
        fit = f"so that traces fit {limit} bytes a day, {_size(tracing)}"
        lowered = f"the ratios are multiplied by {tracing.budget_factor} {fit}"
        return TRUE, Budget.SAMPLING_REDUCED, f"{lowered}; raise tracing.budget.bytesPerDay to trace more"
    return (
        TRUE,
        Budget.WITHIN_BUDGET,
        f"about {projected} bytes of traces a day, {_size(tracing)}; the budget is {limit}",
    )


def _size(tracing: TracingStatus) -> str:
    """What the projection reckons with."""
    if tracing.bytes_per_span is None:
        return f"at {BYTES_A_SPAN} bytes a span"
    return f"at {tracing.bytes_per_span} bytes a span, as measured at its Jaeger"


def _way_out(tracing: TracingStatus) -> str:
    """What to do about traces that pass their budget."""
    if tracing.budget_before is None:
        return "lower tracing.sampling.ratio"
    return (
        "lower ratios were tried and are not enough, as not all traces follow them: look at tracing.sampling.keepErrors and "
        "keepSlowerThanMilliseconds, and at why so many frames fail or are slow"
    )
