"""What a status keeps beside its state: the last audit, the row of bad windows, the wait, the purge, the budget. Pure.

Coarse on purpose: a status is written when it says something new, not once a window.
"""

from typing import Any

from frametrace_api.bounds import MAX_MESSAGE
from frametrace_api.status_tracing import (
    MAX_LEFT_BEHIND_LISTED,
    GuardState,
    Hold,
    LastRollback,
    Suspicion,
    TracingStatus,
)

from frametrace_operator.guard.deciding.budget import kept_budget
from frametrace_operator.guard.deciding.purging import OUT, purged
from frametrace_operator.guard.deciding.recovery import calm_time, hold, next_attempt
from frametrace_operator.guard.deciding.requests import Asked
from frametrace_operator.guard.deciding.situation import Situation
from frametrace_operator.guard.deciding.span_size import kept_span_size
from frametrace_operator.guard.deciding.telling import measured
from frametrace_operator.guard.deciding.wanted import ratio_in_force
from frametrace_operator.manifests.endpoints import jaeger_query_url
from frametrace_operator.naming import report_name
from frametrace_operator.texts import clipped

__all__ = ["kept"]


def kept(after: TracingStatus, now: Situation) -> TracingStatus:
    """The status after a transition (or none), with all that it keeps brought up to date."""
    for keep in (_requests, _suspicion, measured, _attempts, _rollback, _hold, _span_size, _budget, _ratio):
        after = after.model_copy(update=keep(after, now))
    return after


def _requests(after: TracingStatus, now: Situation) -> dict[str, Any]:
    """What a person asked for is done with, unless a rollback has to end first."""
    asked = now.requests
    fields: dict[str, Any] = {
        "handled_rollback_request": asked.rollback,
        "handled_reenable_request": asked.reenable,
    }
    if asked.asked is None or (now.status.state is GuardState.ROLLING_BACK and not now.disabled):
        return fields
    name = "handled_rollback_request" if asked.asked is Asked.ROLLBACK else "handled_reenable_request"
    held = {"hold": Hold.REQUESTED} if now.asked(Asked.ROLLBACK) and after.state is GuardState.ROLLED_BACK else {}
    return fields | {name: asked.value} | held


def _suspicion(after: TracingStatus, now: Situation) -> dict[str, Any]:
    if after.state is not GuardState.SUSPECT or after.suspicion is None:
        return {"bad_windows": 0, "suspicion": None}
    worst, suspicion = now.worst, after.suspicion
    if worst is None:
        return {} if not any(one.clean for one in now.judgements) else {"bad_windows": 0}
    row = min(worst.bad, now.guard.failure_windows)
    worse = row > after.bad_windows or (worst.certain and suspicion.alarm_time is None)
    if worse and worst.message:
        suspicion = Suspicion(
            trigger=worst.trigger, message=clipped(worst.message, MAX_MESSAGE), alarm_time=suspicion.alarm_time
        )
    if worst.certain and suspicion.alarm_time is None:
        suspicion = suspicion.model_copy(update={"alarm_time": now.now})
    return {"bad_windows": row, "suspicion": suspicion}


def _attempts(after: TracingStatus, now: Situation) -> dict[str, Any]:
    """Attempts count until tracing was in for long."""
    if (
        not after.attempts
        or after.state not in (GuardState.HEALTHY, GuardState.SUSPECT)
        or after.evidence_since is None
    ):
        return {}
    calm = calm_time(now.guard.recovery, after.attempts)
    return {"attempts": 0} if now.now - after.evidence_since >= calm else {}


def _rollback(after: TracingStatus, now: Situation) -> dict[str, Any]:
    """The report and the purge of the last rollback: beside the states, at their own pace."""
    last, before = after.last_rollback, now.status.last_rollback
    if last is None or before is None or last.id != before.id:
        return {}
    report = last.report_name or (report_name(now.pipeline, last.id) if now.progress.report_kept else None)
    fields: dict[str, Any] = {"report_name": report, **purged(last, before, now, after.state)}
    live_off = last.live_off_time or (now.now if now.progress.live_off and after.state in OUT else None)
    fields |= {"live_off_time": live_off, "left_behind": _left_behind(last, after, now)}
    return {"last_rollback": last.model_copy(update=fields)}


def _left_behind(last: LastRollback, after: TracingStatus, now: Situation) -> tuple[str, ...]:
    """What is still to be replaced of what a rollback ended without; nothing any more once tracing comes back."""
    if not last.left_behind or after.state is not GuardState.ROLLED_BACK:
        return ()
    still = () if now.progress.uninstrumented else now.progress.behind
    if len(last.left_behind) == MAX_LEFT_BEHIND_LISTED:
        return still[:MAX_LEFT_BEHIND_LISTED]
    return tuple(
        name for name in last.left_behind if name in still
    )  # who is replaced anew for a reason of its own stays out


def _hold(after: TracingStatus, now: Situation) -> dict[str, Any]:
    if after.state is not GuardState.ROLLED_BACK:
        return {"hold": None, "next_attempt_time": None}
    recovery = now.guard.recovery
    return {"hold": hold(after, recovery), "next_attempt_time": next_attempt(after, recovery)}


def _span_size(after: TracingStatus, now: Situation) -> dict[str, Any]:
    return kept_span_size(after, now.evidence, now.pipeline)


def _budget(after: TracingStatus, now: Situation) -> dict[str, Any]:
    return kept_budget(after, now.evidence, now.pipeline, now.now)


def _ratio(after: TracingStatus, now: Situation) -> dict[str, Any]:
    url = None if after.state is GuardState.DISABLED else jaeger_query_url(now.pipeline)
    return {"effective_ratio": ratio_in_force(after, now.pipeline), "query_url": url}
