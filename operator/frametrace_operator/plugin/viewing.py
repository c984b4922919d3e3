"""Makes views of pipelines from their objects and what their pods told. Pure."""

from datetime import datetime
from typing import Any

from frametrace_api.spec import PipelineMode
from frametrace_api.status import CameraPipelineStatus, CameraStatus, Condition, StageStatus

from frametrace_operator.kube.base import Object
from frametrace_operator.naming import Role
from frametrace_operator.observe import read_status
from frametrace_operator.plugin.live import camera_live, stage_live
from frametrace_operator.plugin.next_steps import camera_step, condition_step, stage_step
from frametrace_operator.plugin.reading import LiveValues
from frametrace_operator.plugin.view import CameraRow, ConditionRow, PipelineView, StageRow
from frametrace_operator.redaction import redacted
from frametrace_operator.suspension import mode_of

__all__ = ["view_of"]

_UNREPORTED = "Unreported"
"""State of a camera or stage of which the operator has said nothing yet."""


def view_of(body: Object, live: LiveValues, now: datetime) -> PipelineView:
    """One pipeline now."""
    metadata, spec = body["metadata"], body.get("spec") or {}
    status = read_status(body) or CameraPipelineStatus()
    plain = status.to_object()
    cameras = {line.id: line for line in status.cameras}
    stages = {line.name: line for line in status.stages}
    return PipelineView(
        namespace=metadata["namespace"],
        name=metadata["name"],
        mode=mode_of(spec.get("mode", PipelineMode.RUNNING), metadata.get("annotations") or {}),
        current=status.observed_generation == metadata.get("generation"),
        age_seconds=_ago(datetime.fromisoformat(metadata["creationTimestamp"]), now),
        tracing=plain.get("tracing") or {},
        pending_upgrade=plain.get("pendingUpgrade") or {},
        conditions=tuple(_condition(body, one, now) for one in status.conditions),
        cameras=tuple(_camera(body, one, cameras.get(one["id"]), live, now) for one in spec.get("cameras") or ()),
        stages=tuple(_stage(body, one, stages.get(one["name"]), live, now) for one in spec.get("stages") or ()),
        silent=live.silent(body),
    )


def _condition(body: Object, condition: Condition, now: datetime) -> ConditionRow:
    row = ConditionRow(
        type=condition.type,
        status=condition.status,
        reason=condition.reason,
        message=condition.message,
        next_step="",
        since_seconds=_ago(condition.last_transition_time, now),
    )
    if row.good:
        return row
    step = condition_step(condition.type, condition.reason, **_names(body))
    return ConditionRow(row.type, row.status, row.reason, row.message, step, row.since_seconds)


def _camera(
    body: Object, camera: dict[str, Any], told: CameraStatus | None, live: LiveValues, now: datetime
) -> CameraRow:
    values = camera_live(camera["id"], live.pairs(body, Role.CAPTURE, camera["id"]), now.timestamp())
    reason = (told and told.reason) or ""
    return CameraRow(
        id=camera["id"],
        state=told.state if told else _UNREPORTED,
        reason=reason,
        message=(told and told.message) or "",
        next_step=camera_step(reason, item=camera["id"], **_names(body)),
        source=redacted(str((camera.get("source") or {}).get("url", ""))),
        since_seconds=_since(told, now),
        fps=values.fps,
        dropped_per_second=values.dropped_per_second,
        last_frame_seconds=values.last_frame_seconds,
        reconnects=values.reconnects,
    )


def _stage(body: Object, stage: dict[str, Any], told: StageStatus | None, live: LiveValues, now: datetime) -> StageRow:
    values = stage_live(stage["name"], live.pairs(body, Role.STAGE, stage["name"]))
    reason = (told and told.reason) or ""
    return StageRow(
        name=stage["name"],
        state=told.state if told else _UNREPORTED,
        reason=reason,
        message=(told and told.message) or "",
        next_step=stage_step(reason, item=stage["name"], **_names(body)),
        pods=f"{told.ready_replicas}/{told.replicas}" if told else "",
        since_seconds=_since(told, now),
        fps=values.fps,
        dropped_per_second=values.dropped_per_second,
        lag=values.lag,
    )


def _names(body: Object) -> dict[str, str]:
    return {"namespace": body["metadata"]["namespace"], "name": body["metadata"]["name"]}


def _since(told: CameraStatus | StageStatus | None, now: datetime) -> float | None:
    return _ago(told.last_transition_time, now) if told and told.last_transition_time else None


def _ago(time: datetime, now: datetime) -> float:
    return max(0.0, (now - time).total_seconds())
