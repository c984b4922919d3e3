"""Whose metrics a pipeline's PodMonitor has read, and how the cluster's Prometheus finds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from frametrace_operator.pipeline import Pipeline

Bodies = dict[tuple[str, str, str], dict[str, Any]]
MONITOR = ("PodMonitor", "monitor", "")


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    return selector["matchLabels"].items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in selector["matchExpressions"]
    )


def targets(found: Bodies) -> set[tuple[str, str]]:
    """Role and port of what is read, of the pods of every Deployment."""
    monitor = found[MONITOR]["spec"]
    pods = {key[1]: body["spec"]["template"] for key, body in found.items() if key[0] == "Deployment"}
    return {
        (role, port["name"])
        for role, pod in pods.items()
        if selects(monitor["selector"], pod["metadata"]["labels"])
        for port in pod["spec"]["containers"][0]["ports"]
        if port["name"] in {endpoint["port"] for endpoint in monitor["podMetricsEndpoints"]}
    }


def test_it_reads_every_pod_that_has_metrics_and_no_other(
    make_pipeline: Callable[..., Pipeline], make_platform: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    found = bodies(make_pipeline(pictures={"access": "Allowed"}), make_platform(has_pod_monitors=True))

    assert ("Deployment", "page", "") in found
    assert targets(found) == {("capture", "http"), ("stage", "http"), ("jaeger", "metrics")}


def test_it_has_the_labels_that_the_clusters_prometheus_selects_by_and_keeps_its_own(
    make_pipeline: Callable[..., Pipeline], make_platform: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    given = (("release", "prometheus"), ("frametrace.dev/role", "other"))
    platform = make_platform(has_pod_monitors=True, pod_monitor_labels=given, pod_monitor_interval="30s")
    found = bodies(make_pipeline(), platform)
    plain = bodies(make_pipeline(), make_platform(has_pod_monitors=True))

    labels = found[MONITOR]["metadata"]["labels"]
    assert labels == {"release": "prometheus", **plain[MONITOR]["metadata"]["labels"]}
    assert {each["interval"] for each in found[MONITOR]["spec"]["podMetricsEndpoints"]} == {"30s"}
    assert all(body == plain[key] for key, body in found.items() if key != MONITOR)
