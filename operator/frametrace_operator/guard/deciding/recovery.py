"""Recovery: when tracing is brought back by itself, and when only a person does that. Pure."""

from datetime import datetime, timedelta
from typing import Final

from frametrace_api.guard import Recovery, RecoveryMode
from frametrace_api.status_tracing import Hold, TracingStatus

__all__ = ["calm_time", "hold", "next_attempt", "wait"]

_LONGEST: Final = timedelta(days=7)
_MOST_DOUBLINGS: Final = 20
_CALM: Final = 4


def wait(recovery: Recovery, attempts: int) -> timedelta:
    """From a rollback to the next attempt, after so many that failed: each doubles it, to a week at most."""
    return min(timedelta(seconds=recovery.after_seconds) * (1 << min(attempts, _MOST_DOUBLINGS)), _LONGEST)


def calm_time(recovery: Recovery, attempts: int) -> timedelta:
    """How long tracing must have been in without a rollback until earlier attempts count no more.

    Without it a fault that shows only under full load would be met again and again after the shortest wait.
    """
    return _CALM * wait(recovery, attempts)


def hold(status: TracingStatus, recovery: Recovery) -> Hold | None:
    """Why a pipeline that is rolled back waits for a person; None if it comes back by itself."""
    if status.hold is Hold.REQUESTED:
        return Hold.REQUESTED
    if recovery.mode is RecoveryMode.MANUAL:
        return Hold.MANUAL
    return Hold.ATTEMPTS_USED_UP if status.attempts >= recovery.max_attempts else None


def next_attempt(status: TracingStatus, recovery: Recovery) -> datetime | None:
    """When a pipeline that is rolled back comes back by itself. The spec as it is now decides, so it can be changed midway."""
    last = status.last_rollback
    if last is None or hold(status, recovery) is not None:
        return None
    return (last.completion_time or last.start_time) + wait(recovery, status.attempts)
