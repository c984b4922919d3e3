"""Transitions: an assessment becomes a status with times, and what changed becomes notices for people. Pure.

A time stays as long as its state stays, so equal states give equal statuses, and no write.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

from frametrace_api.bounds import MAX_MESSAGE
from frametrace_api.conditions import ConditionType, ReadyReason
from frametrace_api.group import APPROVE_UPGRADE
from frametrace_api.status import (
    CameraPipelineStatus,
    CameraState,
    CameraStatus,
    Condition,
    ConditionStatus,
    PendingUpgrade,
    StageState,
    StageStatus,
)

from frametrace_operator.assess import retrying
from frametrace_operator.assess.assessment import Assessment
from frametrace_operator.assess.facts import listed
from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.guard.reporting.news import budget_news, tracing_news
from frametrace_operator.notice import Notice, note
from frametrace_operator.texts import MOST_CONDITION, clipped
from frametrace_operator.upgrade import Pending

__all__ = ["Notice", "invalid_status", "news", "next_status", "retrying_status"]

L = TypeVar("L", CameraStatus, StageStatus)


def next_status(
    before: CameraPipelineStatus | None, found: Assessment, generation: int, now: datetime
) -> CameraPipelineStatus:
    """The status that says what was found."""
    before = before or CameraPipelineStatus()
    captured = sum(camera.state is CameraState.CAPTURING for camera in found.cameras)
    running = sum(stage.state is StageState.RUNNING for stage in found.stages)
    since = found.tracing.state_since  # the guard's own; it is not asked where there is none
    if since is None and before.tracing is not None and before.tracing.state is found.tracing.state:
        since = before.tracing.state_since
    return CameraPipelineStatus(
        observed_generation=generation,
        conditions=tuple(_condition(before, verdict, generation, now) for verdict in found.verdicts),
        mode=found.mode,
        cameras_ready=f"{captured}/{len(found.cameras)}",
        stages_ready=f"{running}/{len(found.stages)}",
        cameras=_dated({line.id: line for line in before.cameras}, {line.id: line for line in found.cameras}, now),
        stages=_dated({line.name: line for line in before.stages}, {line.name: line for line in found.stages}, now),
        tracing=found.tracing.model_copy(update={"state_since": since or _whole(now)}),
        pending_upgrade=_pending(before.pending_upgrade, found.pending, now),
        journey_page=found.page,
    )


def _pending(before: PendingUpgrade | None, found: Pending | None, now: datetime) -> PendingUpgrade | None:
    if found is None:
        return None
    fields = listed(f"{where} of {name}" for name, where in found.changes)
    message = f"operator {found.version} would replace pods: {fields}; annotate {APPROVE_UPGRADE}={found.id} to approve"
    return PendingUpgrade(
        id=found.id,
        operator_version=found.version,
        message=clipped(message, MAX_MESSAGE),
        deployments=tuple(sorted(name for name, _ in found.changes)),
        since=before.since if before is not None and before.id == found.id else _whole(now),
    )


def invalid_status(
    before: CameraPipelineStatus | None, verdicts: tuple[Verdict, ...], generation: int, now: datetime
) -> CameraPipelineStatus:
    """The status of a resource that cannot be carried out: what was true of its last valid spec stays beside it."""
    before = before or CameraPipelineStatus()
    new = {verdict.type.value: _condition(before, verdict, generation, now) for verdict in verdicts}
    kept = tuple(condition for condition in before.conditions if condition.type not in new)
    return before.model_copy(update={"observed_generation": generation, "conditions": (*new.values(), *kept)})


def retrying_status(
    before: CameraPipelineStatus | None, error: str, generation: int, now: datetime
) -> CameraPipelineStatus:
    """The status while passes break off: all else stays as it was last known. What a person must change goes before."""
    before = before or CameraPipelineStatus()
    stalled = before.condition(ConditionType.STALLED)
    if stalled is not None and stalled.status is ConditionStatus.TRUE:
        return before
    was = before.condition(ConditionType.RECONCILING)
    verdict = retrying(error, was.reason if was is not None else None)
    return invalid_status(before, (verdict,), generation, now)


def news(before: CameraPipelineStatus | None, after: CameraPipelineStatus) -> Iterator[Notice]:
    """What people should hear of."""
    before = before or CameraPipelineStatus()
    yield from _ready_news(before, after)
    stalled = after.condition(ConditionType.STALLED)
    if stalled is not None and stalled.status is ConditionStatus.TRUE and _changed(before, stalled):
        yield Notice("Warning", stalled.reason, note(stalled.message))
    yield from tracing_news(before.tracing, after.tracing)
    budget = ConditionType.WITHIN_TRACE_BUDGET
    yield from budget_news(before.condition(budget), after.condition(budget))
    waiting = after.pending_upgrade
    if waiting is not None and (before.pending_upgrade is None or before.pending_upgrade.id != waiting.id):
        yield Notice("Normal", "UpgradePending", note(waiting.message))
    were = {camera.id: camera for camera in before.cameras}
    for camera in after.cameras:
        yield from _camera_news(were.get(camera.id), camera)


def _ready_news(before: CameraPipelineStatus, after: CameraPipelineStatus) -> Iterator[Notice]:
    ready = after.condition(ConditionType.READY)
    if ready is None or not _changed(before, ready):
        return
    if ready.status is ConditionStatus.TRUE:
        yield Notice("Normal", "Ready", ready.message)
    elif ready.reason == ReadyReason.SUSPENDED:
        yield Notice("Normal", ready.reason, ready.message)
    elif ready.reason in (ReadyReason.BROKER_UNAVAILABLE, ReadyReason.STAGES_UNAVAILABLE):
        yield Notice("Warning", ready.reason, note(ready.message))


def _camera_news(before: CameraStatus | None, camera: CameraStatus) -> Iterator[Notice]:
    if before is not None and (before.state, before.reason) == (camera.state, camera.reason):
        return
    if camera.state is CameraState.UNAVAILABLE:
        yield Notice(
            "Warning", f"Camera{camera.reason}", note(f"camera {camera.id}: {camera.message or camera.reason}")
        )
    elif camera.state is CameraState.CAPTURING and before is not None and before.state is CameraState.UNAVAILABLE:
        yield Notice("Normal", "CameraCapturing", f"camera {camera.id}: pictures come again")


def _changed(before: CameraPipelineStatus, condition: Condition) -> bool:
    was = before.condition(condition.type)
    return was is None or (was.status, was.reason) != (condition.status, condition.reason)


def _condition(before: CameraPipelineStatus, verdict: Verdict, generation: int, now: datetime) -> Condition:
    was = before.condition(verdict.type)
    same = was is not None and was.status is verdict.status
    return Condition(
        type=verdict.type.value,
        status=verdict.status,
        observed_generation=generation,
        last_transition_time=was.last_transition_time if was is not None and same else _whole(now),
        reason=str(verdict.reason),
        message=clipped(verdict.message, MOST_CONDITION),
    )


def _dated(before: dict[str, L], found: dict[str, L], now: datetime) -> tuple[Any, ...]:
    return tuple(
        line.model_copy(update={"last_transition_time": _since(before.get(name), line) or _whole(now)})
        for name, line in found.items()
    )


def _since(before: L | None, line: L) -> datetime | None:
    return before.last_transition_time if before is not None and before.state is line.state else None


def _whole(now: datetime) -> datetime:
    return now.replace(microsecond=0)
