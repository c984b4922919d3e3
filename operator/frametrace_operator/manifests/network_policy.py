"""NetworkPolicies: who may reach a pipeline's pods, and whom they may reach. All else is denied.

Captures and stages answer the operator, and Prometheus in their own namespace or whoever is in one that the cluster's owner
labelled `frametrace.dev/monitoring: allowed`. They reach DNS, the broker and Jaeger; a capture also the ports of its
cameras, in the networks that the cluster's owner allows. A stage whose handler needs more gets it by a NetworkPolicy of
its owner's: policies add up. The journey page is reached by a port forward, which no policy stops; who puts an ingress
before it lets that in by a policy of their own. An external broker's address is in a Secret that the operator does not read: then TCP is
open outwards. Redis answers this pipeline's own pods alone; Jaeger these, the operator's questions, Prometheus, and
the questions of Grafana, which is found as Prometheus is. Both reach nobody.

The operator is known by its namespace and its pods' labels; where it does not know those, as outside of the cluster, by the namespace alone.

A policy is enforced by the cluster's network plug-in, if it does that at all; the runtime checks camera addresses itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from frametrace_api.contract import HTTP_PORT
from frametrace_api.tracing import TracingMode

from frametrace_operator.manifests.camera_networks import camera_blocks, camera_ports
from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.endpoints import (
    JAEGER_METRICS_PORT,
    JAEGER_QUERY_PORT,
    OTLP_GRPC_PORT,
    OTLP_HTTP_PORT,
    REDIS_PORT,
    has_managed_jaeger,
    has_managed_redis,
    has_page,
    page_shows_pictures,
)
from frametrace_operator.manifests.render import render
from frametrace_operator.naming import MONITORING_NAMESPACE, RUNTIME_POD, Role, pipeline_selector, pod_selector
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["network_policies"]

Rule = dict[str, Any]

_ANY_TCP: Final[Rule] = {"ports": [{"port": 1, "endPort": 65535, "protocol": "TCP"}]}
_PROMETHEUS, _GRAFANA = "prometheus", "grafana"
_HTTP_PORTS: Final = {"http": 80, "https": 443}


def network_policies(pipeline: Pipeline, platform: Platform) -> Iterator[Child]:
    """One policy for each role that has pods."""
    inward = [_from([_operator(platform), *_monitoring(_PROMETHEUS)], HTTP_PORT)]
    dns = _dns(platform)
    outward = [dns, *_to_broker(pipeline), *_to_jaeger(pipeline)]
    yield _policy(pipeline, Role.CAPTURE, inward, [*outward, *_to_cameras(pipeline, platform)])
    if pipeline.spec.stages:
        yield _policy(pipeline, Role.STAGE, inward, outward)
    if has_managed_redis(pipeline):
        clients = [_runtime(pipeline), *_page(pipeline, wanted=page_shows_pictures(pipeline))]
        yield _policy(pipeline, Role.REDIS, [_from(clients, REDIS_PORT)], [])
    if has_managed_jaeger(pipeline):
        yield _policy(pipeline, Role.JAEGER, _into_jaeger(pipeline, platform), [])
    if has_page(pipeline):
        to_pictures = _to_broker(pipeline) if page_shows_pictures(pipeline) else ()
        yield _policy(pipeline, Role.PAGE, [], [dns, *to_pictures, *_to_queries(pipeline)])


def _policy(pipeline: Pipeline, role: Role, ingress: list[Rule], egress: list[Rule]) -> Child:
    selector = pod_selector(pipeline, role)
    return render(
        "network_policy", pipeline, Role.NETWORK, role.value, selector=selector, ingress=ingress, egress=egress
    )


def _into_jaeger(pipeline: Pipeline, platform: Platform) -> list[Rule]:
    return [
        _from([_runtime(pipeline)], OTLP_HTTP_PORT, OTLP_GRPC_PORT, JAEGER_QUERY_PORT),
        _from([_operator(platform), *_monitoring(_GRAFANA)], JAEGER_QUERY_PORT),
        _from([_operator(platform), *_monitoring(_PROMETHEUS)], JAEGER_METRICS_PORT),
        *(_from([page], JAEGER_QUERY_PORT) for page in _page(pipeline)),
    ]


def _dns(platform: Platform) -> Rule:
    """The cluster's DNS may run anywhere, on its nodes too: it is named by its ports alone."""
    return {"ports": [{"port": port, "protocol": name} for port in platform.dns_ports for name in ("UDP", "TCP")]}


def _to_broker(pipeline: Pipeline) -> Iterator[Rule]:
    yield _to([_pods(pipeline, Role.REDIS)], REDIS_PORT) if has_managed_redis(pipeline) else _ANY_TCP


def _to_jaeger(pipeline: Pipeline) -> Iterator[Rule]:
    tracing = pipeline.spec.tracing
    external = tracing.backend.external
    if has_managed_jaeger(pipeline):
        yield _to([_pods(pipeline, Role.JAEGER)], OTLP_HTTP_PORT, OTLP_GRPC_PORT)
    elif external is not None and tracing.mode is TracingMode.ENABLED:
        url = urlsplit(external.otlp_endpoint)
        yield {"ports": _ports(url.port or _HTTP_PORTS[url.scheme])}


def _to_queries(pipeline: Pipeline) -> Iterator[Rule]:
    """Where the journey page reads traces."""
    external = pipeline.spec.tracing.backend.external
    if has_managed_jaeger(pipeline):
        yield _to([_pods(pipeline, Role.JAEGER)], JAEGER_QUERY_PORT)
    elif external is not None:
        url = urlsplit(external.query_url)
        yield {"ports": _ports(url.port or _HTTP_PORTS[url.scheme])}


def _page(pipeline: Pipeline, *, wanted: bool = True) -> Iterator[Rule]:
    """The journey page's pods, if there is one and it is to come in."""
    if wanted and has_page(pipeline):
        yield _pods(pipeline, Role.PAGE)


def _to_cameras(pipeline: Pipeline, platform: Platform) -> Iterator[Rule]:
    ports = camera_ports(pipeline.spec.cameras)
    if ports:
        yield _to(camera_blocks(platform.camera_networks_allow, platform.camera_networks_deny), *ports)


def _pods(pipeline: Pipeline, role: Role) -> Rule:
    return {"podSelector": {"matchLabels": pod_selector(pipeline, role)}}


def _runtime(pipeline: Pipeline) -> Rule:
    return {"podSelector": {"matchLabels": {**pipeline_selector(pipeline), **RUNTIME_POD}}}


def _operator(platform: Platform) -> Rule:
    namespace = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": platform.operator_namespace}}}
    own = dict(platform.operator_labels)
    return namespace | ({"podSelector": {"matchLabels": own}} if own else {})


def _monitoring(program: str) -> tuple[Rule, Rule]:
    """A program by its usual name in the pipeline's own namespace, and all of the namespaces for monitoring."""
    own = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": program}}}
    return own, {"namespaceSelector": {"matchLabels": MONITORING_NAMESPACE}}


def _from(peers: list[Rule], *ports: int) -> Rule:
    return {"from": peers, "ports": _ports(*ports)}


def _to(peers: list[Rule], *ports: int) -> Rule:
    return {"to": peers, "ports": _ports(*ports)}


def _ports(*ports: int) -> list[Rule]:
    return [{"port": port, "protocol": "TCP"} for port in ports]
