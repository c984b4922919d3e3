"""What the API server cannot refuse becomes a clear condition, and the pipelines beside it go on."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from scripts.demo.pipeline import ready_state
from scripts.demo.target import Target
from scripts.demo.waiting import wait_for

CAMERA = "rtsp://camera.cameras.svc.cluster.local:8554"


def _pipeline(name: str, camera: dict[str, Any], stage: dict[str, Any] | None = None) -> dict[str, Any]:
    spec = {
        "cameras": [{"id": "cam01", **camera}],
        "stages": [{"name": "motion", "handler": "motion", "replicas": 1, **(stage or {})}],
    }
    metadata = {"name": name}
    return {"apiVersion": "frametrace.dev/v1alpha1", "kind": "CameraPipeline", "metadata": metadata, "spec": spec}


def _conditions(target: Target, namespace: str, name: str) -> dict[str, dict[str, str]]:
    status = target.read("read the pipeline", "-n", namespace, "camerapipeline", name).get("status") or {}
    return {condition["type"]: condition for condition in status.get("conditions", [])}


def _wait_for(target: Target, namespace: str, name: str, kind: str, expected: tuple[str, str]) -> str:
    """Wait until a condition has the expected status and reason; return its message."""

    def look() -> tuple[str | None, str]:
        found = _conditions(target, namespace, name).get(kind, {})
        reached = (found.get("status"), found.get("reason")) == expected
        return (found.get("message") if reached else None), f"{name}: {kind} is {found or 'not there yet'}"

    return wait_for(f"wait for {kind} of {name}", look, seconds=120)


@pytest.mark.cluster
@pytest.mark.timeout(400)
def test_bad_pipelines_say_what_is_wrong_and_good_ones_go_on(installed: Target, namespace: str) -> None:
    small = {"source": {"url": f"{CAMERA}/small"}}
    secret = {"source": {"url": f"{CAMERA}/small", "credentialsSecretRef": {"name": "not-there"}}}
    away = {"source": {"url": "rtsp://no-such-camera.cameras.svc.cluster.local:8554/x"}}
    pipelines = [
        _pipeline("good", small),
        _pipeline("no-secret", secret),
        _pipeline("no-camera", away),
        _pipeline("no-image", small, {"image": "localhost/does-not-exist:1"}),
    ]

    for pipeline in pipelines:
        installed.ask("apply", "-n", namespace, "apply", "-f", "-", stdin=json.dumps(pipeline))

    assert "not-there" in _wait_for(installed, namespace, "no-secret", "Stalled", ("True", "SecretMissing"))
    assert "cam01" in _wait_for(installed, namespace, "no-camera", "CaptureAvailable", ("False", "Unreachable"))
    image = _wait_for(installed, namespace, "no-image", "Stalled", ("True", "ImageUnavailable"))
    assert "localhost/does-not-exist:1" in image
    _wait_for(installed, namespace, "good", "Ready", ("True", "FramesFlowing"))
    conditions = {name: _conditions(installed, namespace, name) for name in ("no-secret", "no-camera", "no-image")}
    assert {name: found["Ready"]["status"] for name, found in conditions.items()} == dict.fromkeys(conditions, "False")
    assert conditions["no-camera"]["Stalled"]["status"] == "False"


@pytest.mark.cluster
@pytest.mark.timeout(300)
def test_a_secret_that_comes_later_is_picked_up(installed: Target, namespace: str) -> None:
    camera = {"source": {"url": f"{CAMERA}/small", "credentialsSecretRef": {"name": "camera-login"}}}
    installed.ask("apply", "-n", namespace, "apply", "-f", "-", stdin=json.dumps(_pipeline("later", camera)))
    _wait_for(installed, namespace, "later", "Stalled", ("True", "SecretMissing"))

    login = ("--from-literal=username=admin", "--from-literal=password=s3cret-canary")
    installed.ask("make the Secret", "-n", namespace, "create", "secret", "generic", "camera-login", *login)

    _wait_for(installed, namespace, "later", "Ready", ("True", "FramesFlowing"))
    everything = installed.ask(
        "read all", "-n", namespace, "get", "camerapipelines,pods,deployments,configmaps,events", "-o", "yaml"
    )
    assert "s3cret-canary" not in everything


@pytest.mark.cluster
@pytest.mark.timeout(300)
def test_deletion_leaves_nothing(installed: Target, namespace: str) -> None:
    camera = {"source": {"url": f"{CAMERA}/small"}}
    installed.ask("apply", "-n", namespace, "apply", "-f", "-", stdin=json.dumps(_pipeline("gone", camera)))

    def ready() -> tuple[bool | None, str]:
        is_ready, reason = ready_state(installed.read("read", "-n", namespace, "camerapipeline", "gone"))
        return (is_ready or None), reason

    wait_for("wait until it is Ready", ready, seconds=120)
    installed.ask("delete", "-n", namespace, "delete", "camerapipeline", "gone")

    kinds = "deployments,replicasets,pods,services,configmaps,secrets,networkpolicies,persistentvolumeclaims"

    def empty() -> tuple[bool | None, str]:
        left = installed.ask("list", "-n", namespace, "get", kinds, "-o", "name", "--ignore-not-found").split()
        mine = [name for name in left if name != "configmap/kube-root-ca.crt"]
        return (True if not mine else None), f"left: {mine}"

    start = time.monotonic()
    wait_for("wait until all is gone", empty, seconds=60)
    assert time.monotonic() - start < 60
