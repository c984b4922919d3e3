"""What an upgrade did is told from two snapshots: pods that restarted without a reason, and status that is gone."""

from __future__ import annotations

import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from frametrace_api.pipeline import CameraPipeline
from frametrace_operator.naming import TEMPLATE_HASH

from scripts.cluster.errors import ClusterError
from scripts.upgrade.compare import lost_status, needless_restarts, snapshot_of, template_changes
from scripts.upgrade.earlier import earlier_tree
from scripts.upgrade.fleet import fleet

_READY = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}
_TRACING = {"state": "RolledBack", "lastRollback": {"id": "1"}, "lastAudit": {"result": "Complete"}}


def _pod(name: str = "cam-6f7-abc", uid: str = "1", restarts: int = 0, **metadata: Any) -> dict[str, Any]:
    owners = [{"kind": "ReplicaSet", "name": "cam-6f7"}]
    return {
        "metadata": {"name": name, "uid": uid, "ownerReferences": owners, **metadata},
        "status": {"containerStatuses": [{"restartCount": restarts}]},
    }


def _snapshot(pods: list[dict[str, Any]], template: str = "t1", status: dict[str, Any] | None = None) -> Any:
    told = {"conditions": [_READY], "tracing": _TRACING} if status is None else status
    deployment = {"metadata": {"name": "cam", "annotations": {TEMPLATE_HASH: template}}}
    return snapshot_of([{"metadata": {"name": "yard"}, "status": told}], [deployment], pods)


def test_the_same_pods_with_the_same_status_cost_nothing() -> None:
    before, after = _snapshot([_pod()]), _snapshot([_pod()])

    assert (needless_restarts(before, after), lost_status(before, after), template_changes(before, after)) == (
        [],
        [],
        [],
    )


@pytest.mark.parametrize(
    "pods", [[_pod(uid="2")], [_pod(restarts=1)], [], [_pod(deletionTimestamp="now")], [_pod("cam-6f7-new", "2")]]
)
def test_a_pod_that_restarted_is_told_unless_its_template_changed(pods: list[dict[str, Any]]) -> None:
    before = _snapshot([_pod()])

    assert needless_restarts(before, _snapshot(pods)) == ["cam-6f7-abc"]
    assert needless_restarts(before, _snapshot(pods, template="t2")) == []
    assert template_changes(before, _snapshot(pods, template="t2")) == ["cam"]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("conditions",), [], "yard: condition Ready is gone"),
        (("conditions", 0, "status"), "False", "yard: condition Ready was True since 2026-01-01T00:00:00Z, is False"),
        (("tracing", "state"), "Healthy", "yard: tracing.state was RolledBack, is Healthy"),
        (("tracing", "lastRollback"), None, "yard: tracing.lastRollback was {'id': '1'}, is None"),
    ],
)
def test_status_that_is_gone_is_told(path: tuple[Any, ...], value: Any, told: str) -> None:
    status: Any = deepcopy({"conditions": [_READY], "tracing": _TRACING})
    place = status
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value

    assert lost_status(_snapshot([]), _snapshot([], status=status)) == [told]


def test_a_pipeline_that_tells_nothing_any_more_is_told() -> None:
    found = lost_status(_snapshot([]), _snapshot([], status={}))

    assert {"yard: conditions is gone", "yard: tracing is gone", "yard: tracing.lastAudit is gone"} <= set(found)


def test_the_fleets_pipelines_are_taken_by_the_models_and_half_of_them_wait_for_approval() -> None:
    pipelines = [CameraPipeline.model_validate(body) for body in fleet(50, "space")]

    assert [pipeline.spec.rollout.upgrades.value for pipeline in pipelines[:2]] == ["Automatic", "OnApproval"]
    assert sum(len(pipeline.spec.stages) for pipeline in pipelines) == 5
    assert len({pipeline.metadata.name for pipeline in pipelines}) == 50


def test_a_clone_without_the_history_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "clone")], check=True)

    with pytest.raises(ClusterError, match="git fetch --unshallow"):
        earlier_tree(tmp_path / "clone")
