"""kstatus as its package documents it (`sigs.k8s.io/cli-utils/pkg/kstatus`), for a custom resource: what Flux and Helm wait by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["kstatus"]


def kstatus(body: Mapping[str, Any]) -> str:
    """`Current`, `InProgress`, `Failed` or `Terminating`."""
    metadata, status = body["metadata"], body.get("status") or {}
    if "deletionTimestamp" in metadata:
        return "Terminating"
    if "observedGeneration" in status and status["observedGeneration"] != metadata.get("generation"):
        return "InProgress"
    for condition in status.get("conditions") or ():
        if condition["type"] == "Reconciling" and condition["status"] == "True":
            return "InProgress"
        if condition["type"] == "Stalled" and condition["status"] == "True":
            return "Failed"
    for condition in status.get("conditions") or ():
        if condition["type"] == "Ready":
            return "Current" if condition["status"] == "True" else "InProgress"
    return "Current"  # nothing that kstatus knows says otherwise
