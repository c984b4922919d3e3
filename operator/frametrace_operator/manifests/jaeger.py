"""The managed Jaeger: its settings, Deployment and Service, and a volume where traces are kept on one.

The volume outlives the rest: who disables tracing for a while finds the traces again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Final

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.endpoints import (
    JAEGER_HEALTH_PORT,
    JAEGER_METRICS_PORT,
    JAEGER_QUERY_PORT,
    OTLP_GRPC_PORT,
    OTLP_HTTP_PORT,
    has_managed_jaeger,
    has_trace_volume,
)
from frametrace_operator.manifests.render import render, render_text
from frametrace_operator.manifests.server_pod import binary_quantity, image_pull_secrets, memory_resources
from frametrace_operator.manifests.sizing import jaeger_size
from frametrace_operator.naming import CONFIG_HASH, PURGE_GENERATION, Role, child_name, labels, pod_selector
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["jaeger", "trace_volume"]

_SERVED: Final = {
    "otlp-http": OTLP_HTTP_PORT,
    "otlp-grpc": OTLP_GRPC_PORT,
    "query": JAEGER_QUERY_PORT,
    "metrics": JAEGER_METRICS_PORT,
}
_GO_SHARE: Final = 0.9  # of the limit: Go's collector works harder from there on, rather than the kernel killing


def jaeger(pipeline: Pipeline, platform: Platform, purge_generation: int, *, running: bool) -> Iterator[Child]:
    """All objects of the managed Jaeger but its volume. Another `purge_generation` than before lets it begin with an empty storage."""
    settings = _settings(pipeline)
    yield render("config_map", pipeline, Role.JAEGER, data={"config.yaml": settings})
    selector = pod_selector(pipeline, Role.JAEGER)
    yield render("service", pipeline, Role.JAEGER, selector=selector, ports=_SERVED, headless=False)
    yield _deployment(pipeline, platform, settings, purge_generation, running=running)


def trace_volume(pipeline: Pipeline) -> Child:
    """The claim of the volume for traces; one for a Jaeger that does not run is not made, and stays if it is there."""
    size = binary_quantity(jaeger_size(pipeline.spec).storage)
    claim = render("persistent_volume_claim", pipeline, Role.JAEGER, size=size)
    return replace(claim, kept=not has_managed_jaeger(pipeline))


def _settings(pipeline: Pipeline) -> str:
    """Jaeger's configuration file."""
    return render_text(
        "jaeger_config",
        max_traces=None if has_trace_volume(pipeline) else jaeger_size(pipeline.spec).max_traces,
        trace_seconds=f"{pipeline.spec.tracing.retention.trace_seconds}s",
        otlp_http_port=OTLP_HTTP_PORT,
        otlp_grpc_port=OTLP_GRPC_PORT,
        query_port=JAEGER_QUERY_PORT,
        metrics_port=JAEGER_METRICS_PORT,
        health_port=JAEGER_HEALTH_PORT,
    )


def _deployment(
    pipeline: Pipeline, platform: Platform, settings: str, purge_generation: int, *, running: bool
) -> Child:
    limit = jaeger_size(pipeline.spec).limit
    name = child_name(pipeline, Role.JAEGER)
    purged = {PURGE_GENERATION: str(purge_generation)} if purge_generation else {}
    return render(
        "jaeger",
        pipeline,
        Role.JAEGER,
        replicas=int(running),
        selector=pod_selector(pipeline, Role.JAEGER),
        labels=labels(pipeline, Role.JAEGER),
        annotations={CONFIG_HASH: blake2b(settings.encode(), digest_size=8).hexdigest(), **purged},
        placement=image_pull_secrets(platform),
        image=platform.jaeger_image,
        go_memory_limit=str(int(limit * _GO_SHARE)),
        ports={**_SERVED, "health": JAEGER_HEALTH_PORT},
        resources=memory_resources(limit),
        config_map=name,
        claim=name if has_trace_volume(pipeline) else None,
        purge=purged.get(PURGE_GENERATION) if has_trace_volume(pipeline) else None,
        runtime_image=platform.runtime_image,
    )
