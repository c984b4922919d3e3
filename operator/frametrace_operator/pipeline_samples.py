"""What a pass leaves of a pipeline, in numbers: from its spec and its status. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from frametrace_api.conditions import ConditionType, ReadyReason
from frametrace_api.quantities import bytes_of
from frametrace_api.status import CameraPipelineStatus, CameraState, ConditionStatus, StageState
from frametrace_api.status_tracing import GuardState, RollbackTrigger, TracingStatus

from frametrace_operator.manifests.sizing import max_frames
from frametrace_operator.pipeline import Pipeline

__all__ = ["Sample", "Samples", "coarse", "of_pass", "of_ready"]

Sample = tuple[str, tuple[str, ...], float]
"""Name without prefix, values of the labels besides the pipeline's, value."""
Samples = Iterator[Sample]

_MEASURED: Final = (RollbackTrigger.TRACES_MISSING, RollbackTrigger.OVERHEAD, RollbackTrigger.BACKEND_UNSTABLE)
_BAD_STAGE: Final = (StageState.UNAVAILABLE, StageState.UNKNOWN)
_MOST_LAG: Final = 30.0  # seconds


def of_pass(pipeline: Pipeline, status: CameraPipelineStatus, unreadable: int) -> Samples:
    """All of a pipeline whose spec can be carried out."""
    yield from of_ready(status)
    yield from _of_parts(status, unreadable)
    yield from _of_spec(pipeline)
    if status.tracing is not None:
        yield from _of_state(status.tracing)


def of_ready(status: CameraPipelineStatus) -> Samples:
    """Whether frames flow; nothing where they are not meant to."""
    ready = status.condition(ConditionType.READY)
    if ready is not None and ready.reason != ReadyReason.SUSPENDED:
        yield "pipeline_ready", (ready.reason,), float(ready.status is ConditionStatus.TRUE)


def coarse(status: TracingStatus | None) -> Samples:
    """What the status keeps of what was measured."""
    if status is None:
        return
    if status.completeness_percent is not None:
        yield "guard_complete_ratio", (), float(status.completeness_percent) / 100
    if status.overhead_percent is not None:
        yield "guard_overhead_ratio", (), float(status.overhead_percent) / 100
    if status.projected_bytes_per_day is not None:
        yield "guard_projected_bytes_per_day", (), float(bytes_of(status.projected_bytes_per_day))


def _of_parts(status: CameraPipelineStatus, unreadable: int) -> Samples:
    yield "pipeline_unreadable_pods", (), float(unreadable)
    yield "pipeline_unavailable_stages", (), float(sum(stage.state in _BAD_STAGE for stage in status.stages))
    broker = status.condition(ConditionType.BROKER_AVAILABLE)
    if broker is not None and broker.status is not ConditionStatus.UNKNOWN:
        yield "pipeline_broker_available", (), float(broker.status is ConditionStatus.TRUE)
    states = Counter(camera.state for camera in status.cameras)
    for state in CameraState:
        yield "pipeline_cameras", (state.value,), float(states[state])


def _of_spec(pipeline: Pipeline) -> Samples:
    tracing, retention = pipeline.spec.tracing, pipeline.spec.broker.retention
    yield "pipeline_lag_limit_seconds", (), min(_MOST_LAG, retention.frame_seconds / 2)
    yield "pipeline_queue_limit_frames", (), float(max_frames(pipeline.spec))
    if tracing.backend.external is not None:
        yield "pipeline_external_jaeger", (urlsplit(tracing.backend.external.query_url).netloc,), 1.0
    yield "guard_missing_limit_ratio", (), float(tracing.guard.max_missing_percent) / 100
    yield "guard_overhead_limit_ratio", (), float(tracing.guard.max_overhead_percent) / 100
    yield "guard_budget_bytes_per_day", (), float(bytes_of(tracing.budget.bytes_per_day))


def _of_state(status: TracingStatus) -> Samples:
    for state in GuardState:
        yield "guard_state", (state.value,), float(status.state is state)
    doubt = status.suspicion
    alarm = doubt.trigger if doubt is not None and doubt.alarm_time is not None else None
    for trigger in _MEASURED:
        yield "guard_alarm", (trigger.value,), float(trigger is alarm)
    if status.effective_ratio is not None:
        yield "guard_effective_ratio", (), float(status.effective_ratio)
    if (last := status.last_rollback) is not None:
        yield "guard_last_rollback_timestamp_seconds", (last.trigger.value,), last.start_time.timestamp()
