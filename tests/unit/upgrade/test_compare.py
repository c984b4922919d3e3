"""What an upgrade did to pods is told from two snapshots; the fleet and the time for it are what the plan says."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from frametrace_api.pipeline import CameraPipeline
from frametrace_operator.naming import TEMPLATE_HASH

from scripts.cluster.errors import ClusterError
from scripts.upgrade.compare import (
    Snapshot,
    needless_restarts,
    of_the_runtime,
    snapshot_of,
    template_changes,
    waiting,
    whose_frames,
)
from scripts.upgrade.earlier import earlier_tree
from scripts.upgrade.fleet import fleet
from scripts.upgrade.plan import IN_A_TEST, in_a_proof
from scripts.upgrade.quiet import Quiet

_LABELS = {"frametrace.dev/pipeline": "yard", "frametrace.dev/role": "capture"}


def _pod(name: str = "cam-6f7-abc", uid: str = "1", restarts: int = 0, **metadata: Any) -> dict[str, Any]:
    owners = [{"kind": "ReplicaSet", "name": "cam-6f7"}]
    return {
        "metadata": {"name": name, "uid": uid, "ownerReferences": owners, **metadata},
        "status": {"containerStatuses": [{"restartCount": restarts}]},
    }


def _snapshot(pods: list[dict[str, Any]], template: str = "t1", upgrades: str = "Automatic", **status: Any) -> Snapshot:
    deployment = {"metadata": {"name": "cam", "labels": _LABELS, "annotations": {TEMPLATE_HASH: template}}}
    pipeline = {"metadata": {"name": "yard"}, "spec": {"rollout": {"upgrades": upgrades}}, "status": status}
    return snapshot_of([pipeline], [deployment], pods)


def test_the_same_pods_with_the_same_status_cost_nothing() -> None:
    before, after = _snapshot([_pod()]), _snapshot([_pod()])

    assert (needless_restarts(before, after), template_changes(before, after)) == ([], [])


@pytest.mark.parametrize(
    "pods", [[_pod(uid="2")], [_pod(restarts=1)], [], [_pod(deletionTimestamp="now")], [_pod("cam-6f7-new", "2")]]
)
def test_a_pod_that_restarted_is_told_unless_its_template_changed(pods: list[dict[str, Any]]) -> None:
    before = _snapshot([_pod()])

    assert needless_restarts(before, _snapshot(pods)) == ["cam-6f7-abc"]
    assert needless_restarts(before, _snapshot(pods, template="t2")) == []
    assert template_changes(before, _snapshot(pods, template="t2")) == ["cam"]


def test_a_new_runtime_replaces_captures_and_stages_of_pipelines_that_do_not_wait() -> None:
    assert of_the_runtime(_snapshot([])) == ["cam"]
    assert of_the_runtime(_snapshot([], upgrades="OnApproval")) == []
    assert waiting(_snapshot([], pendingUpgrade={"id": "1"})) == {"yard"}


def test_redis_and_jaeger_are_not_the_runtimes() -> None:
    roles = {"cam": ("yard", "capture"), "redis": ("yard", "redis"), "jaeger": ("yard", "jaeger")}

    assert of_the_runtime(replace(_snapshot([]), roles=roles)) == ["cam"]


def test_frames_are_counted_where_a_stage_is_replaced_and_tracing_is_in() -> None:
    roles = {"a": ("one", "stage"), "b": ("two", "stage"), "c": ("three", "capture"), "d": ("four", "stage")}
    states = {"one": "Healthy", "two": "RolledBack", "three": "Healthy", "four": "Healthy"}
    statuses = {name: {"tracing": {"state": state}} for name, state in states.items()}

    found = replace(_snapshot([]), roles=roles, statuses=statuses, on_approval=frozenset({"four"}))

    assert whose_frames(found) == ("one",)


def test_the_fleets_pipelines_are_taken_by_the_models_and_half_of_them_wait_for_approval() -> None:
    pipelines = [CameraPipeline.model_validate(body) for body in fleet(50, "space")]

    assert [pipeline.spec.rollout.upgrades.value for pipeline in pipelines[:2]] == ["Automatic", "OnApproval"]
    assert sum(len(pipeline.spec.stages) for pipeline in pipelines) == 5
    assert len({pipeline.metadata.name for pipeline in pipelines}) == 50


def test_a_fleet_is_quiet_once_pods_and_templates_were_the_same_for_long_enough() -> None:
    quiet = Quiet(10)
    first, later, other = _snapshot([_pod()]), _snapshot([_pod()], conditions=[]), _snapshot([_pod(restarts=1)])

    held = [quiet.held(now, found) for now, found in ((0, first), (9, later), (10, later), (11, other), (20, other))]

    assert held == [False, False, True, False, False]
    assert quiet.held(21, other)


def test_a_fleet_is_watched_for_two_windows_of_the_guard_and_its_settling() -> None:
    [alone] = [CameraPipeline.model_validate(body) for body in fleet(1, "space", IN_A_TEST.guard)]
    shared = CameraPipeline.model_validate(fleet(2, "space", in_a_proof(2).guard)[0])

    for pipeline, plan in ((alone, IN_A_TEST), (shared, in_a_proof(2))):
        guard = pipeline.spec.tracing.guard
        assert plan.hold_seconds > 2 * guard.window_seconds + guard.settle_seconds
    windows = 3 * shared.spec.tracing.guard.window_seconds  # a new operator begins the first up to one late
    assert in_a_proof(2).hold_seconds > windows + shared.spec.tracing.guard.settle_seconds
    assert IN_A_TEST.hold_seconds <= 15, "make test has no more time"


def test_a_clone_without_the_history_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "clone")], check=True)

    with pytest.raises(ClusterError, match="git fetch --unshallow"):
        earlier_tree(tmp_path / "clone")
