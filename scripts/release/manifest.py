"""install.yaml: the chart's objects with its own values, for people who do without helm. `kubectl apply -f` takes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from scripts.cluster.build import binary
from scripts.cluster.commands import answer
from scripts.release.registry import LOCAL
from scripts.release.version import ROOT

__all__ = ["MOST_BYTES", "NAMESPACE", "install_manifest", "write_manifest"]

NAMESPACE = "frametrace-system"
#: `kubectl apply` keeps what it applied in an annotation, which the API server takes up to this size.
MOST_BYTES = 262_144
_HEAD = """# Frametrace {version}: operator and CustomResourceDefinition, in the namespace {namespace}. Made from the chart by `make release`.
# kubectl apply {server_side}-f install.yaml
"""
_OF_HELM = ("helm.sh/chart", "helm.sh/resource-policy")


def install_manifest(version: str, values: dict[str, Any] | None = None) -> str:
    """Return the manifest; `values` are for the chart, its own where they say nothing.

    Raises:
        ClusterError: helm is missing or refuses.
    """
    rendered = answer(
        "render the chart",
        [
            *(str(binary("helm")), "template", "frametrace", str(ROOT / "charts" / "frametrace")),
            *("--namespace", NAMESPACE, "--values", "-"),
        ],
        stdin=json.dumps(values or {}),
    )
    objects = [_without_helm(document) for document in yaml.load_all(rendered, yaml.CSafeLoader) if document]
    first = [body for body in objects if body["kind"] == "CustomResourceDefinition"]
    ordered = [_namespace(), *first, *(body for body in objects if body not in first)]
    too_large = any(len(json.dumps(body, separators=(",", ":"))) >= MOST_BYTES for body in objects)
    head = _HEAD.format(version=version, namespace=NAMESPACE, server_side="--server-side " if too_large else "")
    return head + yaml.safe_dump_all(ordered, sort_keys=False, width=150, allow_unicode=True)


def _namespace() -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "frametrace", "pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def _without_helm(body: dict[str, Any]) -> dict[str, Any]:
    """The object without what helm alone reads: it would say that a release owns it."""
    for metadata in filter(None, (body["metadata"], _pod_metadata(body))):
        labels, annotations = metadata.get("labels", {}), metadata.get("annotations", {})
        for notes in (labels, annotations):
            for name in _OF_HELM:
                notes.pop(name, None)
        if "app.kubernetes.io/managed-by" in labels:
            labels["app.kubernetes.io/managed-by"] = "kubectl"
        if not annotations:
            metadata.pop("annotations", None)
    return body


def _pod_metadata(body: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = body["spec"]["template"]["metadata"] if body["kind"] == "Deployment" else None
    return found


def write_manifest(folder: Path, version: str, registry: str = LOCAL) -> Path:
    """Write install.yaml, with images of `registry`, into a folder.

    Raises:
        ClusterError: helm is missing or refuses.
    """
    path = folder / "install.yaml"
    path.write_text(install_manifest(version, {"images": {"registry": registry}}), encoding="utf-8")
    return path
