"""The demo's own decisions: which pipeline it runs, when that is Ready, and what its manifests hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml

from scripts.cluster.errors import ClusterError
from scripts.demo.discovery import targets
from scripts.demo.install import _indented
from scripts.demo.pipeline import not_rolled_out, read_example, ready_state
from scripts.demo.places import MANIFESTS, RULES
from scripts.demo.target import Target
from scripts.demo.waiting import wait_for


def _resource(status: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"metadata": {"generation": 2}, **({"status": status} if status is not None else {})}


_READY = {"type": "Ready", "status": "True", "reason": "FramesFlowing", "message": "ok"}
_WAITING = {"type": "Ready", "status": "False", "reason": "CamerasUnavailable", "message": "cam01: refused"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, (False, "the operator has not seen the pipeline yet")),
        ({"observedGeneration": 1, "conditions": [_READY]}, (False, "the operator has not seen the pipeline yet")),
        ({"observedGeneration": 2}, (False, "Unknown: no condition yet")),
        ({"observedGeneration": 2, "conditions": [_WAITING]}, (False, "CamerasUnavailable: cam01: refused")),
        ({"observedGeneration": 2, "conditions": [_READY]}, (True, "FramesFlowing: ok")),
    ],
)  # fmt: skip
def test_a_pipeline_is_ready_for_its_newest_spec_or_says_why_not(
    status: Mapping[str, Any] | None, expected: tuple[bool, str]
) -> None:
    assert ready_state(_resource(status)) == expected


def test_the_example_is_one_camera_and_two_stages() -> None:
    example = read_example()

    assert len(example.stages) == 2
    assert example.topology.hops[0] == "capture"


def test_an_example_that_is_none_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: Pod\n")

    with pytest.raises(ClusterError, match=r"a\.yaml does not hold one CameraPipeline"):
        read_example(tmp_path / "a.yaml")


def test_the_manifests_are_whole_and_restricted() -> None:
    filled = [
        Template(path.read_text(encoding="utf-8")).substitute(
            camera_image="a:1",
            prometheus_image="b:1",
            runtime_image="r:1",
            config_hash="c",
            discovery="pass",
            rules=_indented(RULES.read_text(encoding="utf-8")),
        )
        for path in sorted(MANIFESTS.glob("*.yaml"))
    ]
    documents = [document for text in filled for document in yaml.safe_load_all(text)]

    pods = [document["spec"]["template"]["spec"] for document in documents if document["kind"] == "Deployment"]
    assert len(pods) == 2
    assert all(pod["securityContext"]["runAsNonRoot"] for pod in pods)
    containers = [container for pod in pods for container in pod["containers"]]
    assert all(container["securityContext"]["readOnlyRootFilesystem"] for container in containers)
    [config] = [document["data"] for document in documents if document["kind"] == "ConfigMap"]
    assert yaml.safe_load(config["frametrace.rules.yaml"]) == yaml.safe_load(RULES.read_text(encoding="utf-8"))
    assert yaml.safe_load(config["prometheus.yml"])["scrape_configs"]


def test_a_users_own_cluster_is_reached_by_its_context_only() -> None:
    assert Target("kind-dev", "/home/me/config")._access("--context") == [
        "--context",
        "kind-dev",
        "--kubeconfig",
        "/home/me/config",
    ]
    assert Target("kind-dev")._access("--kube-context") == ["--kube-context", "kind-dev"]
    assert not Target("kind-dev").is_local
    assert Target().is_local


def test_waiting_ends_with_the_last_reason(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="the camera is away"):
        wait_for("wait", lambda: (None, "the camera is away"), seconds=-1, log=tmp_path / "log")
    assert wait_for("wait", lambda: ("found", ""), seconds=0) == "found"


def _pod(name: str, phase: str = "Running", ports: tuple[str, ...] = ("http",)) -> dict[str, Any]:
    containers = [{"ports": [{"name": port, "containerPort": 8080}]} for port in ports]
    return {
        "metadata": {"name": name},
        "status": {"phase": phase, "podIP": "10.0.0.7"},
        "spec": {"containers": containers},
    }


def test_prometheus_is_told_of_running_pods_with_an_http_port_only() -> None:
    pods = [_pod("a"), _pod("b", phase="Pending"), _pod("c", ports=("redis",)), _pod("d", ports=())]

    assert targets(pods) == [{"targets": ["10.0.0.7:8080"], "labels": {"pod": "a"}}]


def _deployment(
    image: str, *, observed: int = 2, replicas: int = 1, updated: int = 1, ready: int = 1
) -> dict[str, Any]:
    counts = {"replicas": replicas, "updatedReplicas": updated, "readyReplicas": ready}
    return {
        "metadata": {"name": "cam01", "generation": 2},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [{"image": image}]}}},
        "status": {"observedGeneration": observed, **counts},
    }


@pytest.mark.parametrize(
    "deployment",
    [
        _deployment("runtime:old"),
        _deployment("runtime:new", observed=1),
        _deployment("runtime:new", replicas=2),
        _deployment("runtime:new", updated=0),
        _deployment("runtime:new", ready=0),
    ],
    ids=["old image", "not seen", "an old pod still there", "no new pod", "new pod not ready"],
)
def test_an_upgrade_is_waited_for_until_every_pod_is_new(deployment: dict[str, Any]) -> None:
    assert not_rolled_out([deployment], "runtime:new") == "new pods are being started: cam01"
    assert not not_rolled_out([_deployment("runtime:new")], "runtime:new")
