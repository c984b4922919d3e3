"""Who may reach a pipeline's pods: those that need to, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from frametrace_operator.pipeline import Pipeline

from tests.real.schemas import schema_errors

Bodies = dict[tuple[str, str, str], dict[str, Any]]

IN_ITS_NAMESPACE = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "frametrace-system"}}}
ITS_LABELS = {"app.kubernetes.io/name": "frametrace-operator", "app.kubernetes.io/instance": "frametrace"}


def ports_for(bodies: Bodies, role: str, peer: Any) -> set[int]:
    """The ports of a role's pods that exactly this peer may reach."""
    rules = bodies["NetworkPolicy", "network", role]["spec"]["ingress"]
    return {port["port"] for rule in rules if peer in rule["from"] for port in rule["ports"]}


def foreign_ports(bodies: Bodies, role: str) -> set[int]:
    """The ports of a role's pods that pods of other namespaces may reach."""
    rules = bodies["NetworkPolicy", "network", role]["spec"]["ingress"]
    foreign = [rule for rule in rules if any("namespaceSelector" in peer for peer in rule["from"])]
    return {port["port"] for rule in foreign for port in rule["ports"]}


def test_the_operator_reaches_what_it_asks_and_nothing_else(
    make_pipeline: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    found = bodies(make_pipeline())

    reached = {role: ports_for(found, role, IN_ITS_NAMESPACE) for role in ("capture", "stage", "redis", "jaeger")}

    assert reached == {"capture": {8080}, "stage": {8080}, "redis": set(), "jaeger": {16686, 8888}}
    assert foreign_ports(found, "redis") == set()
    assert foreign_ports(found, "jaeger") == {16686, 8888}


def test_an_operator_that_knows_its_labels_lets_no_other_pod_of_its_namespace_in(
    make_pipeline: Callable[..., Pipeline], make_platform: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    found = bodies(make_pipeline(), make_platform(operator_labels=tuple(ITS_LABELS.items())))

    itself = IN_ITS_NAMESPACE | {"podSelector": {"matchLabels": ITS_LABELS}}

    assert {role: ports_for(found, role, itself) for role in ("capture", "stage", "jaeger")} == {
        "capture": {8080},
        "stage": {8080},
        "jaeger": {16686, 8888},
    }
    assert all(not ports_for(found, role, IN_ITS_NAMESPACE) for role in ("capture", "stage", "redis", "jaeger"))


def test_dns_is_reached_on_the_ports_that_the_clusters_owner_names(
    make_pipeline: Callable[..., Pipeline], make_platform: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    found = bodies(make_pipeline(), make_platform(dns_ports=(53, 1053)))

    for role in ("capture", "stage"):
        first = found["NetworkPolicy", "network", role]["spec"]["egress"][0]
        assert "to" not in first, "a DNS may run on nodes, which no selector finds"
        assert {(port["port"], port["protocol"]) for port in first["ports"]} == {
            (53, "UDP"), (53, "TCP"), (1053, "UDP"), (1053, "TCP")
        }  # fmt: skip


def test_the_pages_example_is_a_policy_and_finds_captures_alone(
    make_pipeline: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    page = Path(__file__).resolve().parents[4] / "docs" / "explanation" / "network-policies.md"
    [text] = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    policy = yaml.safe_load(text)
    wanted = policy["spec"]["podSelector"]["matchLabels"].items()

    found = bodies(make_pipeline(name="entrance"))
    pods = {
        key: body["spec"]["template"]["metadata"]["labels"] for key, body in found.items() if key[0] == "Deployment"
    }

    assert schema_errors(policy, "1.33.0") == []
    assert {role for (_, role, _), labels in pods.items() if wanted <= labels.items()} == {"capture"}
