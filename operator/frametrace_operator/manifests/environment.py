"""The environment of a runtime container, in the order in which the OpenTelemetry Operator injects it.

The downward API's fields come first, so that later values can refer to them; then the settings; then the owner's
variables, which win over ours by name; `OTEL_RESOURCE_ATTRIBUTES`, which refers to the first, is last. An `OTEL_SERVICE_NAME`
that an older version let in does not win: journeys would not be found by it.

`OTEL_TRACES_SAMPLER_ARG` is left out on purpose: a ratio in the pod template would restart every pod at each change.
It lives in the `…-live` ConfigMap, which running pods read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from frametrace_api.contract import POD_NAME_VARIABLE
from frametrace_api.environment import SERVICE_NAME, EnvVar
from frametrace_api.tracing import TracingMode

from frametrace_operator.manifests.endpoints import otlp_endpoint
from frametrace_operator.pipeline import Pipeline

__all__ = ["SDK_DISABLED", "runtime_environment"]

Variable = dict[str, Any]

SDK_DISABLED: Final = "OTEL_SDK_DISABLED"
"""Says "true" in pods without instrumentation, "false" in the others; never the owner's to set."""

_RESOURCE: Final = "OTEL_RESOURCE_ATTRIBUTES"
_NO_WRAPPERS: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
_PROTOCOL: Final = "OTEL_EXPORTER_OTLP_PROTOCOL"
_POD_FIELDS: Final = {
    POD_NAME_VARIABLE: "metadata.name",
    "OTEL_NODE_IP": "status.hostIP",
    "OTEL_POD_IP": "status.podIP",
    "OTEL_RESOURCE_ATTRIBUTES_POD_NAME": "metadata.name",
    "OTEL_RESOURCE_ATTRIBUTES_NODE_NAME": "spec.nodeName",
}


def runtime_environment(
    pipeline: Pipeline, own: tuple[EnvVar, ...], *, service: str, deployment: str, container: str, instrumented: bool
) -> list[Variable]:
    """Variables of one container, no name twice.

    Args:
        pipeline: says where traces go, and whether there are any.
        own: the owner's variables for this container.
        service: `OTEL_SERVICE_NAME`, whatever the owner says.
        deployment: name of the Deployment that the container is in.
        container: name of the container.
        instrumented: whether tracing may run in the process; `False` after a rollback.
    """
    owners = [_variable(variable) for variable in own if variable.name != SERVICE_NAME]
    traced = instrumented and pipeline.spec.tracing.mode is TracingMode.ENABLED
    ours = [
        *(_pod_field(name, path) for name, path in _POD_FIELDS.items()),
        {"name": SERVICE_NAME, "value": service},
        *_exporter(pipeline, grpc={"name": _PROTOCOL, "value": "grpc"} in owners),
        {"name": "OTEL_TRACES_SAMPLER", "value": "parentbased_traceidratio"},
        {"name": "OTEL_PROPAGATORS", "value": "tracecontext,baggage"},
        {"name": "OTEL_METRICS_EXPORTER", "value": "none"},
        {"name": "OTEL_LOGS_EXPORTER", "value": "none"},
        {"name": SDK_DISABLED, "value": "false" if traced else "true"},
    ]
    if not traced:
        # Wrappers that an injected or installed auto-instrumentation puts around libraries stay in with a disabled SDK.
        ours.append({"name": _NO_WRAPPERS, "value": "*"})
        owners = [variable for variable in owners if variable["name"] != _NO_WRAPPERS]
    attributes = _resource_attributes(pipeline.namespace, deployment, container)
    return _merged(ours, owners, attributes)


def _merged(ours: list[Variable], owners: list[Variable], attributes: dict[str, str]) -> list[Variable]:
    """Ours that the owner does not set, the owner's, and the resource attributes last."""
    taken = {variable["name"] for variable in owners}
    last = next((variable for variable in owners if variable["name"] == _RESOURCE), {"name": _RESOURCE, "value": ""})
    return [
        *(variable for variable in ours if variable["name"] not in taken),
        *(variable for variable in owners if variable["name"] != _RESOURCE),
        last if "valueFrom" in last else {"name": _RESOURCE, "value": _joined(last.get("value", ""), attributes)},
    ]


def _exporter(pipeline: Pipeline, *, grpc: bool) -> Iterable[Variable]:
    tracing = pipeline.spec.tracing
    if tracing.mode is TracingMode.DISABLED:
        return
    yield {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": _literal(otlp_endpoint(pipeline, grpc=grpc))}
    yield {"name": _PROTOCOL, "value": "http/protobuf"}
    external = tracing.backend.external
    if external is not None and external.headers_secret_ref is not None:
        reference = external.headers_secret_ref.to_object()
        yield {"name": "OTEL_EXPORTER_OTLP_HEADERS", "valueFrom": {"secretKeyRef": reference}}


def _resource_attributes(namespace: str, deployment: str, container: str) -> dict[str, str]:
    pod = "$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME)"
    return {
        "k8s.container.name": container,
        "k8s.deployment.name": deployment,
        "k8s.namespace.name": namespace,
        "k8s.node.name": "$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME)",
        "k8s.pod.name": pod,
        "service.instance.id": f"{namespace}.{pod}.{container}",
        "service.namespace": namespace,
    }


def _joined(owners: str, attributes: dict[str, str]) -> str:
    """The owner's attributes, then those of ours that they do not name."""
    named = {pair.partition("=")[0].strip() for pair in owners.split(",")}
    added = (f"{key}={value}" for key, value in attributes.items() if key not in named)
    return ",".join(filter(None, (owners.strip(", "), *added)))


def _variable(variable: EnvVar) -> Variable:
    """As the API server keeps it: an empty value is no value."""
    return {key: value for key, value in variable.to_object().items() if value != ""}


def _pod_field(name: str, path: str) -> Variable:
    return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}


def _literal(text: str) -> str:
    """A value in which Kubernetes expands no $(VARIABLE)."""
    return text.replace("$(", "$$(")
