"""Lost: where the guard stands when the status is gone or unreadable, inferred from what it left in the cluster. Pure.

What is inferred never takes tracing in where it was out: it errs towards the state that ends in a probation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from frametrace_api.status_tracing import (
    GuardState,
    Hold,
    LastRollback,
    Probation,
    ProbationActivity,
    PurgeState,
    RollbackStep,
    RollbackTrigger,
    TracingStatus,
)
from frametrace_api.tracing import TracingMode

from frametrace_operator.guard.deciding.moves import rollback_name
from frametrace_operator.guard.deciding.purging import backend_of
from frametrace_operator.guard.deciding.ratios import FIRST, all_ratios
from frametrace_operator.guard.deciding.requests import Asked, requests, time_stamp
from frametrace_operator.pipeline import Pipeline

__all__ = ["Traces", "infer"]

_WORDS: Final = "the status was lost, and pods were found with tracing taken out"


@dataclass(frozen=True, slots=True)
class Traces:
    """What the guard's acts left in the cluster.

    Attributes:
        sdk_disabled: of each Deployment of captures and stages, whether its template has `OTEL_SDK_DISABLED=true`.
        live_on: what the `…-live` ConfigMap says; None if it is not there.
        live_ratios: each camera's ratio there.
        report: the last rollback as its report's ConfigMap has it; None if there is none, or none that can be read.
        attempts: to bring tracing back, as the report has them; 0 if it does not say.
        purge_generation: that of the managed Jaeger's template; 0 if it has none.
    """

    sdk_disabled: tuple[bool, ...] = ()
    live_on: bool | None = None
    live_ratios: Mapping[str, str] = field(default_factory=dict)
    report: LastRollback | None = None
    attempts: int = 0
    purge_generation: int = 0


def infer(traces: Traces, pipeline: Pipeline, now: datetime) -> TracingStatus | None:
    """The status that goes on from there; None for a pipeline on which the guard has not acted."""
    whole = now.replace(microsecond=0)
    if pipeline.spec.tracing.mode is TracingMode.DISABLED:
        return _at_rest(GuardState.DISABLED, traces, pipeline, whole)
    if not traces.sdk_disabled:
        return None
    if all(traces.sdk_disabled):
        status: TracingStatus | None = _rolled_back(traces, pipeline, whole)
    elif any(traces.sdk_disabled) or traces.live_on is False:
        status = _rolling_back(traces, pipeline, whole)
    else:
        status = _tracing(traces, pipeline, whole)
    if status is None:
        return None
    begun = 1 if status.state is GuardState.PROBATION else 0
    return status.model_copy(update={"attempts": max(begun, traces.attempts)})


def _rolled_back(traces: Traces, pipeline: Pipeline, now: datetime) -> TracingStatus:
    """Completed now: a wait that was longer already begins anew, rather than end too early."""
    last = _last(traces, pipeline, now, RollbackStep.DONE).model_copy(update={"completion_time": now})
    by_hand = last.trigger is RollbackTrigger.REQUESTED or _held(pipeline, last)
    return _status(GuardState.ROLLED_BACK, pipeline, now, last, Hold.REQUESTED if by_hand else None)


def _held(pipeline: Pipeline, last: LastRollback) -> bool:
    """Whether a person asked for it after the guard had done it by itself."""
    asked = requests(pipeline, TracingStatus(state=GuardState.HEALTHY))
    stamp = time_stamp(asked.value)
    return asked.asked is Asked.ROLLBACK and stamp is not None and stamp > last.start_time


def _rolling_back(traces: Traces, pipeline: Pipeline, now: datetime) -> TracingStatus:
    """Half out, or half back in: out is where both can go on from."""
    step = RollbackStep.RESTARTING if any(traces.sdk_disabled) else RollbackStep.LIVE_OFF
    return _status(GuardState.ROLLING_BACK, pipeline, now, _last(traces, pipeline, now, step))


def _tracing(traces: Traces, pipeline: Pipeline, now: datetime) -> TracingStatus | None:
    """Pods trace: all as the spec says, or as far as a probation had come, which then begins again."""
    silent = [
        camera
        for camera, ratio in all_ratios(pipeline, None).items()
        if Decimal(ratio) > 0 and Decimal(traces.live_ratios.get(camera, ratio)) == 0
    ]
    if silent:
        status = _status(GuardState.PROBATION, pipeline, now, _last(traces, pipeline, now, RollbackStep.DONE))
        probation = Probation(cameras_percent=str(FIRST), step_start_time=now, activity=ProbationActivity.RESTARTING)
        return status.model_copy(update={"probation": probation})
    return _at_rest(GuardState.HEALTHY, traces, pipeline, now)


def _at_rest(state: GuardState, traces: Traces, pipeline: Pipeline, now: datetime) -> TracingStatus | None:
    """Nothing is under way. The last rollback is kept for the number of its purge: the next one with that number would clear nothing."""
    if traces.report is None and not traces.purge_generation:
        return None
    return _status(state, pipeline, now, _last(traces, pipeline, now, RollbackStep.DONE))


def _status(
    state: GuardState, pipeline: Pipeline, now: datetime, last: LastRollback, hold: Hold | None = None
) -> TracingStatus:
    status = TracingStatus(state=state, state_since=now, evidence_since=now, last_rollback=last, hold=hold)
    asked = requests(pipeline, status)
    handled = {"handled_rollback_request": asked.rollback, "handled_reenable_request": asked.reenable}
    out = state in (GuardState.ROLLED_BACK, GuardState.ROLLING_BACK)
    if asked.asked is Asked.ROLLBACK and out:
        handled["handled_rollback_request"] = asked.value
    stamp = time_stamp(asked.value)
    if asked.asked is Asked.REENABLE and not (out and stamp is not None and stamp > last.start_time):
        handled["handled_reenable_request"] = asked.value  # it was obeyed before the rollback that stands
    return status.model_copy(update=handled)


def _last(traces: Traces, pipeline: Pipeline, now: datetime, step: RollbackStep) -> LastRollback:
    report = traces.report
    if report is not None:
        reported = report.purge_generation or 0
        fields = {"step": step, "purge_generation": max(traces.purge_generation, reported) or None}
        purged = {"purge": PurgeState.PENDING} if traces.purge_generation > reported else {}
        return report.model_copy(update=fields | purged)
    by_hand = requests(pipeline, TracingStatus(state=GuardState.HEALTHY)).asked is Asked.ROLLBACK
    return LastRollback(
        id=rollback_name(pipeline.uid, now),
        trigger=RollbackTrigger.REQUESTED if by_hand else RollbackTrigger.UNKNOWN,
        message=_WORDS,
        step=step,
        start_time=now,
        purge=PurgeState.DONE if traces.purge_generation else PurgeState.NOT_ASKED,
        purge_generation=traces.purge_generation or None,
        backend=backend_of(pipeline),
    )
