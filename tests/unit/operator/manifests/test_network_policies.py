"""Who may reach a pipeline's pods: those that need to, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frametrace_operator.naming import MONITORING_NAMESPACE
from frametrace_operator.pipeline import Pipeline

ROOT = Path(__file__).resolve().parents[4]
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


def test_a_namespace_for_monitoring_reads_metrics_and_traces_and_nothing_else(
    make_pipeline: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    found = bodies(make_pipeline())
    there = {"namespaceSelector": {"matchLabels": MONITORING_NAMESPACE}}

    reached = {role: ports_for(found, role, there) for role in ("capture", "stage", "redis", "jaeger")}

    assert reached == {"capture": {8080}, "stage": {8080}, "redis": set(), "jaeger": {16686, 8888}}
    grafana, prometheus = (
        {"podSelector": {"matchLabels": {"app.kubernetes.io/name": each}}} for each in ("grafana", "prometheus")
    )
    assert (ports_for(found, "jaeger", grafana), ports_for(found, "jaeger", prometheus)) == ({16686}, {8888})
    assert (ports_for(found, "stage", grafana), ports_for(found, "stage", prometheus)) == (set(), {8080})


@pytest.mark.parametrize("page", ["docs/how-to/dashboards.md", "charts/frametrace/templates/NOTES.txt"])
def test_the_label_of_such_a_namespace_is_told(page: str) -> None:
    [(name, value)] = MONITORING_NAMESPACE.items()

    assert f"kubectl label namespace monitoring {name}={value}" in (ROOT / page).read_text(encoding="utf-8")
