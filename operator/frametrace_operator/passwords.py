"""Passwords: the Secret of a managed Redis that somebody deleted is made again, with another password. Pure.

A Redis and pods that run know the old one, and those that start later would read the new one. So the Secret says that it
was made again, and the template of every pod that reads it follows its UID. A first Secret says nothing, and changes no
template.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from frametrace_operator.kube.kinds import DEPLOYMENT, SECRET
from frametrace_operator.manifests import Child, ChildKey
from frametrace_operator.naming import BROKER_SECRET, REMADE, Role, child_name
from frametrace_operator.pipeline import Pipeline

__all__ = ["marked", "remade"]

Live = Mapping[ChildKey, Mapping[str, Any]]


def marked(child: Child, live: Live) -> Child:
    """The child as it is made: a Secret that pods have already read, under this name, says so."""
    name = child.key[2]
    if child.key[1] != SECRET.kind or not any(_reads(body, name) for body in live.values()):
        return child
    metadata = child.body["metadata"]
    annotations = metadata.get("annotations", {}) | {REMADE: "true"}
    return replace(child, body=child.body | {"metadata": metadata | {"annotations": annotations}})


def remade(pipeline: Pipeline, live: Live) -> str:
    """UID of the managed Redis' Secret, if it is not the first one; else empty."""
    name = child_name(pipeline, Role.REDIS)
    secret = live.get((SECRET.api_version, SECRET.kind, name))
    if secret is None:  # made in this pass: until its UID is known, pods stay as they are, and begin anew once
        return _named_by(live.get((DEPLOYMENT.api_version, DEPLOYMENT.kind, name), {}))
    metadata = secret.get("metadata", {})
    return str(metadata["uid"]) if REMADE in (metadata.get("annotations") or {}) else ""


def _named_by(redis: Mapping[str, Any]) -> str:
    metadata = _template(redis).get("metadata") or {}
    return str((metadata.get("annotations") or {}).get(BROKER_SECRET, ""))


def _reads(body: Mapping[str, Any], secret: str) -> bool:
    """Whether the body is a Deployment whose pods mount the Secret."""
    if body.get("kind") != DEPLOYMENT.kind:
        return False
    volumes = (_template(body).get("spec") or {}).get("volumes") or ()
    return any((volume.get("secret") or {}).get("secretName") == secret for volume in volumes)


def _template(deployment: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (deployment.get("spec") or {}).get("template") or {}
    return found
