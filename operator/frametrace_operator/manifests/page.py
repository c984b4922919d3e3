"""The journey page: a Deployment of the runtime's image and its Service. It traces nothing, so a rollback leaves it alone."""

from __future__ import annotations

from typing import Any, Final

from frametrace_api.contract import HTTP_PORT, POD_NAME_VARIABLE
from frametrace_api.resources import Resources

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.config import ProcessFiles, config_hash
from frametrace_operator.manifests.contracts import HEADERS_FILE, JAEGER_SECRETS
from frametrace_operator.manifests.endpoints import page_shows_pictures
from frametrace_operator.manifests.render import render
from frametrace_operator.manifests.runtime_pod import (
    NO_INJECTION,
    as_written,
    broker_note,
    broker_secrets,
    contract_volumes,
    mounted,
    secret_volume,
)
from frametrace_operator.manifests.server_pod import image_pull_secrets
from frametrace_operator.naming import CONFIG_HASH, Role, labels, pod_selector
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["page"]

# It reads a few MB of traces at once, two requests at a time.
_RESOURCES: Final = Resources(requests={"cpu": "10m", "memory": "96Mi"}, limits={"memory": "512Mi"})


def page(
    pipeline: Pipeline, platform: Platform, files: ProcessFiles, *, secret: str, running: bool
) -> tuple[Child, ...]:
    """All objects of the journey page but its network policy."""
    return (_service(pipeline), _deployment(pipeline, platform, files, secret=secret, running=running))


def _service(pipeline: Pipeline) -> Child:
    selector = pod_selector(pipeline, Role.PAGE)
    return render("service", pipeline, Role.PAGE, selector=selector, ports={"http": HTTP_PORT}, headless=False)


def _deployment(pipeline: Pipeline, platform: Platform, files: ProcessFiles, *, secret: str, running: bool) -> Child:
    volumes, mounts = mounted(_volumes(pipeline))
    anew = broker_note(pipeline, secret) if page_shows_pictures(pipeline) else {}
    return render(
        "page",
        pipeline,
        Role.PAGE,
        replicas=int(running),
        labels=labels(pipeline, Role.PAGE),
        selector=pod_selector(pipeline, Role.PAGE),
        annotations={CONFIG_HASH: config_hash(files, Role.PAGE, ""), **NO_INJECTION, **anew},
        role=Role.PAGE.value,
        image=platform.runtime_image,
        http_port=HTTP_PORT,
        env=[
            {"name": POD_NAME_VARIABLE, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}
        ],
        resources=as_written(_RESOURCES),
        placement=image_pull_secrets(platform),
        volumes=volumes,
        mounts=mounts,
    )


def _volumes(pipeline: Pipeline) -> list[tuple[str, dict[str, Any]]]:
    """Credentials only of what it asks."""
    volumes = contract_volumes(pipeline, Role.PAGE, "")
    if page_shows_pictures(pipeline):
        volumes.append(broker_secrets(pipeline))
    external = pipeline.spec.tracing.backend.external
    headers = external.headers_secret_ref if external is not None else None
    if headers is not None:
        volumes.append((JAEGER_SECRETS, secret_volume(headers.name, {HEADERS_FILE: headers.key})))
    return volumes
