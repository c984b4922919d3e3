"""The pipelines that are applied, and the same children without an operator. Values only.

A pipeline here has one camera, one stage, and a broker and a Jaeger of its owner: two Deployments, two ConfigMaps, a
Service and two NetworkPolicies are its children.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from frametrace_api.group import API_VERSION, KIND
from frametrace_operator.manifests import children
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["CAMERA", "QUERY_PORT", "STAGE", "namespaces", "pipelines", "place", "plain_children"]

Body = dict[str, Any]
CAMERA: Final = "cam01"
STAGE: Final = "motion"
_A_NAMESPACE: Final = 100
QUERY_PORT: Final = 16686
"""Where the stub answers as everybody's Jaeger, at each address of the pods' network."""

_SPEC: Final[Body] = {
    "cameras": [{"id": CAMERA, "source": {"url": "rtsp://cameras.example/one"}}],
    "broker": {"external": {"urlSecretRef": {"name": "broker", "key": "url"}}},
    "stages": [{"name": STAGE, "handler": "motion"}],
    "tracing": {
        "backend": {
            "external": {"otlpEndpoint": "http://jaeger.example:4318", "queryUrl": f"http://10.240.0.1:{QUERY_PORT}"}
        },
        "budget": {"bytesPerDay": "20G"},  # the stub's pods make 14 GB a day
    },
}
_PLATFORM: Final = Platform("runtime:bench", "redis:bench", "jaeger:bench", "default", (), ())


def namespaces(prefix: str, number: int) -> list[Body]:
    """The namespaces of so many pipelines, a hundred in each, and the Secret that each needs."""
    found: list[Body] = []
    for name in sorted({_namespace(prefix, index) for index in range(number)}):
        found.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        metadata = {"name": "broker", "namespace": name}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        found.append(secret | {"stringData": {"url": "redis://broker.example:6379"}})
    return found


def place(prefix: str, index: int) -> tuple[str, str]:
    """Namespace and name of a pipeline."""
    return _namespace(prefix, index), f"line-{index:04}"


def pipelines(prefix: str, number: int, window: int = 30) -> list[Body]:
    """So many pipelines, the guard's windows so many seconds long."""
    tracing = _SPEC["tracing"] | {"guard": {"windowSeconds": window}}
    return [
        {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": dict(zip(("namespace", "name"), place(prefix, index), strict=True)),
            "spec": _SPEC | {"tracing": tracing},
        }
        for index in range(number)
    ]


def plain_children(prefix: str, number: int) -> Iterator[Body]:
    """The children of so many pipelines, as an operator applies them but for the owner: it would have to exist."""
    for body in pipelines(prefix, number):
        metadata = body["metadata"] | {"uid": f"uid-{body['metadata']['name']}"}
        for child in children(Pipeline.from_object(body | {"metadata": metadata}), _PLATFORM):
            yield child.body | {
                "metadata": {key: value for key, value in child.body["metadata"].items() if key != "ownerReferences"}
            }


def _namespace(prefix: str, index: int) -> str:
    return f"{prefix}-{index // _A_NAMESPACE}"
