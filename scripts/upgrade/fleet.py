"""Pipelines for upgrades, and the Redis and Jaeger that many of them share. Manifests only; applies nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from frametrace_operator.shard import SHARD

from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE

__all__ = ["as_list", "fleet", "namespace", "shared_backends"]

_SMALL = {"requests": {"cpu": "5m", "memory": "48Mi"}, "limits": {"memory": "256Mi"}}
_URL = "test://?width=320&height=240&fps=2"
_STAGE_EVERY = 10
_RESTRICTED = {
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}


def namespace(name: str) -> dict[str, Any]:
    """Return a namespace that holds its pods to the `restricted` standard."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def fleet(count: int, space: str, guard: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
    """Return pipelines of the shard `space`: one alone has a Redis and a Jaeger of its own, several share theirs.

    Every second waits for approval of what a new operator version would change; every tenth has a stage. `guard` is the
    pipelines' `tracing.guard`.
    """
    return [_pipeline(number, space, guard or {}, shared=count > 1) for number in range(count)]


def _pipeline(number: int, space: str, guard: Mapping[str, int], *, shared: bool) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "cameras": [{"id": "cam01", "source": {"url": _URL}}],
        "capture": {"resources": _SMALL},
        "rollout": {"upgrades": "OnApproval" if number % 2 else "Automatic"},
    }
    if number % _STAGE_EVERY == 0:
        spec["stages"] = [{"name": "motion", "handler": "motion", "resources": _SMALL}]
    if shared:
        spec["broker"] = {"external": {"urlSecretRef": {"name": "redis", "key": "url"}}}
        backend = {"otlpEndpoint": f"http://jaeger.{space}:4318", "queryUrl": f"http://jaeger.{space}:16686"}
        spec["tracing"] = {"backend": {"external": backend}}
    if guard:
        spec["tracing"] = {**spec.get("tracing", {}), "guard": dict(guard)}
    metadata = {"name": f"yard-{number:02d}", "namespace": space, "labels": {SHARD: space}}
    return {"apiVersion": "frametrace.dev/v1alpha1", "kind": "CameraPipeline", "metadata": metadata, "spec": spec}


def shared_backends(space: str) -> Iterator[dict[str, Any]]:
    """Give the Redis and the Jaeger that the pipelines of a fleet share, and the Secret that leads to the first."""
    redis = ["--save", "", "--appendonly", "no", "--dir", "/tmp", "--protected-mode", "no"]  # noqa: S108 - the container's
    yield _deployment("redis", REDIS_IMAGE, {"args": redis, "ports": [{"containerPort": 6379}]})
    listens = [{"name": "JAEGER_LISTEN_HOST", "value": "0.0.0.0"}]  # noqa: S104 - the pod's own network
    yield _deployment(
        "jaeger", JAEGER_IMAGE, {"env": listens, "ports": [{"containerPort": 4318}, {"containerPort": 16686}]}
    )
    for name, ports in (("redis", (6379,)), ("jaeger", (4318, 16686))):
        listed = [{"name": f"p{port}", "port": port} for port in ports]
        body = {"selector": {"backend": name}, "ports": listed}
        yield {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": body}
    url = {"url": f"redis://redis.{space}:6379/0"}
    yield {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "redis"}, "stringData": url}


def _deployment(name: str, image: str, container: dict[str, Any]) -> dict[str, Any]:
    labels = {"backend": name}
    whole = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "securityContext": _CONTAINER,
        "resources": {
            "requests": {"cpu": "300m", "memory": "256Mi"}
        },  # else fifty pods that start leave it no time to answer
        **container,
    }
    whole["volumeMounts"] = [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108 - the container's
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": _RESTRICTED,
        "containers": [whole],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }
    spec = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def as_list(bodies: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> str:
    """Return objects as kubectl takes many at once."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(bodies)})
