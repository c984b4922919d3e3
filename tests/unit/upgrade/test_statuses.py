"""What pipelines told before an upgrade they tell after it, value by value; what is measured may say it in another way."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from scripts.upgrade.compare import Snapshot
from scripts.upgrade.statuses import Rules, lost_status, told_otherwise

_THEN, _NOW = "2026-01-01T00:00:00Z", "2026-01-01T00:09:00Z"
_STATUS: dict[str, Any] = {
    "mode": "Running",
    "camerasReady": "1/1",
    "conditions": [
        {"type": "Ready", "status": "True", "reason": "FramesFlowing", "lastTransitionTime": _THEN},
        {"type": "TracesFlowing", "status": "True", "reason": "Complete", "lastTransitionTime": _THEN},
        {"type": "Reconciling", "status": "False", "reason": "UpToDate", "lastTransitionTime": _THEN},
    ],
    "cameras": [{"id": "cam01", "state": "Capturing", "lastTransitionTime": _THEN}],
    "stages": [{"name": "motion", "state": "Running", "replicas": 1, "readyReplicas": 1, "lastTransitionTime": _THEN}],
    "tracing": {
        "state": "RolledBack",
        "lastRollback": {"id": "1"},
        "lastAudit": {"result": "Complete"},
        "effectiveRatio": "1",
        "completenessPercent": "100",
    },
}


def _snapshot(status: dict[str, Any]) -> Snapshot:
    return Snapshot({}, {}, {}, {"yard": status})


def _with(*path: Any, value: Any) -> dict[str, Any]:
    status: Any = deepcopy(_STATUS)
    place = status
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return dict(status)


def _lost(status: dict[str, Any], rules: Rules | None = None) -> list[str]:
    return lost_status(_snapshot(_STATUS), _snapshot(status), rules)


def test_the_same_status_has_lost_nothing() -> None:
    assert _lost(deepcopy(_STATUS)) == []
    assert told_otherwise(_snapshot(_STATUS), _snapshot(_STATUS)) == []


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("camerasReady",), "0/1", "camerasReady was 1/1, is 0/1"),
        (("mode",), "Suspended", "mode was Running, is Suspended"),
        (("conditions", 0, "status"), "False", f"condition Ready was True since {_THEN}, is False"),
        (("conditions", 0, "reason"), "Progressing", "condition Ready says Progressing, said FramesFlowing"),
        (("conditions", 0, "lastTransitionTime"), _NOW, f"condition Ready is True since {_NOW}, was since {_THEN}"),
        (("conditions", 1, "status"), "Unknown", "condition TracesFlowing was True, is Unknown: Complete"),
        (("conditions", 1, "status"), "False", "condition TracesFlowing was True, is False: Complete"),
        (("cameras",), [], "cameras: cam01 is gone"),
        (("cameras", 0, "state"), "Unavailable", "cameras: cam01: state was Capturing, is Unavailable"),
        (("cameras", 0, "lastTransitionTime"), _NOW, f"cameras: cam01: lastTransitionTime was {_THEN}, is {_NOW}"),
        (("stages", 0, "readyReplicas"), 0, "stages: motion: readyReplicas was 1, is 0"),
        (("tracing", "state"), "Healthy", "tracing.state was RolledBack, is Healthy"),
        (("tracing", "stateSince"), _NOW, f"tracing.stateSince was None, is {_NOW}"),
        (("tracing", "lastRollback"), None, "tracing.lastRollback was {'id': '1'}, is None"),
        (("tracing", "effectiveRatio"), "0.5", "tracing.effectiveRatio was 1, is 0.5"),
        (("tracing", "completenessPercent"), "97.5", "tracing.completenessPercent was 100, is 97.5"),
    ],
)
def test_what_is_gone_or_worse_is_told(path: tuple[Any, ...], value: Any, told: str) -> None:
    assert _lost(_with(*path, value=value)) == [f"yard: {told}"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("conditions", 1, "reason"), "SpansExported"),
        (("conditions", 1, "lastTransitionTime"), _NOW),
        (("conditions", 2, "lastTransitionTime"), _NOW),
        (("conditions", 2, "reason"), "Retrying"),
        (("tracing", "completenessPercent"), "99.5"),
    ],
)
def test_what_is_measured_may_be_told_with_another_reason_or_time(path: tuple[Any, ...], value: Any) -> None:
    assert _lost(_with(*path, value=value)) == []


def test_another_reason_of_what_is_measured_is_worth_knowing() -> None:
    found = told_otherwise(_snapshot(_STATUS), _snapshot(_with("conditions", 1, "reason", value="SpansExported")))

    assert found == ["yard: TracesFlowing is True (SpansExported), was True (Complete)"]


def test_a_pipeline_that_tells_nothing_any_more_is_told() -> None:
    found = set(_lost({}))

    assert {"yard: conditions is gone", "yard: tracing is gone", "yard: tracing.lastAudit is gone"} <= found
    assert {"yard: condition Ready is gone", "yard: cameras: cam01 is gone", "yard: mode is gone"} <= found


def test_rules_of_a_turn_excuse_what_they_name_and_no_more() -> None:
    assert _lost({key: value for key, value in _STATUS.items() if key != "mode"}, Rules(frozenset({"mode"}))) == []
    assert _lost(_with("conditions", 1, "status", value="Unknown"), Rules(may_forget=True)) == []
    assert _lost(_with("conditions", 1, "status", value="False"), Rules(may_forget=True)) != []
    replaced = Rules(replaced=frozenset({"yard"}))
    assert _lost(_with("cameras", 0, "lastTransitionTime", value=_NOW), replaced) == []
    assert _lost(_with("conditions", 0, "lastTransitionTime", value=_NOW), replaced) == []
    assert _lost(_with("conditions", 0, "status", value="False"), replaced) != []
