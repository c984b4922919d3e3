"""The guard's table: its states, what leads from one to another, and why. Pure.

`status.tracing` is the only memory: `advance` makes at most one transition, and a pass that died before its state was
written makes the same one again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from frametrace_api.status_tracing import GuardState, ProbationActivity, RollbackStep, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.guard import moves
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.keeping import kept
from frametrace_operator.guard.plan import Progress
from frametrace_operator.guard.requests import Asked
from frametrace_operator.guard.situation import Situation
from frametrace_operator.guard.wanted import tracing_plan
from frametrace_operator.pipeline import Pipeline

__all__ = ["TRANSITIONS", "Transition", "advance", "tracing_plan", "transition"]

_DISABLED, _HEALTHY, _SUSPECT = GuardState.DISABLED, GuardState.HEALTHY, GuardState.SUSPECT
_ROLLING_BACK, _ROLLED_BACK, _PROBATION = GuardState.ROLLING_BACK, GuardState.ROLLED_BACK, GuardState.PROBATION
_RESTARTING, _MEASURING, _PAUSED = ProbationActivity.RESTARTING, ProbationActivity.MEASURING, ProbationActivity.PAUSED


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from one of some states to another (or a step within it), when, and what it does.

    Attributes:
        why: the reason, as the docs have it.
    """

    sources: tuple[GuardState, ...]
    target: GuardState
    why: str
    when: Callable[[Situation], bool]
    then: Callable[[Situation], TracingStatus]


def _at(step: RollbackStep) -> Callable[[Situation], bool]:
    return lambda now: now.status.last_rollback is not None and now.status.last_rollback.step is step


def _live_off(now: Situation) -> bool:
    return _at(RollbackStep.LIVE_OFF)(now) and (now.progress.live_off or now.live_off_overdue)


def _uninstrumented(now: Situation) -> bool:
    return _at(RollbackStep.RESTARTING)(now) and now.progress.uninstrumented


def _instrumented(now: Situation) -> bool:
    return now.does(_RESTARTING) and now.progress.instrumented and not now.suspended


def _measured(now: Situation) -> bool:
    return now.does(_MEASURING) and not now.suspended


def _failed(now: Situation) -> bool:
    return _measured(now) and now.certain is not None


def _passed(now: Situation) -> bool:
    return _measured(now) and now.step_over and now.step_well


TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition(
        (_HEALTHY, _SUSPECT, _ROLLING_BACK, _ROLLED_BACK, _PROBATION),
        _DISABLED,
        "`tracing.mode` was set to Disabled",
        lambda now: now.disabled,
        moves.disable,
    ),
    Transition((_DISABLED,), _HEALTHY, "`tracing.mode` was set to Enabled", lambda now: not now.disabled, moves.enable),
    Transition(
        (_HEALTHY, _SUSPECT, _PROBATION),
        _ROLLING_BACK,
        "a person asked for it: annotation `frametrace.dev/rollback-tracing`",
        lambda now: now.asked(Asked.ROLLBACK),
        moves.roll_back_by_hand,
    ),
    Transition(
        (_HEALTHY,),
        _SUSPECT,
        "a window is bad, a trace is missing, or Jaeger fails",
        lambda now: now.worst is not None,
        moves.suspect,
    ),
    Transition(
        (_SUSPECT,),
        _ROLLING_BACK,
        "`guard.failureWindows` bad windows in a row, or Jaeger is unstable; `guard.rollback` is Automatic",
        lambda now: now.acts and now.certain is not None,
        moves.roll_back,
    ),
    Transition(
        (_SUSPECT,),
        _HEALTHY,
        "`guard.failureWindows` clean windows in a row, or the spec has nothing traced any more",
        lambda now: now.nothing_traced or now.cleared,
        moves.recover,
    ),
    Transition(
        (_ROLLING_BACK,),
        _ROLLING_BACK,
        "step LiveOff → Restarting: every running pod says that its tracing is off, or 15 s have passed",
        _live_off,
        moves.restart_pods,
    ),
    Transition(
        (_ROLLING_BACK,),
        _ROLLED_BACK,
        "step Restarting → Done: every pod runs without instrumentation",
        _uninstrumented,
        moves.finish_rollback,
    ),
    Transition(
        (_ROLLED_BACK,),
        _PROBATION,
        "a person asked for it: annotation `frametrace.dev/reenable-tracing`",
        lambda now: now.asked(Asked.REENABLE),
        moves.restart,
    ),
    Transition(
        (_ROLLED_BACK,),
        _PROBATION,
        "the wait is over (`recovery.afterSeconds`, doubled after each failed attempt), no person is waited for, and Jaeger answers",
        lambda now: now.due,
        moves.restart,
    ),
    Transition(
        (_PROBATION,),
        _PROBATION,
        "→ Restarting: the pipeline was suspended, and its pods go",
        lambda now: now.suspended and not now.does(_RESTARTING),
        moves.restarting_again,
    ),
    Transition(
        (_PROBATION,),
        _HEALTHY,
        "every pod is instrumented again, and nothing is to be measured: the spec has nothing traced, or `guard.rollback` is AlarmOnly",
        lambda now: not now.suspended and now.progress.instrumented and (now.nothing_traced or not now.acts),
        moves.recover,
    ),
    Transition(
        (_PROBATION,),
        _PROBATION,
        "Restarting → Measuring: every pod is instrumented again; one camera is traced whole",
        _instrumented,
        moves.measure,
    ),
    Transition(
        (_PROBATION,),
        _ROLLING_BACK,
        "a second step failed; the next wait is longer",
        lambda now: _failed(now) and now.probation.failures >= 1,
        moves.roll_back,
    ),
    Transition(
        (_PROBATION,),
        _PROBATION,
        "Measuring → Paused: the step failed; tracing is off in the running pods",
        _failed,
        moves.pause,
    ),
    Transition(
        (_PROBATION,),
        _PROBATION,
        "Paused → Measuring: `recovery.stepSeconds` have passed; the step is made again",
        lambda now: now.does(_PAUSED) and now.step_over and not now.suspended,
        moves.measure,
    ),
    Transition(
        (_PROBATION,),
        _PROBATION,
        "the first camera sends nothing, or is gone: another one is tried",
        lambda now: _measured(now) and now.first_camera_silent,
        moves.next_camera,
    ),
    Transition(
        (_PROBATION,),
        _PROBATION,
        "the step went well for `recovery.stepSeconds`: 10, then 50, then 100 % of the cameras are traced",
        lambda now: _passed(now) and moves.following(now) is not None,
        moves.widen,
    ),
    Transition(
        (_PROBATION,),
        _HEALTHY,
        "the last step went well: all is traced that the spec asks for",
        _passed,
        moves.recover,
    ),
)
"""All rows; of those whose state and reason hold, the first one is made."""


def advance(
    before: TracingStatus | None, evidence: Evidence, progress: Progress, pipeline: Pipeline, now: datetime
) -> TracingStatus:
    """The next status of a pipeline's tracing. Equal to `before` as long as nothing is to be said or done.

    Args:
        before: what the status says; None for a pipeline that is new (see `lost.infer` for one that is not).
        evidence: what was measured by this operator process.
        progress: how far the pods and the storage are with what `tracing_plan(before, pipeline)` wants.
        pipeline: what its owner asks for.
        now: the time.
    """
    whole = now.replace(microsecond=0)  # as statuses have it, so that what is written is what is read again
    start = before or TracingStatus(state=_initial(pipeline), state_since=whole)
    situation = Situation(start, evidence, progress, pipeline, whole)
    row = transition(situation)
    after = row.then(situation) if row is not None else start
    if after.state is not start.state:
        after = after.model_copy(update={"state_since": whole})
    return kept(after, situation)


def _initial(pipeline: Pipeline) -> GuardState:
    return _DISABLED if pipeline.spec.tracing.mode is TracingMode.DISABLED else _HEALTHY


def transition(now: Situation) -> Transition | None:
    """The row that is made in this situation; None if none is."""
    return next((row for row in TRANSITIONS if now.status.state in row.sources and row.when(now)), None)
