"""Suspend: which of a pipeline's pods may run now. A suspended one goes in the order of its frames. Pure.

Captures go first; stages follow when they have handled what was in flight; the broker and Jaeger go last.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from frametrace_api.spec import PipelineMode
from frametrace_api.status import CameraState

from frametrace_operator.awake import Awake
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, PodView, Workload
from frametrace_operator.pipeline import Pipeline

__all__ = ["awake", "draining", "drains", "lost_pods"]

_TOLD_SECONDS: Final = 7.0
"""A stage counts every five seconds what waits for it, between two frames: what its captures sent last is in it then."""


def awake(pipeline: Pipeline, seen: Observation) -> Awake:
    """What should run now, from what is there: nothing is remembered, so any replica goes on where one stopped."""
    if pipeline.spec.mode is PipelineMode.RUNNING:
        return Awake.ALL
    captures, stages = _workloads(seen, Role.CAPTURE), _workloads(seen, Role.STAGE)
    if any(state.replicas for state in captures) or _has_pods(seen.pods, Role.CAPTURE, seen.now):
        return Awake.STAGES
    # A stage that an autoscaler took to zero may have frames waiting: only what was put to sleep here is through.
    through = all(state.put_to_sleep for state in stages)
    if not (through or _drained(pipeline, seen) or _overdue(pipeline, seen)):
        return Awake.STAGES
    own = (pod for pod in seen.pods if not _woken(seen, pod))
    return Awake.NOTHING if through and not _has_pods(own, Role.STAGE, seen.now) else Awake.SERVERS


def draining(seen: Observation) -> bool:
    """Whether a suspended pipeline has pods that are still to go: those that another woke stay, and lost ones are not waited for."""
    return any(_is_there(pod, seen.now) and not _woken(seen, pod) for pod in seen.pods)


def lost_pods(seen: Observation) -> tuple[PodView, ...]:
    """Pods that are not waited for: they were to be gone long ago, and nobody can say whether they still run."""
    return tuple(pod for pod in seen.pods if not pod.ended and pod.is_lost(seen.now))


def _woken(seen: Observation, pod: PodView) -> bool:
    state = seen.workloads.get((pod.role, pod.item))
    return state is not None and bool(state.woken_by)


def drains(pipeline: Pipeline, pods: Iterable[PodView], now: datetime) -> bool:
    """Whether no more frames come in, and the stages' ledgers say how many are left."""
    pods = tuple(pods)
    suspended = pipeline.spec.mode is PipelineMode.SUSPENDED
    return suspended and not _has_pods(pods, Role.CAPTURE, now) and _has_pods(pods, Role.STAGE, now)


def _workloads(seen: Observation, role: Role) -> list[Workload]:
    return [state for (kind, _), state in seen.workloads.items() if kind == role]


def _has_pods(pods: Iterable[PodView], role: Role, now: datetime) -> bool:
    return any(pod.role == role and _is_there(pod, now) for pod in pods)


def _is_there(pod: PodView, now: datetime) -> bool:
    """Whether a pod is waited for: one on a lost node may stay as long as that node is not deleted."""
    return not pod.ended and not pod.is_lost(now)


def _drained(pipeline: Pipeline, seen: Observation) -> bool:
    """Whether every stage says that it has nothing left, and has counted since the last capture ended."""
    return _all_speak(pipeline, seen) and not seen.flow.busy and seen.drained_for >= _TOLD_SECONDS


def _all_speak(pipeline: Pipeline, seen: Observation) -> bool:
    ready = {pod.item for pod in seen.pods if pod.role == Role.STAGE and pod.ready}
    every = all(stage.name in ready for stage in pipeline.spec.stages)
    return every and seen.flow.broker_connected and not seen.flow.silent and not seen.flow.brokers


def _overdue(pipeline: Pipeline, seen: Observation) -> bool:
    """Whether the pictures of all frames in flight are gone anyway: a stage that is broken for good must not keep all."""
    lines = seen.status.cameras if seen.status is not None else ()
    times = [line.last_transition_time for line in lines if line.state is CameraState.SUSPENDED]
    known = [time for time in times if time is not None]
    spec = pipeline.spec
    longest = max((stage.handler_timeout_seconds for stage in spec.stages), default=0)
    # Each stage that passes a frame on renews its picture. Those of stages that cannot say what they have are not waited for.
    hops = _depth(pipeline) if _all_speak(pipeline, seen) and seen.flow.busy else 1
    patience = timedelta(seconds=hops * (spec.broker.retention.frame_seconds + longest))
    return bool(known) and seen.now - max(known) > patience


def _depth(pipeline: Pipeline) -> int:
    """How many stages a frame passes at most, 1 at least."""
    depths: dict[str, int] = {}
    for stage in pipeline.spec.stages:  # each stands after its input
        depths[stage.name] = depths.get(stage.input, 0) + 1
    return max(depths.values(), default=1)
