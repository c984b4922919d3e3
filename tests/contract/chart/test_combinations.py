"""Whatever the values: the chart's objects are valid, its pods restricted, and the list of objects says why each is there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from frametrace_operator.manifests.checks import restricted_violations

from scripts.chart.resources import RESOURCES, resource_of
from tests.contract.chart.combinations import COMBINATIONS
from tests.contract.chart.rendering import helm, operator_pod, render
from tests.real.schemas import schema_errors

pytestmark = pytest.mark.contract

#: Kinds of others, or whose schema no package has.
_WITHOUT_SCHEMA = {"CustomResourceDefinition", "PrometheusRule", "PodMonitor"}
#: Stricter than `restricted`, and not for an operator, which speaks with the API server.
_KNOWINGLY = {"a service-account token is mounted"}
_NO_USER = "may run as root"  # said where no user is named, though runAsNonRoot has the cluster give one
_OLDEST = "1.33.0"


@pytest.mark.parametrize("values", COMBINATIONS.values(), ids=COMBINATIONS)
def test_every_combination_renders_valid_and_restricted(values: dict[str, Any], tmp_path: Path) -> None:
    lint = helm("lint", "--strict", values=values, folder=tmp_path)
    documents = render(values, tmp_path)

    assert lint.returncode == 0, lint.stdout
    for document in documents:
        if document["kind"] not in _WITHOUT_SCHEMA:
            assert schema_errors(document, _OLDEST) == []
        assert document["metadata"]["labels"]["app.kubernetes.io/part-of"] == "frametrace"
    pod = operator_pod(documents)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert set(restricted_violations(pod)) - _KNOWINGLY == ({_NO_USER} if "podSecurityContext" in values else set())


def test_the_list_of_objects_is_what_the_combinations_make_and_each_is_made_once(tmp_path: Path) -> None:
    made = set()
    for values in COMBINATIONS.values():
        documents = render(values, tmp_path)
        made |= {resource_of(document) for document in documents}
        keys = Counter(
            (body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"]) for body in documents
        )
        assert keys.total() == len(keys)

    assert [each for each in RESOURCES if each not in made] == []


@pytest.mark.parametrize(
    "values",
    [
        {"replicas": 0},
        {"replica": 1},
        {"images": {"operator": "frametrace"}},
        {"images": {"pullPolicy": "Sometimes"}},
        {"images": {"registry": "https://registry.example/cams"}},
        {"images": {"registry": "registry.example//cams"}},
        {"images": {"registry": "registry.example/cams:1"}},
        {"images": {"operator": "https://registry.example/frametrace-operator:1"}},
        {"images": {"redis": "redis:7.4:1"}},
        {"cameraNetworks": {"allow": ["camera.local"]}},
        {"cameraNetworks": {"allow": ["999.1.1.1/9"]}},
        {"cameraNetworks": {"allow": ["10.0.0.0/33"]}},
        {"cameraNetworks": {"allow": ["10.0.0.1/8"]}},
        {"cameraNetworks": {"deny": ["10.0.0.0/8", "192.0.2.255/31"]}},
        {"cameraNetworks": {"deny": ["::::/9"]}},
        {"cameraNetworks": {"deny": ["fd00::/129"]}},
        {"images": {"pullSecrets": ["-pull"]}},
        {"operator": {"pollSeconds": 15}},
        {"podSecurityContext": {"seccompProfile": {"type": "Localhost"}}},
        {"networkPolicy": {"from": [{"ipBlock": {"cidr": "foo"}}]}},
        {"networkPolicy": {"dnsPorts": []}},
        {"podMonitor": {"labels": {"app.kubernetes.io/part-of": "monitoring"}}},
        {"podLabels": {"helm.sh/chart": "other"}},
        {"watchNamespaces": ["Yard"]},
        {"serviceAccount": {"create": False, "name": ""}},
        {"log": {"level": "LOUD"}},
        {"shard": "not a label"},
        {"prometheusRule": {"enabled": True, "runbooks": "somewhere"}},
        {"resources": {"request": {"cpu": 1}}},
        {"resources": {"requests": {"memory": "128 MB"}}},
        {"resources": {"requests": {"mem": "128Mi"}}},
        {"pipelineResources": {"stage": {"limits": {"mem": "128Mi"}}}},
        {"tolerations": [{"operator": "Maybe"}]},
        {"affinity": {"cameraAffinity": {}}},
        {"extraEnv": [{"name": "FRAMETRACE_SHARD", "value": "b"}]},
        {"extraEnv": [{"name": "BOTH", "value": "b", "valueFrom": {"fieldRef": {}}}]},
        {"podSecurityContext": {"runAsNonRoot": False}},
        {"podSecurityContext": {"runAsUser": 0}},
        {"podSecurityContext": {"seccompProfile": {"type": "Unconfined"}}},
        {"securityContext": {"privileged": True}},
        {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}}},
        {"securityContext": {"allowPrivilegeEscalation": True}},
        {"podLabels": {"app.kubernetes.io/name": "other"}},
        {"networkPolicy": {"from": [{}]}},
        {"networkPolicy": {"extraEgress": [{}]}},
        {"networkPolicy": {"extraEgress": [{"to": []}]}},
        {"operator": {"workers": 0}},
        {"spread": {"whenUnsatisfiable": "Perhaps"}},
        {"rbac": {"admin": True}},
    ],
    ids=str,
)
def test_wrong_values_are_refused_with_their_name(values: dict[str, Any], tmp_path: Path) -> None:
    done = helm("template", "frametrace", values=values, folder=tmp_path)

    assert done.returncode != 0
    assert next(iter(values)) in done.stderr
