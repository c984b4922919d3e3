"""The chart as the real helm renders it: valid, restricted, narrow in its rights, and strict about its values."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_operator.platform import CAPTURE_RESOURCES
from frametrace_operator.settings import Settings

from scripts.chart.__main__ import TEMPLATE
from scripts.cluster.build import binary
from scripts.monitoring.rules import RULE_FILE
from tests.real.schemas import schema_errors

pytestmark = pytest.mark.contract

_CHART = TEMPLATE.parents[1]
_DIGEST = "frametrace/operator@sha256:" + "a" * 64
_COMBINATIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "two replicas": {"replicas": 2},
    "no CRD": {"crds": {"install": False}},
    "CRD goes with the chart": {"crds": {"keep": False}},
    "a shard": {"shard": "yard-1"},
    "two namespaces": {"watchNamespaces": ["cameras", "yard"]},
    "camera networks": {"cameraNetworks": {"allow": ["10.0.0.0/8", "fd00::/8"], "deny": ["10.96.0.0/16"]}},
    "an account of one's own": {"serviceAccount": {"create": False, "name": "mine"}},
    "a registry of one's own": {"images": {"operator": _DIGEST, "pullSecrets": ["pull"]}},
    "resources of pods": {"pipelineResources": {"capture": {"requests": {"cpu": 1}}, "stage": {}}},
    "placed": {"nodeSelector": {"a": "b"}, "tolerations": [{"operator": "Exists"}], "affinity": {"nodeAffinity": {}}},
    "all for Prometheus and Grafana": {kind: {"enabled": True} for kind in ("podMonitor", "prometheusRule", "dashboards")},
    "annotated": {"podAnnotations": {"a": "b"}, "serviceAccount": {"annotations": {"c": "d"}}},
}  # fmt: skip


def _helm(*arguments: str, values: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    helm = binary("helm")
    assert helm.exists(), "helm is not built: run python -m scripts.cluster build"
    (folder / "values.json").write_text(json.dumps(values))
    command = [str(helm), *arguments, str(_CHART), "--namespace", "system", "--values", str(folder / "values.json")]
    environment = {f"HELM_{kind}_HOME": str(folder) for kind in ("CACHE", "CONFIG", "DATA")}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def _render(values: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    done = _helm("template", "frametrace", values=values, folder=folder)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def _of(kind: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [document for document in documents if document["kind"] == kind]


def _operator(documents: list[dict[str, Any]]) -> dict[str, Any]:
    [deployment] = _of("Deployment", documents)
    pod: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


@pytest.mark.parametrize("values", _COMBINATIONS.values(), ids=_COMBINATIONS)
def test_every_combination_renders_valid_and_restricted(values: dict[str, Any], tmp_path: Path) -> None:
    assert _helm("lint", "--strict", values=values, folder=tmp_path).returncode == 0
    documents = _render(values, tmp_path)

    for document in documents:
        if document["kind"] not in {"CustomResourceDefinition", "PrometheusRule", "PodMonitor"}:
            assert schema_errors(document, "1.33.0") == []
        assert document["metadata"]["labels"]["app.kubernetes.io/part-of"] == "frametrace"
    pod = _operator(documents)
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_rights_are_narrow(tmp_path: Path) -> None:
    documents = _render({}, tmp_path)
    rules = [rule for kind in ("ClusterRole", "Role") for role in _of(kind, documents) for rule in role["rules"]]

    assert not any("*" in rule[part] for rule in rules for part in ("apiGroups", "resources", "verbs"))
    [secrets] = [rule for rule in rules if "secrets" in rule["resources"]]
    assert set(secrets["verbs"]) == {"get", "create"}
    [pipelines] = [rule for rule in rules if rule["resources"] == ["camerapipelines"]]
    assert set(pipelines["verbs"]) == {"list", "watch"}
    [claims] = [rule for rule in rules if "persistentvolumeclaims" in rule["resources"]]
    assert "patch" not in claims["verbs"]
    leases = [rule for rule in rules if rule["resources"] == ["leases"]]
    assert [rule.get("resourceNames") for rule in leases if rule["verbs"] != ["create"]] == [["frametrace-operator"]]


def test_named_namespaces_take_the_place_of_the_whole_cluster(tmp_path: Path) -> None:
    documents = _render({"watchNamespaces": ["cameras", "yard"]}, tmp_path)

    pipelines = "system-frametrace-operator"
    assert {
        binding["metadata"]["namespace"]
        for binding in _of("RoleBinding", documents)
        if binding["roleRef"]["name"] == pipelines
    } == {"cameras", "yard"}
    assert not _of("ClusterRoleBinding", documents)


def test_values_reach_the_operator_by_its_environment(tmp_path: Path) -> None:
    values = {
        "cameraNetworks": {"allow": ["10.0.0.0/8"], "deny": ["10.96.0.0/16", "10.97.0.0/16"]},
        "watchNamespaces": ["yard"],
    }
    [container] = _operator(_render(values, tmp_path))["containers"]
    environment = {entry["name"]: entry.get("value") for entry in container["env"]}

    assert environment["FRAMETRACE_CAMERA_NETWORKS_ALLOW"] == "10.0.0.0/8"
    assert environment["FRAMETRACE_CAMERA_NETWORKS_DENY"] == "10.96.0.0/16,10.97.0.0/16"
    assert environment["FRAMETRACE_WATCH_NAMESPACES"] == "yard"


def test_releases_beside_one_another_have_a_lease_and_a_shard_each(tmp_path: Path) -> None:
    told = []
    for release, values in (("frametrace", {}), ("second", {"shard": "b"})):
        done = _helm("template", release, values=values, folder=tmp_path)
        documents = [document for document in yaml.safe_load_all(done.stdout) if document]
        [container] = _operator(documents)["containers"]
        environment = {entry["name"]: entry.get("value") for entry in container["env"]}
        told.append((environment["FRAMETRACE_LEASE_NAME"], environment["FRAMETRACE_SHARD"]))
        rules = [rule for role in _of("Role", documents) for rule in role["rules"] if "resourceNames" in rule]
        assert rules[0]["resourceNames"] == [environment["FRAMETRACE_LEASE_NAME"]]
    assert told == [("frametrace-operator", ""), ("second-frametrace-operator", "b")]


def test_rules_and_dashboards_reach_the_cluster_as_they_stand_in_their_files(tmp_path: Path) -> None:
    values: dict[str, Any] = {kind: {"enabled": True} for kind in ("prometheusRule", "dashboards", "podMonitor")}
    values["prometheusRule"]["labels"] = {"release": "prometheus"}
    documents = _render(values, tmp_path)

    [rules], [monitor] = _of("PrometheusRule", documents), _of("PodMonitor", documents)
    assert rules["spec"] == yaml.safe_load(RULE_FILE.read_text(encoding="utf-8"))
    assert rules["metadata"]["labels"]["release"] == "prometheus"
    assert monitor["spec"]["podMetricsEndpoints"] == [{"port": "http", "path": "/metrics", "honorLabels": True}]
    dashboards = {name: text for found in _of("ConfigMap", documents) for name, text in found["data"].items()}
    originals = {each.name: each.read_text(encoding="utf-8") for each in RULE_FILE.parents[1].glob("*.json")}
    assert {name: json.loads(text) for name, text in dashboards.items()} == {
        name: json.loads(text) for name, text in originals.items()
    }
    assert all(found["metadata"]["labels"]["grafana_dashboard"] == "1" for found in _of("ConfigMap", documents))


def test_commands_of_the_page_on_dashboards_set_values_that_the_chart_has(tmp_path: Path) -> None:
    page = (_CHART.parents[1] / "docs" / "how-to" / "dashboards.md").read_text(encoding="utf-8")
    commands = re.findall(r"^helm upgrade frametrace charts/frametrace --reuse-values (.+)$", page, re.MULTILINE)

    kinds = [_kinds(shlex.split(command), tmp_path) for command in commands]

    assert kinds == [{"PodMonitor"}, {"PrometheusRule"}, {"ConfigMap"}]


def _kinds(settings: list[str], folder: Path) -> set[str]:
    """Kinds that a render with these settings has, and one without has not."""
    done = _helm("template", "frametrace", *settings, values={}, folder=folder)
    assert done.returncode == 0, done.stderr
    more = {document["kind"] for document in yaml.safe_load_all(done.stdout) if document}
    return more - {document["kind"] for document in _render({}, folder)}


def test_alerts_lead_to_the_owners_runbooks(tmp_path: Path) -> None:
    values = {"prometheusRule": {"enabled": True, "runbooks": "https://wiki.example/cameras/"}}
    [rules] = _of("PrometheusRule", _render(values, tmp_path))

    links = [
        rule["annotations"]["runbook_url"]
        for group in rules["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]
    assert links
    assert all(link.startswith("https://wiki.example/cameras/Frametrace") for link in links)


@pytest.mark.parametrize(
    ("crds", "count", "policy"),
    [({}, 1, "keep"), ({"keep": False}, 1, None), ({"install": False}, 0, None)],
)
def test_the_crd_follows_its_switches(crds: dict[str, bool], count: int, policy: str | None, tmp_path: Path) -> None:
    found = _of("CustomResourceDefinition", _render({"crds": crds}, tmp_path))

    assert len(found) == count
    policies = [crd["metadata"].get("annotations", {}).get("helm.sh/resource-policy") for crd in found]
    assert policies == [policy] * count


@pytest.mark.parametrize(
    "values",
    [
        {"replicas": 0},
        {"replica": 1},
        {"images": {"operator": "frametrace"}},
        {"images": {"pullPolicy": "Sometimes"}},
        {"cameraNetworks": {"allow": ["camera.local"]}},
        {"watchNamespaces": ["Yard"]},
        {"serviceAccount": {"create": False, "name": ""}},
        {"log": {"level": "LOUD"}},
        {"shard": "not a label"},
        {"prometheusRule": {"enabled": True, "runbooks": "somewhere"}},
    ],
    ids=str,
)
def test_wrong_values_are_refused_with_their_name(values: dict[str, Any], tmp_path: Path) -> None:
    done = _helm("template", "frametrace", values=values, folder=tmp_path)

    assert done.returncode != 0
    assert next(iter(values)) in done.stderr


def test_resources_of_pods_reach_the_operator_as_it_reads_them(tmp_path: Path) -> None:
    wanted = {"requests": {"cpu": 2}, "limits": {"memory": "1Gi"}}
    [container] = _operator(_render({"pipelineResources": {"stage": wanted}}, tmp_path))["containers"]
    environment = {entry["name"]: entry.get("value", "") for entry in container["env"]}

    settings = Settings(
        runtime_image="r",
        redis_image="r",
        jaeger_image="j",
        capture_resources=json.loads(environment["FRAMETRACE_CAPTURE_RESOURCES"]),
        stage_resources=json.loads(environment["FRAMETRACE_STAGE_RESOURCES"]),
    )

    assert settings.capture_resources == CAPTURE_RESOURCES
    assert settings.stage_resources.to_object() == {
        "requests": {"cpu": "2", "memory": "128Mi"},
        "limits": {"memory": "1Gi"},
    }
