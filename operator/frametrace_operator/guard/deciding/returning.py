"""Rows of the guard's table by which tracing comes back, step by step. Pure."""

from typing import Final

from frametrace_api.status_tracing import GuardState, ProbationActivity

from frametrace_operator.guard.deciding import moves
from frametrace_operator.guard.deciding.requests import Asked
from frametrace_operator.guard.deciding.row import Transition
from frametrace_operator.guard.deciding.situation import Situation

__all__ = ["RETURNING"]

_HEALTHY, _ROLLING_BACK = GuardState.HEALTHY, GuardState.ROLLING_BACK
_ROLLED_BACK, _PROBATION = GuardState.ROLLED_BACK, GuardState.PROBATION
_RESTARTING, _MEASURING, _PAUSED = ProbationActivity.RESTARTING, ProbationActivity.MEASURING, ProbationActivity.PAUSED


def _instrumented(now: Situation) -> bool:
    return now.does(_RESTARTING) and now.progress.instrumented and not now.suspended


def _partly_instrumented(now: Situation) -> bool:
    return now.does(_RESTARTING) and now.restart_overdue and not now.suspended


def _needs_no_measuring(now: Situation) -> bool:
    """Whether the return is over without a look: those who are not back by the end of Restarting hold it up no longer."""
    back = now.progress.instrumented or not now.does(_RESTARTING) or now.restart_overdue
    return back and not now.suspended and (now.nothing_traced or not now.acts)


def _measured(now: Situation) -> bool:
    return now.does(_MEASURING) and not now.suspended


def _failed(now: Situation) -> bool:
    return now.acts and _measured(now) and now.certain is not None


def _passed(now: Situation) -> bool:
    return _measured(now) and ((now.step_over and now.step_well) or now.undecided_for_long)


RETURNING: Final[tuple[Transition, ...]] = (
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
        "every pod is instrumented again, or 600 s have passed, and nothing is to be measured: the spec has nothing traced, or `guard.rollback` is AlarmOnly",
        _needs_no_measuring,
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
        _PROBATION,
        "Restarting → Measuring, after 600 s: the pods that are back are measured, the others follow when they can",
        _partly_instrumented,
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
        "the step went well for `recovery.stepSeconds`, or frames came for 30 times as long and nothing could be said of them: 10, then 50, then 100 % of the cameras are traced",
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
    Transition(
        (_PROBATION,),
        _PROBATION,
        "the first camera sends nothing, or is gone: another one is tried",
        lambda now: _measured(now) and now.first_camera_silent,
        moves.next_camera,
    ),
)
"""In the order in which they are tried."""
