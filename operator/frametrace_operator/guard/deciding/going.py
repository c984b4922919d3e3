"""Rows of the guard's table by which tracing is doubted, and goes. Pure."""

from collections.abc import Callable
from typing import Final

from frametrace_api.status_tracing import GuardState, RollbackStep

from frametrace_operator.guard.deciding import moves
from frametrace_operator.guard.deciding.requests import Asked
from frametrace_operator.guard.deciding.row import Transition
from frametrace_operator.guard.deciding.situation import Situation

__all__ = ["GOING"]

_DISABLED, _HEALTHY, _SUSPECT = GuardState.DISABLED, GuardState.HEALTHY, GuardState.SUSPECT
_ROLLING_BACK, _ROLLED_BACK, _PROBATION = GuardState.ROLLING_BACK, GuardState.ROLLED_BACK, GuardState.PROBATION


def _at(step: RollbackStep) -> Callable[[Situation], bool]:
    return lambda now: now.status.last_rollback is not None and now.status.last_rollback.step is step


def _live_off(now: Situation) -> bool:
    return _at(RollbackStep.LIVE_OFF)(now) and (now.progress.live_off or now.live_off_overdue)


def _uninstrumented(now: Situation) -> bool:
    return _at(RollbackStep.RESTARTING)(now) and now.progress.uninstrumented


def _left_behind(now: Situation) -> bool:
    return _at(RollbackStep.RESTARTING)(now) and now.left_behind


GOING: Final[tuple[Transition, ...]] = (
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
        (_ROLLING_BACK,),
        _ROLLED_BACK,
        "step Restarting → Done, 300 s after the decision: what cannot be replaced is named in `lastRollback.leftBehind`, and replaced when it can be; at once if a person asks for tracing back and a rollout does not get on",
        _left_behind,
        moves.finish_rollback,
    ),
)
"""In the order in which they are tried."""
