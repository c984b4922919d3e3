"""Rollout: how far the present pass may go with what the guard wants of the pods. Pure.

Stages are replaced at once, for they roll without a gap. Each camera has a gap of some seconds, so captures are replaced
a tenth at a time: the next one when one of those under way is through, or will not get through for a reason of its own.
A rollback has five minutes, however slowly cameras come and go: a capture is through there once its new pod runs, and
more begin at once as time runs out. A return has all the time it wants, and waits until each is ready.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from frametrace_api.conditions import CaptureAvailableReason
from frametrace_api.tracing import TracingMode

from frametrace_operator.assess.facts import Facts
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, Workload
from frametrace_operator.pipeline import Pipeline

__all__ = ["Rollout", "is_stuck", "rollout", "wants_sdk_disabled"]

_PATIENCE: Final = timedelta(seconds=30)
"""A Deployment that did not get on for so long is stuck, and holds up no other."""

_PATIENCE_GOING: Final = timedelta(seconds=10)
"""The same while tracing goes, where a stop that hangs until it is killed must not cost the others their time."""

_SHARE: Final = 0.1
_HURRY: Final = ((timedelta(seconds=180), 1.0), (timedelta(seconds=120), 0.25))
"""The share of the captures that may be under way when a rollback has taken so long, the longest first."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """What this pass renders: the plan, and the cameras whose captures are still as they were."""

    tracing: TracingPlan
    waiting: frozenset[str] = frozenset()


def rollout(pipeline: Pipeline, tracing: TracingPlan, seen: Observation, since: datetime | None = None) -> Rollout:
    """The part of the plan that may be brought about now.

    A storage is never told of fewer purges than it knows of, also when the status that counted them was lost: it would
    take any other number for a new purge.

    Args:
        pipeline: whose pods they are.
        tracing: the plan.
        seen: the look.
        since: when the rollback was decided that is under way; None if none is.
    """
    jaeger = seen.workloads.get((Role.JAEGER.value, ""))
    purges = max(tracing.purge_generation, jaeger.purge_generation if jaeger is not None else 0)
    return Rollout(replace(tracing, purge_generation=purges), _waiting(pipeline, tracing, seen, _pace(seen, since)))


def wants_sdk_disabled(pipeline: Pipeline, tracing: TracingPlan) -> bool:
    """Whether captures and stages are to run without instrumentation."""
    return not tracing.instrumented or pipeline.spec.tracing.mode is TracingMode.DISABLED


@dataclass(frozen=True, slots=True)
class _Pace:
    """How many captures may be under way, and for how long one that does not get on counts as under way."""

    share: float = _SHARE
    patience: timedelta = _PATIENCE
    going: bool = False


def _pace(seen: Observation, since: datetime | None) -> _Pace:
    if since is None:
        return _Pace()
    share = next((share for passed, share in _HURRY if seen.now - since >= passed), _SHARE)
    return _Pace(share, _PATIENCE_GOING, going=True)


def _waiting(pipeline: Pipeline, tracing: TracingPlan, seen: Observation, pace: _Pace) -> frozenset[str]:
    if pipeline.spec.tracing.mode is TracingMode.DISABLED:
        return frozenset()  # the owner's own word, which is carried out as any change of the spec is
    goal, facts = wants_sdk_disabled(pipeline, tracing), Facts(pipeline, seen)
    known = [(camera.id, facts.workload(Role.CAPTURE, camera.id)) for camera in pipeline.spec.cameras]
    running = [(camera, state) for camera, state in known if state is not None and state.replicas]
    behind = [camera for camera, state in running if state.sdk_disabled is not goal]
    moving = [camera for camera, state in running if camera not in behind and not _through(facts, camera, state, pace)]
    room = max(1, ceil(pace.share * len(running))) - len(moving)
    return frozenset(behind[max(0, room) :])


def _through(facts: Facts, camera: str, state: Workload, pace: _Pace) -> bool:
    """Whether a capture that was told to change has changed, or what keeps it back is not the change."""
    if state.settled or _away(facts, camera, state) or (pace.going and _runs_anew(facts, camera, state)):
        return True
    return is_stuck(facts, Role.CAPTURE, camera, state, pace.patience)


def _runs_anew(facts: Facts, camera: str, state: Workload) -> bool:
    """Whether the old pod is gone and the new one runs, connected or not yet."""
    pods = [pod for pod in facts.pods(Role.CAPTURE, camera) if not pod.ended]
    return state.replaced and bool(pods) and all(pod.running and pod.sdk_disabled is True for pod in pods)


def _away(facts: Facts, camera: str, state: Workload) -> bool:
    """A capture whose camera is away is never ready, however well its pod runs."""
    found = facts.seen.flow.cameras.get(camera)
    away = found is not None and not found.connected and found.reason not in ("", CaptureAvailableReason.STARTING)
    return state.replaced and away


def is_stuck(facts: Facts, role: Role, item: str, state: Workload, patience: timedelta = _PATIENCE) -> bool:
    """Whether the pods of a Deployment wait for a person, or have not got on for long."""
    trouble = facts.trouble(role, item)
    if trouble is not None and trouble.stalled is not None:
        return True
    return state.moved is not None and state.observed and facts.seen.now - state.moved > patience
