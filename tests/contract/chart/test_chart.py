"""The chart as the real helm renders it: what each value does."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_operator.platform import CAPTURE_RESOURCES, DNS_PORTS
from frametrace_operator.settings import Settings, platform_of

from scripts.monitoring.rules import RULE_FILE
from tests.contract.chart.rendering import CHART, environment_of, helm, of_kind, operator_pod, render

pytestmark = pytest.mark.contract

_VIEWERS, _EDITORS = ["get", "list", "watch"], ["create", "update", "patch", "delete", "deletecollection"]


def test_the_rights_are_narrow(tmp_path: Path) -> None:
    documents = render({}, tmp_path)
    rules = [rule for kind in ("ClusterRole", "Role") for role in of_kind(kind, documents) for rule in role["rules"]]

    assert not any("*" in rule[part] for rule in rules for part in ("apiGroups", "resources", "verbs"))
    own = [rule for rule in rules if rule["verbs"] not in (_VIEWERS, _EDITORS)]
    [secrets] = [rule for rule in rules if "secrets" in rule["resources"]]
    assert set(secrets["verbs"]) == {"get", "create"}
    [pipelines] = [rule for rule in own if rule["resources"] == ["camerapipelines"]]
    assert set(pipelines["verbs"]) == {"list", "watch"}
    [claims] = [rule for rule in rules if "persistentvolumeclaims" in rule["resources"]]
    assert "update" not in claims["verbs"]
    leases = [rule for rule in rules if rule["resources"] == ["leases"]]
    assert [rule.get("resourceNames") for rule in leases if rule["verbs"] != ["create"]] == [["frametrace-operator"]]


def test_named_namespaces_take_the_place_of_the_whole_cluster(tmp_path: Path) -> None:
    named = {"watchNamespaces": ["cameras", "yard"], "rbac": {"aggregate": False}, "crds": {"install": False}}
    documents = render(named, tmp_path)
    pipelines = "frametrace-system:frametrace-operator-pipelines"

    roles, bindings = (
        {
            body["metadata"]["namespace"]: body
            for body in of_kind(kind, documents)
            if body["metadata"]["name"] == pipelines
        }
        for kind in ("Role", "RoleBinding")
    )

    assert roles.keys() == bindings.keys() == {"cameras", "yard"}
    assert all(binding["roleRef"]["name"] == pipelines for binding in bindings.values())
    [everywhere] = of_kind("ClusterRole", render({"rbac": {"aggregate": False}}, tmp_path))
    assert all(role["rules"] == everywhere["rules"] for role in roles.values())
    assert all("namespace" in document["metadata"] for document in documents)


def test_values_reach_the_operator_by_its_environment(tmp_path: Path) -> None:
    values = {
        "cameraNetworks": {"allow": ["10.0.0.0/8"], "deny": ["10.96.0.0/16", "10.97.0.0/16", "255.255.255.254/31"]},
        "watchNamespaces": ["yard"],
    }
    environment = environment_of(render(values, tmp_path))

    assert environment["FRAMETRACE_CAMERA_NETWORKS_ALLOW"] == "10.0.0.0/8"
    assert environment["FRAMETRACE_CAMERA_NETWORKS_DENY"] == "10.96.0.0/16,10.97.0.0/16,255.255.255.254/31"
    assert environment["FRAMETRACE_WATCH_NAMESPACES"] == "yard"


def test_the_operator_is_told_the_labels_that_find_its_pods(tmp_path: Path) -> None:
    documents = render({"podLabels": {"team": "cameras"}}, tmp_path, "second")
    [operator] = of_kind("Deployment", documents)

    told = (environment_of(documents)["FRAMETRACE_POD_LABELS"] or "").split(",")

    assert dict(label.split("=") for label in told) == operator["spec"]["selector"]["matchLabels"]


def test_pod_monitors_of_the_operator_and_of_pipelines_are_found_and_read_alike(tmp_path: Path) -> None:
    values = {
        "podMonitor": {"enabled": True, "labels": {"release": "prometheus", "team": "cameras"}, "interval": "30s"}
    }
    documents = render(values, tmp_path)
    environment, [monitor] = environment_of(documents), of_kind("PodMonitor", documents)

    assert environment["FRAMETRACE_POD_MONITOR_LABELS"] == "release=prometheus,team=cameras"
    assert environment["FRAMETRACE_POD_MONITOR_INTERVAL"] == "30s"
    assert monitor["metadata"]["labels"].items() >= values["podMonitor"]["labels"].items()
    assert [each["interval"] for each in monitor["spec"]["podMetricsEndpoints"]] == ["30s"]


def test_releases_beside_one_another_have_a_lease_and_a_shard_each(tmp_path: Path) -> None:
    told = []
    for release, values in (("frametrace", {}), ("second", {"shard": "b"})):
        documents = render(values, tmp_path, release)
        environment = environment_of(documents)
        told.append((environment["FRAMETRACE_LEASE_NAME"], environment["FRAMETRACE_SHARD"]))
        rules = [rule for role in of_kind("Role", documents) for rule in role["rules"] if "resourceNames" in rule]
        assert rules[0]["resourceNames"] == [environment["FRAMETRACE_LEASE_NAME"]]
    assert told == [("frametrace-operator", ""), ("second-frametrace-operator", "b")]


def test_rules_and_dashboards_reach_the_cluster_as_they_stand_in_their_files(tmp_path: Path) -> None:
    values: dict[str, Any] = {kind: {"enabled": True} for kind in ("prometheusRule", "dashboards", "podMonitor")}
    values["prometheusRule"]["labels"] = {"release": "prometheus"}
    documents = render(values, tmp_path)

    [rules], [monitor] = of_kind("PrometheusRule", documents), of_kind("PodMonitor", documents)
    assert rules["spec"] == yaml.safe_load(RULE_FILE.read_text(encoding="utf-8"))
    assert rules["metadata"]["labels"]["release"] == "prometheus"
    assert monitor["spec"]["podMetricsEndpoints"] == [
        {"port": "http", "path": "/metrics", "interval": "15s", "honorLabels": True}
    ]
    dashboards = {name: text for found in of_kind("ConfigMap", documents) for name, text in found["data"].items()}
    originals = {each.name: each.read_text(encoding="utf-8") for each in RULE_FILE.parents[1].glob("*.json")}
    assert {name: json.loads(text) for name, text in dashboards.items()} == {
        name: json.loads(text) for name, text in originals.items()
    }
    assert all(found["metadata"]["labels"]["grafana_dashboard"] == "1" for found in of_kind("ConfigMap", documents))


def test_commands_of_the_page_on_dashboards_set_values_that_the_chart_has(tmp_path: Path) -> None:
    page = (CHART.parents[1] / "docs" / "how-to" / "dashboards.md").read_text(encoding="utf-8")
    commands = re.findall(
        r"^helm upgrade frametrace charts/frametrace --namespace frametrace-system --reset-then-reuse-values (.+)$",
        page,
        re.MULTILINE,
    )

    kinds = [_kinds(shlex.split(command), tmp_path) for command in commands]

    assert kinds == [{"PodMonitor"}, {"PrometheusRule"}, {"ConfigMap"}]


def _kinds(settings: list[str], folder: Path) -> set[str]:
    """Kinds that a render with these settings has, and one without has not."""
    done = helm("template", "frametrace", *settings, values={}, folder=folder)
    assert done.returncode == 0, done.stderr
    more = {document["kind"] for document in yaml.safe_load_all(done.stdout) if document}
    return more - {document["kind"] for document in render({}, folder)}


def test_alerts_lead_to_the_owners_runbooks(tmp_path: Path) -> None:
    values = {"prometheusRule": {"enabled": True, "runbooks": "https://wiki.example/cameras/"}}
    [rules] = of_kind("PrometheusRule", render(values, tmp_path))

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
    found = of_kind("CustomResourceDefinition", render({"crds": crds}, tmp_path))

    assert len(found) == count
    policies = [crd["metadata"].get("annotations", {}).get("helm.sh/resource-policy") for crd in found]
    assert policies == [policy] * count


@pytest.mark.parametrize(
    ("cpu", "memory", "read"),
    [(2, "1Gi", ("2", "1Gi")), (0.5, 5368709120, ("0.5", "5368709120")), ("500m", 1e9, ("500m", "1000000000"))],
)
def test_resources_of_pods_reach_the_operator_as_it_reads_them(
    cpu: object, memory: object, read: tuple[str, str], tmp_path: Path
) -> None:
    wanted = {"requests": {"cpu": cpu}, "limits": {"memory": memory}}
    environment = environment_of(render({"pipelineResources": {"stage": wanted}}, tmp_path))

    settings = Settings(
        runtime_image="r",
        redis_image="r",
        jaeger_image="j",
        capture_resources=json.loads(environment["FRAMETRACE_CAPTURE_RESOURCES"] or ""),
        stage_resources=json.loads(environment["FRAMETRACE_STAGE_RESOURCES"] or ""),
    )

    assert settings.capture_resources == CAPTURE_RESOURCES
    assert settings.stage_resources.to_object() == {
        "requests": {"cpu": read[0], "memory": "128Mi"},
        "limits": {"memory": read[1]},
    }


def test_the_products_images_follow_registry_and_version_unless_they_are_named(tmp_path: Path) -> None:
    version = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))["appVersion"]
    named = "elsewhere/runtime:7"

    documents = render({"images": {"registry": "registry.example:5000/cams", "runtime": named}}, tmp_path)

    [container] = operator_pod(documents)["containers"]
    assert container["image"] == f"registry.example:5000/cams/frametrace-operator:{version}"
    assert environment_of(documents)["FRAMETRACE_RUNTIME_IMAGE"] == named


@pytest.mark.parametrize(("replicas", "spread", "guarded"), [(1, 0, 0), (2, 2, 1)])
def test_several_replicas_are_spread_and_drained_one_by_one(
    replicas: int, spread: int, guarded: int, tmp_path: Path
) -> None:
    documents = render({"replicas": replicas}, tmp_path)

    constraints = operator_pod(documents).get("topologySpreadConstraints", [])
    assert len(constraints) == spread
    assert len(of_kind("PodDisruptionBudget", documents)) == guarded
    [deployment] = of_kind("Deployment", documents)
    for selecting in [each["labelSelector"] for each in constraints] + [
        budget["spec"]["selector"] for budget in of_kind("PodDisruptionBudget", documents)
    ]:
        assert selecting == deployment["spec"]["selector"]


def test_people_may_see_or_change_pipelines_as_they_may_the_rest_of_a_namespace(tmp_path: Path) -> None:
    roles = of_kind("ClusterRole", render({}, tmp_path))
    given = {
        label.removeprefix("rbac.authorization.k8s.io/aggregate-to-"): role["rules"][0]["verbs"]
        for role in roles
        for label in role["metadata"]["labels"]
        if "aggregate-to" in label
    }

    assert given == {"view": _VIEWERS, "edit": _EDITORS, "admin": _EDITORS}


def test_the_ports_of_the_clusters_dns_reach_the_operator_and_its_own_policy(tmp_path: Path) -> None:
    documents = render({"networkPolicy": {"enabled": True, "dnsPorts": [53, 1053]}}, tmp_path)

    [policy] = of_kind("NetworkPolicy", documents)
    assert environment_of(documents)["FRAMETRACE_DNS_PORTS"] == "53,1053"
    ports = policy["spec"]["egress"][0]["ports"]
    assert [(port["port"], port["protocol"]) for port in ports] == [
        (53, "UDP"), (53, "TCP"), (1053, "UDP"), (1053, "TCP")
    ]  # fmt: skip
    assert environment_of(render({}, tmp_path))["FRAMETRACE_DNS_PORTS"] == ",".join(map(str, DNS_PORTS))


@pytest.mark.parametrize("wanted", [True, False])
def test_policies_of_pipelines_are_the_owners_choice(wanted: bool, tmp_path: Path) -> None:  # noqa: FBT001
    told = environment_of(render({"networkPolicy": {"ofPipelines": wanted}}, tmp_path))

    settings = Settings(
        runtime_image="r",
        redis_image="r",
        jaeger_image="j",
        pipeline_network_policies=told["FRAMETRACE_PIPELINE_NETWORK_POLICIES"],
    )

    assert platform_of(settings).network_policies is wanted


def test_a_seccomp_profile_of_the_node_reaches_the_pod_with_its_name(tmp_path: Path) -> None:
    profile = {"type": "Localhost", "localhostProfile": "frametrace.json"}

    pod = operator_pod(render({"podSecurityContext": {"seccompProfile": profile}}, tmp_path))

    assert pod["securityContext"]["seccompProfile"] == profile
