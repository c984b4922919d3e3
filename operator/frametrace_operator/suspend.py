"""Suspend: which of a pipeline's pods may run now. A suspended one goes in the order of its frames. Pure.

Captures go first; stages follow when they have handled what was in flight; the broker and Jaeger go last.
"""

from datetime import timedelta

from frametrace_api.spec import PipelineMode
from frametrace_api.status import CameraState

from frametrace_operator.awake import Awake
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, Workload
from frametrace_operator.pipeline import Pipeline

__all__ = ["awake"]


def awake(pipeline: Pipeline, seen: Observation) -> Awake:
    """What should run now, from what is there: nothing is remembered, so any replica goes on where one stopped."""
    if pipeline.spec.mode is PipelineMode.RUNNING:
        return Awake.ALL
    captures, stages = _workloads(seen, Role.CAPTURE), _workloads(seen, Role.STAGE)
    if any(state.replicas for state in captures) or _has_pods(seen, Role.CAPTURE):
        return Awake.STAGES
    # A stage that an autoscaler took to zero may have frames waiting: only what was put to sleep here is through.
    through = all(state.put_to_sleep for state in stages)
    if not (through or _drained(pipeline, seen) or _overdue(pipeline, seen)):
        return Awake.STAGES
    return Awake.NOTHING if through and not _has_pods(seen, Role.STAGE) else Awake.SERVERS


def _workloads(seen: Observation, role: Role) -> list[Workload]:
    return [state for (kind, _), state in seen.workloads.items() if kind == role]


def _has_pods(seen: Observation, role: Role) -> bool:
    return any(pod.role == role and not pod.ended for pod in seen.pods)


def _drained(pipeline: Pipeline, seen: Observation) -> bool:
    """Whether every stage says that it has nothing left."""
    ready = {pod.item for pod in seen.pods if pod.role == Role.STAGE and pod.ready}
    flow = seen.flow
    every = all(stage.name in ready for stage in pipeline.spec.stages)
    return every and flow.broker_connected and not flow.busy and not flow.silent and not flow.brokers


def _overdue(pipeline: Pipeline, seen: Observation) -> bool:
    """Whether the pictures of all frames in flight are gone anyway: a stage that is broken for good must not keep all."""
    lines = seen.status.cameras if seen.status is not None else ()
    times = [line.last_transition_time for line in lines if line.state is CameraState.SUSPENDED]
    known = [time for time in times if time is not None]
    spec = pipeline.spec
    longest = max((stage.handler_timeout_seconds for stage in spec.stages), default=0)
    patience = timedelta(seconds=spec.broker.retention.frame_seconds + longest)
    return bool(known) and seen.now - max(known) > patience
