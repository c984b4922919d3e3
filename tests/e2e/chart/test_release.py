"""The chart on a real cluster with the real helm: installed, upgraded, rolled back and taken away, with frames flowing all the while."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from frametrace_api.group import CRD_NAME

from scripts.chart.resources import resource_of
from scripts.cluster.build import binary
from scripts.cluster.paths import Layout
from scripts.demo.pipeline import ready_state
from scripts.demo.target import helm_environment
from scripts.demo.waiting import wait_for
from scripts.prove.pages import Page
from scripts.prove.results import ROOT
from scripts.release.manifest import install_manifest
from scripts.release.version import current
from scripts.upgrade.release import Release
from tests.contract.chart.combinations import COMBINATIONS
from tests.contract.chart.rendering import render
from tests.real.cluster import CRD

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

_NOT_SERVED = {"PodMonitor", "PrometheusRule"}
_OPTIONS_NOT_SERVED = ("podMonitor", "prometheusRule")


def _apply(release: Release, body: dict[str, Any], *options: str) -> str:
    return release.target.ask("apply", "apply", *options, "-f", "-", stdin=json.dumps(body))


def _wait_ready(release: Release, name: str) -> None:
    def look() -> tuple[bool | None, str]:
        ready, why = ready_state(release.target.read("read it", "-n", release.namespace, "camerapipeline", name))
        return (True if ready else None), why

    wait_for("wait until the pipeline is Ready", look, seconds=180)


def _data_plane(release: Release) -> dict[str, str]:
    """The pods of pipelines, by name."""
    labels = "frametrace.dev/pipeline"
    pods = release.target.read("list pods", "-n", release.namespace, "pods", "-l", labels)["items"]
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in pods}


def _there(release: Release, body: dict[str, Any]) -> bool:
    where = ("-n", body["metadata"]["namespace"]) if "namespace" in body["metadata"] else ()
    name = body["metadata"]["name"]
    return bool(
        release.target.ask("look", "get", *where, body["kind"], name, "--ignore-not-found", "-o", "name").strip()
    )


def test_install_upgrade_roll_back_and_uninstall_leave_frames_flowing(
    release: Release, values: dict[str, Any], pipeline: dict[str, Any]
) -> None:
    began = time.monotonic()
    release.put(values)
    installed = time.monotonic() - began
    _apply(release, pipeline)
    _wait_ready(release, "first")
    print(f"helm install to a Ready pipeline: {time.monotonic() - began:.1f} s, of it helm {installed:.1f} s")

    objects = release.objects()
    assert all(_there(release, body) for body in objects)
    assert all(resource_of(body, namespace=release.namespace).why for body in objects)
    pods = _data_plane(release)
    assert len(pods) == 4

    release.put(values | {"replicas": 2, "log": {"level": "DEBUG"}})
    leader = release.wait_for_leader()
    assert {"PodDisruptionBudget"} == {body["kind"] for body in release.objects()} - {body["kind"] for body in objects}
    release.target.ask("end the leader", "-n", release.namespace, "delete", "pod", leader, "--wait=false")
    assert release.wait_for_leader() != leader
    assert _data_plane(release) == pods

    release.roll_back(1)
    release.wait_for_leader()
    assert {body["metadata"]["name"] for body in release.objects()} == {body["metadata"]["name"] for body in objects}
    _wait_ready(release, "first")
    assert _data_plane(release) == pods

    release.uninstall()
    left = {(body["kind"], body["metadata"]["name"]) for body in objects if _there(release, body)}
    assert left == {("CustomResourceDefinition", CRD_NAME)}
    assert _data_plane(release) == pods, "pipelines run on without an operator"
    release.target.ask("delete", "-n", release.namespace, "delete", "camerapipeline", "first")
    wait_for("see the pods go", lambda: (True if not _data_plane(release) else None, "there are pods"), seconds=60)


def test_rights_in_named_namespaces_are_enough_and_no_object_is_cluster_wide(
    release: Release, values: dict[str, Any], pipeline: dict[str, Any]
) -> None:
    release.target.ask("apply the definition", "apply", "--server-side", "--force-conflicts", "-f", str(CRD))
    narrow = {"watchNamespaces": [release.namespace], "rbac": {"aggregate": False}, "crds": {"install": False}}
    release.put(values | narrow)
    _apply(release, pipeline)

    _wait_ready(release, "first")

    assert all("namespace" in body["metadata"] for body in release.objects())


def test_what_pages_have_one_type_about_the_operator_works_as_it_stands(
    release: Release, values: dict[str, Any], pipeline: dict[str, Any], tmp_path: Path
) -> None:
    release.target.ask("apply the definition", "apply", "--server-side", "--force-conflicts", "-f", str(CRD))
    release.put(values | {"crds": {"install": False}})
    pipeline["metadata"]["name"] = "entrance"
    _apply(release, pipeline)
    _wait_ready(release, "entrance")
    programs = ":".join(str(binary(name).parent) for name in ("kubectl", "helm"))
    environment = helm_environment(tmp_path) | {"PATH": f"{programs}:{os.environ['PATH']}"}
    environment["KUBECONFIG"] = str(Layout.of_user().kubeconfig)

    followed = 0
    for path in [*sorted((ROOT / "docs/runbooks").glob("*.md")), *sorted((ROOT / "docs/how-to").glob("*.md"))]:
        if path.name == "install.md":  # it begins where nothing is installed: test_install_page.py follows it
            continue
        page = Page(path)
        for command in page.about_the_operator(release.namespace):
            if not any(f"{option}.enabled" in command for option in _OPTIONS_NOT_SERVED):
                done = page.follow(tmp_path, [command], **environment)
                assert (done.returncode, bool(done.stdout)) == (0, True), f"{path.name}: {command}{done.stderr}"
                followed += 1
    assert followed == 9


def test_the_api_server_takes_every_combination_and_its_pods_in_a_restricted_namespace(
    space: str, release: Release, tmp_path: Path
) -> None:
    look = ("-n", space, "get", "serviceaccount", "default", "--ignore-not-found", "-o", "name")
    wait_for("see the account", lambda: (release.target.ask("look", *look).strip() or None, "not yet"), seconds=20)
    for name, values in COMBINATIONS.items():
        items = _as_applied(render(values, tmp_path), space)
        everything = {"apiVersion": "v1", "kind": "List", "items": items}

        answer = _apply(release, everything, "--dry-run=server", "--server-side", "--force-conflicts")

        assert answer.count("(server dry run)") == len(items), name


def _as_applied(rendered: list[dict[str, Any]], space: str) -> list[dict[str, Any]]:
    """What the API server has kinds for, in one namespace; the operator's pod beside its Deployment, as admission is the pod's."""
    bodies = [body for body in rendered if body["kind"] not in _NOT_SERVED]
    for body in bodies:
        if "namespace" in body["metadata"]:
            body["metadata"]["namespace"] = space
    [template] = [body["spec"]["template"] for body in bodies if body["kind"] == "Deployment"]
    metadata = template["metadata"] | {"name": "operator", "namespace": space}
    spec = template["spec"] | {"serviceAccountName": "default"}
    return [*bodies, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}]


def test_the_plain_manifest_is_taken_by_kubectl_apply(release: Release) -> None:
    text = install_manifest(current()).replace("frametrace-system", release.namespace)

    answer = release.target.ask("apply install.yaml", "apply", "--dry-run=server", "-f", "-", stdin=text)

    assert "deployment.apps/frametrace-operator created" in answer
