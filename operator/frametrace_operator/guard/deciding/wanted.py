"""What the guard wants of a pipeline's pods and storage in each of its states: `tracing_plan`. Pure."""

from frametrace_api.status_tracing import GuardState, ProbationActivity, RollbackStep, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.guard.deciding.ratios import all_ratios, effective_ratio, step_ratios
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.pipeline import Pipeline

__all__ = ["ratio_in_force", "tracing_plan"]


def tracing_plan(status: TracingStatus | None, pipeline: Pipeline) -> TracingPlan:
    """What a pipeline is rendered with; None stands for one that was never looked at, whose tracing is as its spec says."""
    purges = purge_generation(status)
    if pipeline.spec.tracing.mode is TracingMode.DISABLED:
        return TracingPlan(instrumented=False, on=False, purge_generation=purges)
    if status is None:
        return TracingPlan(purge_generation=purges)
    if status.state is GuardState.ROLLED_BACK:
        return TracingPlan(instrumented=False, on=False, purge_generation=purges)
    if status.state is GuardState.ROLLING_BACK:
        running = status.last_rollback is not None and status.last_rollback.step is RollbackStep.LIVE_OFF
        return TracingPlan(instrumented=running, on=False, purge_generation=purges)
    if status.state is GuardState.PROBATION:
        return _probation(status, pipeline, purges)
    ratios = all_ratios(pipeline, status.budget_factor) if status.budget_factor else {}
    return TracingPlan(ratios=ratios, purge_generation=purges)


def purge_generation(status: TracingStatus | None) -> int:
    """Purges of the managed storage so far. It never falls: the storage would take any change for a new purge."""
    last = status.last_rollback if status is not None else None
    return (last.purge_generation or 0) if last is not None else 0


def ratio_in_force(status: TracingStatus, pipeline: Pipeline) -> str:
    """Share of all frames that is traced now, over all cameras."""
    plan = tracing_plan(status, pipeline)
    if not (plan.instrumented and plan.on):
        return "0"
    return effective_ratio({**all_ratios(pipeline, None), **plan.ratios})


def _probation(status: TracingStatus, pipeline: Pipeline, purges: int) -> TracingPlan:
    probation = status.probation
    if probation is None or probation.activity is ProbationActivity.RESTARTING:
        silent = dict.fromkeys((camera.id for camera in pipeline.spec.cameras), "0")
        return TracingPlan(ratios=silent, purge_generation=purges)
    percent = int(float(probation.cameras_percent))
    ratios = step_ratios(pipeline, percent, probation.first_camera, status.budget_factor)
    return TracingPlan(on=probation.activity is ProbationActivity.MEASURING, ratios=ratios, purge_generation=purges)
