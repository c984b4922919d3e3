"""Every object that the chart can make, when and why: the table behind docs/reference/chart-resources.md.

Written by hand here; tests compare it with what helm renders and with what the cluster has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.chart.children import table

__all__ = ["PAGE", "RESOURCES", "Resource", "page", "resource_of"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "chart-resources.md"
_ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Resource:
    """An object of the chart.

    Attributes:
        kind: its kind.
        name: its name in release `frametrace`, in namespace `frametrace-system`.
        when: the values that make it.
        why: what would not work without it.
    """

    kind: str
    name: str
    when: str
    why: str


RESOURCES: tuple[Resource, ...] = (
    Resource("CustomResourceDefinition", "camerapipelines.frametrace.dev", "`crds.install`", "the API server knows CameraPipelines, checks them and explains their fields"),
    Resource("ServiceAccount", "frametrace-operator", "`serviceAccount.create`", "the operator's identity; its token is mounted in the operator's pods only"),
    Resource("Deployment", "frametrace-operator", _ALWAYS, "runs the operator; with two replicas or more, one leads and the others stand by"),
    Resource("Service", "frametrace-operator", _ALWAYS, "one address for the operator's metrics and health"),
    Resource("ClusterRole", "frametrace-system:frametrace-operator", "`rbac.create`, no `watchNamespaces`", "what the operator may do in every namespace: exactly what it does, as a test reads in the audit log"),
    Resource("ClusterRoleBinding", "frametrace-system:frametrace-operator", "`rbac.create`, no `watchNamespaces`", "gives it that role"),
    Resource("Role", "frametrace-system:frametrace-operator-pipelines", "`rbac.create`, in each of `watchNamespaces`", "the same rights, in this namespace only"),
    Resource("RoleBinding", "frametrace-system:frametrace-operator-pipelines", "`rbac.create`, in each of `watchNamespaces`", "gives the operator that role"),
    Resource("Role", "frametrace-operator-leader", "`rbac.create`", "the Lease by which replicas elect their leader, in the operator's own namespace"),
    Resource("RoleBinding", "frametrace-operator-leader", "`rbac.create`", "gives the operator that role"),
    Resource("ClusterRole", "frametrace-system:frametrace-operator-view", "`rbac.aggregate`", "whoever may view a namespace sees its pipelines"),
    Resource("ClusterRole", "frametrace-system:frametrace-operator-edit", "`rbac.aggregate`", "whoever may edit a namespace makes, changes and deletes its pipelines; their status is the operator's alone"),
    Resource("PodDisruptionBudget", "frametrace-operator", "`podDisruptionBudget.enabled`, `replicas` of 2 or more", "a drain takes one operator at a time"),
    Resource("NetworkPolicy", "frametrace-operator", "`networkPolicy.enabled`", "the operator's pods speak with DNS, the API server and pods of pipelines only"),
    Resource("PodMonitor", "frametrace-operator", "`podMonitor.enabled`", "the Prometheus Operator has the operator's metrics read"),
    Resource("PrometheusRule", "frametrace-operator", "`prometheusRule.enabled`", "recorded series, `frame_processing_duration` among them, and alerts"),
    Resource("ConfigMap", "frametrace-operator-fleet", "`dashboards.enabled`", "Grafana's sidecar finds the dashboard of all pipelines"),
    Resource("ConfigMap", "frametrace-operator-frame-tracking", "`dashboards.enabled`", "Grafana's sidecar finds the dashboard of one pipeline and its frames"),
)  # fmt: skip
_HEAD = """# What the chart makes

Made by `python -m scripts.chart` from `scripts/chart/resources.py`; never edited. A test compares it with what helm renders of many
combinations of values, and with what a real cluster has after `helm install`. Names are those of a release `frametrace` in
the namespace `frametrace-system`. [What the operator then makes of a pipeline](#what-the-operator-makes-of-a-pipeline) is below.

| kind | name | made with | why |
|---|---|---|---|
"""
_TAIL = """
`helm uninstall` takes all of it away again, but for the definition while `crds.keep` is set: with it every pipeline would go. The
Lease `frametrace-operator` stays as well: the operator makes it, not the chart; it holds nobody up. Pipelines run on without an
operator; nobody repairs them or watches their traces meanwhile.

## What the operator makes of a pipeline

In the pipeline's namespace, named by the pipeline, the part below and a hash. All of it belongs to the pipeline and is deleted with it; a test compares
the table with the manifests. On the way from a new pipeline to `Ready` it makes:

"""
_LATER = """
Later, and of no pipeline that is well: a ConfigMap `…-report-…` for each of the last rollbacks of tracing, with its evidence. Events tell what happened, and
end by themselves. In its own namespace the operator has its Lease, and nothing else.
"""


def page() -> str:
    """Return the page's text."""
    rows = "".join(f"| {each.kind} | `{each.name}` | {each.when} | {each.why} |\n" for each in RESOURCES)
    return f"{_HEAD}{rows}{_TAIL}{table()}{_LATER}"


def resource_of(
    document: Mapping[str, Any], release: str = "frametrace", namespace: str = "frametrace-system"
) -> Resource:
    """Return the table's row of an object that a release made.

    Raises:
        LookupError: the table has none.
    """
    operator = f"{release}-operator" if "frametrace" in release else f"{release}-frametrace-operator"
    name = re.sub(f"^({re.escape(namespace)}:)?{re.escape(operator)}", _usual, document["metadata"]["name"])
    found = [each for each in RESOURCES if (each.kind, each.name) == (document["kind"], name)]
    if not found:
        raise LookupError(f"scripts/chart/resources.py does not say why there is {document['kind']} {name}")
    return found[0]


def _usual(match: re.Match[str]) -> str:
    return "frametrace-system:frametrace-operator" if match[1] else "frametrace-operator"
