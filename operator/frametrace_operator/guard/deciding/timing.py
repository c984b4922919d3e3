"""When a pipeline has to be looked at again for the guard's sake, though nothing may happen that wakes anybody. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from frametrace_api.spec import PipelineMode
from frametrace_api.status_tracing import GuardState, ProbationActivity, RollbackStep, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.guard.deciding.budget import MEASURED_WINDOWS, RAISE_WINDOWS
from frametrace_operator.guard.deciding.purging import UNDER_WAY
from frametrace_operator.guard.deciding.recovery import calm_time
from frametrace_operator.pipeline import Pipeline

__all__ = ["look_again"]

_SWITCHING: Final = 1.0
_REPLACING: Final = 3.0
_MEASURING: Final = 5.0
_PURGING: Final = 5.0
_LEAST: Final = 0.2


def look_again(status: TracingStatus | None, pipeline: Pipeline, now: datetime) -> float | None:
    """In so many seconds; None if only events matter."""
    waits = list(_waits(status, pipeline, now)) if status is not None else []
    return max(_LEAST, min(waits)) if waits else None


def _waits(status: TracingStatus, pipeline: Pipeline, now: datetime) -> Iterator[float]:
    last, probation = status.last_rollback, status.probation
    recovery = pipeline.spec.tracing.guard.recovery
    traced = pipeline.spec.tracing.mode is TracingMode.ENABLED  # while it is not, there is no storage of ours to clear
    managed = pipeline.spec.tracing.backend.external is None  # a webhook's caller tells of each change by itself
    if traced and managed and last is not None and last.purge in UNDER_WAY:
        yield _PURGING
    if last is not None and status.state is GuardState.ROLLING_BACK:
        yield _SWITCHING if last.step is RollbackStep.LIVE_OFF else _REPLACING
    if pipeline.spec.mode is PipelineMode.SUSPENDED:
        return
    if status.next_attempt_time is not None:
        left = (status.next_attempt_time - now).total_seconds()
        yield left if left > 0 else _MEASURING  # Jaeger is waited for
    if probation is not None and probation.activity is ProbationActivity.RESTARTING:
        yield _REPLACING
    elif probation is not None:
        left = (probation.step_start_time + timedelta(seconds=recovery.step_seconds) - now).total_seconds()
        yield left if left > 0 else _MEASURING
    yield from _budget(status, pipeline, now)
    if status.attempts and status.evidence_since is not None and status.state is GuardState.HEALTHY:
        yield (status.evidence_since + calm_time(recovery, status.attempts) - now).total_seconds()


def _budget(status: TracingStatus, pipeline: Pipeline, now: datetime) -> Iterator[float]:
    """A projection counts some windows after a change, and a lowered ratio may rise after more of them."""
    if status.state not in (GuardState.HEALTHY, GuardState.SUSPECT):
        return
    window = timedelta(seconds=pipeline.spec.tracing.guard.window_seconds)
    for change in (status.evidence_since, status.budget_factor_time):
        if change is not None and change + (MEASURED_WINDOWS + 1) * window > now:
            yield (change + (MEASURED_WINDOWS + 1) * window - now).total_seconds()
    if status.budget_factor is not None or status.budget_before is not None:
        pause = RAISE_WINDOWS * window
        passed = now - status.budget_factor_time if status.budget_factor_time is not None else pause
        yield (pause - passed if passed < pause else pause).total_seconds()
