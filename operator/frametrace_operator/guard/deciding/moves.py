"""Moves: what a transition makes of a status. Pure; whether it is time for one is the table's business."""

from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from frametrace_api.bounds import MAX_MESSAGE
from frametrace_api.group import ROLLBACK_TRACING
from frametrace_api.status_tracing import (
    MAX_LEFT_BEHIND_LISTED,
    GuardState,
    Hold,
    LastRollback,
    Probation,
    ProbationActivity,
    RollbackStep,
    RollbackTrigger,
    Suspicion,
    TracingStatus,
)

from frametrace_operator.guard.deciding.purging import backend_of
from frametrace_operator.guard.deciding.ratios import FIRST, next_step, traced_cameras
from frametrace_operator.guard.deciding.requests import Asked
from frametrace_operator.guard.deciding.situation import Situation
from frametrace_operator.texts import clipped

__all__ = [
    "disable",
    "enable",
    "finish_rollback",
    "following",
    "measure",
    "next_camera",
    "pause",
    "recover",
    "restart",
    "restart_pods",
    "restarting_again",
    "roll_back",
    "roll_back_by_hand",
    "rollback_name",
    "suspect",
    "widen",
]

_FAILED: Final = "tracing came back and failed again: "


def disable(now: Situation) -> TracingStatus:
    """The owner wants no tracing; what was done so far stays known."""
    return _changed(now, state=GuardState.DISABLED, attempts=0, hold=None, **_NOTHING_UNDER_WAY)


def enable(now: Situation) -> TracingStatus:
    """The owner wants tracing."""
    return _changed(now, state=GuardState.HEALTHY, attempts=0, hold=None, evidence_since=now.now, **_NOTHING_UNDER_WAY)


def suspect(now: Situation) -> TracingStatus:
    """Something is wrong; it is looked at closely."""
    worst = now.worst
    if worst is None:
        raise ValueError("nothing is wrong")
    suspicion = Suspicion(trigger=worst.trigger, message=clipped(worst.message, MAX_MESSAGE))
    return _changed(now, state=GuardState.SUSPECT, suspicion=suspicion)


def recover(now: Situation) -> TracingStatus:
    """Tracing is whole."""
    back = now.status.state is GuardState.PROBATION
    since = {"evidence_since": now.now} if back else {}
    return _changed(now, state=GuardState.HEALTHY, **_NOTHING_UNDER_WAY, **since)


def roll_back(now: Situation) -> TracingStatus:
    """What was measured is reason enough."""
    why = now.certain
    if why is None:
        raise ValueError("nothing measured is reason enough")
    failed = now.status.state is GuardState.PROBATION
    return _rolling_back(now, why.trigger, _FAILED + why.message if failed else why.message)


def roll_back_by_hand(now: Situation) -> TracingStatus:
    """A person wants it."""
    asked = f"asked for by the annotation {ROLLBACK_TRACING}={now.requests.value}"
    return _rolling_back(now, RollbackTrigger.REQUESTED, asked)


def restart_pods(now: Situation) -> TracingStatus:
    """Tracing is off in the running pods, or they had time enough for it: now they are replaced."""
    time = {"live_off_time": now.now} if now.progress.live_off else {}
    return _step(now, step=RollbackStep.RESTARTING, **time)


def finish_rollback(now: Situation) -> TracingStatus:
    """The last pod runs without instrumentation, but for those that cannot be replaced."""
    by_hand = now.status.last_rollback is not None and now.status.last_rollback.trigger is RollbackTrigger.REQUESTED
    behind = () if now.progress.uninstrumented else now.progress.behind[:MAX_LEFT_BEHIND_LISTED]
    status = _step(now, step=RollbackStep.DONE, completion_time=now.now, left_behind=behind)
    return status.model_copy(update={"state": GuardState.ROLLED_BACK, "hold": Hold.REQUESTED if by_hand else None})


def restart(now: Situation) -> TracingStatus:
    """Pods get instrumentation again, and trace nothing yet. A person's wish begins the count of attempts anew."""
    attempts = 1 if now.asked(Asked.REENABLE) else now.status.attempts + 1
    probation = Probation(
        cameras_percent=str(FIRST),
        step_start_time=now.now,
        activity=ProbationActivity.RESTARTING,
        first_camera=next(iter(traced_cameras(now.pipeline)), None),
    )
    return _changed(now, state=GuardState.PROBATION, attempts=attempts, hold=None, probation=probation)


def measure(now: Situation) -> TracingStatus:
    """The step's cameras are traced, and looked at."""
    return _probation(now, activity=ProbationActivity.MEASURING)


def pause(now: Situation) -> TracingStatus:
    """The step failed: tracing is off for a while, then the step is made again."""
    message = clipped(now.certain.message, MAX_MESSAGE) if now.certain is not None else None
    failures = now.probation.failures + 1
    return _probation(now, activity=ProbationActivity.PAUSED, failures=failures, message=message)


def restarting_again(now: Situation) -> TracingStatus:
    """The pods went, or go: the step is made again when they are back."""
    return _probation(now, activity=ProbationActivity.RESTARTING)


def next_camera(now: Situation) -> TracingStatus:
    """Another camera is tried first."""
    cameras = traced_cameras(now.pipeline)
    first = now.probation.first_camera
    place = cameras.index(first) + 1 if first in cameras else 0
    return _probation(now, first_camera=cameras[place % len(cameras)])


def widen(now: Situation) -> TracingStatus:
    """The step went well: more cameras are traced."""
    step = following(now)
    if step is None:
        raise ValueError("all cameras are traced already")
    return _probation(now, cameras_percent=str(step))


def following(now: Situation) -> int | None:
    """The step after this one; None if it is the last."""
    probation = now.probation
    percent = int(float(probation.cameras_percent))
    return next_step(now.pipeline, percent, probation.first_camera, now.status.budget_factor)


_NOTHING_UNDER_WAY: Final[dict[str, Any]] = {"probation": None, "suspicion": None}


def _rolling_back(now: Situation, trigger: RollbackTrigger, message: str) -> TracingStatus:
    before = now.status.last_rollback
    rollback = LastRollback(
        id=rollback_name(now.pipeline.uid, now.now),
        trigger=trigger,
        message=clipped(message, MAX_MESSAGE),
        step=RollbackStep.LIVE_OFF,
        start_time=now.now,
        purge_generation=before.purge_generation if before is not None else None,
        backend=backend_of(now.pipeline),
    )
    return _changed(now, state=GuardState.ROLLING_BACK, last_rollback=rollback, **_NOTHING_UNDER_WAY)


def rollback_name(uid: str, time: datetime) -> str:
    """Name of a rollback: its time, and what tells it from those of other pipelines."""
    return f"{time:%Y%m%d-%H%M%S}-{blake2b(f'{uid} {time.timestamp()}'.encode(), digest_size=3).hexdigest()}"


def _step(now: Situation, **fields: Any) -> TracingStatus:
    last = now.status.last_rollback
    if last is None:
        raise ValueError("no rollback is under way")
    return _changed(now, last_rollback=last.model_copy(update=fields))


def _probation(now: Situation, **fields: Any) -> TracingStatus:
    mark = {"step_start_time": now.now, "frames_ended_before": now.evidence.ended}
    return _changed(now, probation=now.probation.model_copy(update=mark | fields))


def _changed(now: Situation, **fields: Any) -> TracingStatus:
    return now.status.model_copy(update=fields)
