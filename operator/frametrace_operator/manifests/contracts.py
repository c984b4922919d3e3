"""The contracts that a pipeline's processes read, as values: what starts each process, and what changes live.

Knows the spec and the contract; paths of credentials, never their content. Must not know manifests.
"""

from __future__ import annotations

from typing import Final

from frame_tracking import Topology
from frametrace_api import contracts
from frametrace_api.cameras import Camera
from frametrace_api.contract import (
    SECRETS_DIRECTORY,
    BrokerContract,
    CameraContract,
    CaptureContract,
    JaegerContract,
    LiveContract,
    NetworkContract,
    PageContract,
    PipelineRef,
    StageContract,
)
from frametrace_api.stages import Stage

from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.manifests.endpoints import has_managed_jaeger, jaeger_query_url, redis_url
from frametrace_operator.manifests.sizing import jaeger_size, max_frames
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = [
    "BROKER_SECRETS",
    "CAMERA_SECRETS",
    "CA_FILE",
    "HEADERS_FILE",
    "JAEGER_SECRETS",
    "PASSWORD_FILE",
    "URL_FILE",
    "USERNAME_FILE",
    "capture_contract",
    "live_contract",
    "page_contract",
    "stage_contract",
]

CAMERA_SECRETS: Final = f"{SECRETS_DIRECTORY}/camera"
BROKER_SECRETS: Final = f"{SECRETS_DIRECTORY}/broker"
JAEGER_SECRETS: Final = f"{SECRETS_DIRECTORY}/jaeger"
USERNAME_FILE: Final = "username"
PASSWORD_FILE: Final = "password"  # noqa: S105 (a file's name)
URL_FILE: Final = "url"
CA_FILE: Final = "ca.crt"
HEADERS_FILE: Final = "headers"


def capture_contract(pipeline: Pipeline, platform: Platform, camera: Camera) -> CaptureContract:
    """What the capture of one camera needs to start."""
    networks = NetworkContract(allow=platform.camera_networks_allow, deny=platform.camera_networks_deny)
    return contracts.capture_contract(pipeline.spec, _reference(pipeline), _camera(camera), _broker(pipeline), networks)


def stage_contract(pipeline: Pipeline, stage: Stage) -> StageContract:
    """What the pods of one stage need to start."""
    return contracts.stage_contract(stage, _reference(pipeline), _broker(pipeline))


def page_contract(pipeline: Pipeline) -> PageContract:
    """What the pod of the journey page needs to start."""
    return contracts.page_contract(pipeline.spec, _reference(pipeline), _jaeger(pipeline), _broker(pipeline))


def _jaeger(pipeline: Pipeline) -> JaegerContract:
    external = pipeline.spec.tracing.backend.external
    if external is None:
        url = jaeger_query_url(pipeline) if has_managed_jaeger(pipeline) else ""
        return JaegerContract(url=url, alone=True, max_traces=jaeger_size(pipeline.spec).max_traces)
    with_headers = external.headers_secret_ref is not None
    return JaegerContract(
        url=external.query_url, headers_file=f"{JAEGER_SECRETS}/{HEADERS_FILE}" if with_headers else ""
    )


def live_contract(pipeline: Pipeline, tracing: TracingPlan) -> LiveContract:
    """What all processes of a pipeline read while they run."""
    tree = Topology.of((stage.name, stage.input) for stage in pipeline.spec.stages)
    return contracts.live_contract(
        pipeline.spec, tree.revision, on=tracing.on and tracing.instrumented, ratios=tracing.ratios
    )


def _reference(pipeline: Pipeline) -> PipelineRef:
    return PipelineRef(namespace=pipeline.namespace, name=pipeline.name, uid=pipeline.uid)


def _camera(camera: Camera) -> CameraContract:
    with_credentials = camera.source.credentials_secret_ref is not None
    return CameraContract(
        id=camera.id,
        url=camera.source.captured_url,
        username_file=f"{CAMERA_SECRETS}/{USERNAME_FILE}" if with_credentials else "",
        password_file=f"{CAMERA_SECRETS}/{PASSWORD_FILE}" if with_credentials else "",
    )


def _broker(pipeline: Pipeline) -> BrokerContract:
    broker = pipeline.spec.broker
    external = broker.external
    return BrokerContract(
        type=broker.type.value,
        url=redis_url(pipeline) if external is None else "",
        url_file=f"{BROKER_SECRETS}/{URL_FILE}" if external is not None else "",
        password_file=f"{BROKER_SECRETS}/{PASSWORD_FILE}" if external is None else "",
        ca_file=f"{BROKER_SECRETS}/{CA_FILE}" if external is not None and external.ca_secret_ref is not None else "",
        frame_seconds=broker.retention.frame_seconds,
        max_frames=max_frames(pipeline.spec),
        overflow=broker.effective_overflow.value,
    )
