"""Status: what the operator writes, the API server keeps and the operator reads again."""

import re
from datetime import UTC, datetime

import pytest
from frametrace_api.conditions import REASONS, ConditionType, ReadyReason
from frametrace_api.status import CameraPipelineStatus, CameraState, CameraStatus, Condition, ConditionStatus
from frametrace_api.status_tracing import GuardState, LastRollback, RollbackStep, RollbackTrigger, TracingStatus
from pydantic import ValidationError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def status() -> CameraPipelineStatus:
    ready = Condition(
        type=ConditionType.READY,
        status=ConditionStatus.FALSE,
        observed_generation=3,
        last_transition_time=NOON,
        reason=ReadyReason.CAMERAS_UNAVAILABLE,
        message="cam02: no connection; check its address and power",
    )
    rollback = LastRollback(
        id="r1",
        trigger=RollbackTrigger.TRACES_MISSING,
        message="4 of 100 missing",
        step=RollbackStep.DONE,
        start_time=NOON,
    )
    return CameraPipelineStatus(
        observed_generation=3,
        conditions=(ready,),
        cameras_ready="1/2",
        stages_ready="2/2",
        cameras=(CameraStatus(id="cam02", state=CameraState.UNAVAILABLE, reason="Unreachable"),),
        tracing=TracingStatus(
            state=GuardState.ROLLED_BACK, effective_ratio="0", completeness_percent="96", last_rollback=rollback
        ),
    )


def test_what_is_written_is_read_again() -> None:
    assert CameraPipelineStatus.model_validate(status().to_object()) == status()


def test_times_and_conditions_are_written_as_kubernetes_does() -> None:
    (condition,) = status().to_object()["conditions"]

    assert condition == {
        "type": "Ready",
        "status": "False",
        "observedGeneration": 3,
        "lastTransitionTime": "2026-03-01T12:00:00Z",
        "reason": "CamerasUnavailable",
        "message": "cam02: no connection; check its address and power",
    }


def test_a_condition_is_found_by_its_type() -> None:
    found = status().condition(ConditionType.READY)

    assert found is not None
    assert found.reason == "CamerasUnavailable"
    assert status().condition(ConditionType.STALLED) is None


def test_an_empty_status_is_read() -> None:
    assert CameraPipelineStatus.model_validate({"conditions": None}) == CameraPipelineStatus()


def test_two_conditions_of_one_type_are_refused() -> None:
    (condition,) = status().conditions

    with pytest.raises(ValidationError, match="unique"):
        CameraPipelineStatus(conditions=(condition, condition))


def test_every_condition_has_reasons_with_a_sentence_each() -> None:
    words = [(name.value, name.explanation) for reasons in REASONS.values() for name in reasons]

    assert set(REASONS) == set(ConditionType)
    assert [name for name, _ in words if not re.fullmatch(r"[A-Z][A-Za-z]{2,63}", name)] == []
    assert [name for name, text in words if not text.endswith(".") or len(text) < 10] == []
