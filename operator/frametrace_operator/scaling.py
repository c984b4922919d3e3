"""Scaling: whose word the number of a stage's pods is, the resource's or an autoscaler's. Pure.

Whoever wrote it last through the Deployment's `scale` (a HorizontalPodAutoscaler, KEDA, `kubectl scale`) owns it, until
the resource asks for another number than before. That holds for a stage that rests, too: it was put to sleep once, and an
autoscaler that wakes it again and again is not fought but told of.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from frametrace_operator.manifests import Child
from frametrace_operator.naming import REPLICAS, Role

__all__ = ["scaled_by", "with_their_replicas"]


def with_their_replicas(child: Child, live: Mapping[str, Any] | None) -> Child:
    """The child without `replicas`, where another owns them: what is not applied is not taken away either."""
    wanted = child.body.get("spec", {}).get("replicas")
    if child.role != Role.STAGE or wanted is None or live is None or not scaled_by(live):
        return child
    if _asked(live) != _asked(child.body):
        return child
    spec = {key: value for key, value in child.body["spec"].items() if key != "replicas"}
    return replace(child, body=child.body | {"spec": spec})


def scaled_by(live: Mapping[str, Any]) -> str:
    """Who set the Deployment's number of pods through its `scale`; empty if nobody did."""
    for entry in live["metadata"].get("managedFields") or ():
        if entry.get("subresource") == "scale" and "f:replicas" in (entry.get("fieldsV1") or {}).get("f:spec", {}):
            return str(entry.get("manager", ""))
    return ""


def _asked(body: Mapping[str, Any]) -> str:
    return str((body["metadata"].get("annotations") or {}).get(REPLICAS, ""))
