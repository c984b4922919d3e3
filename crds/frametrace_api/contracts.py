"""What of the resource goes into the contracts of its processes: the same for the operator and for a pipeline without a cluster.

Where the broker, the networks and the credentials are differs between the two, and comes from the caller. Pure.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from frametrace_api.contract import (
    BrokerContract,
    CameraContract,
    CaptureContract,
    JaegerContract,
    LiveContract,
    LiveTracing,
    NetworkContract,
    PageContract,
    PipelineRef,
    StageContract,
    StageEdge,
    TracingState,
)
from frametrace_api.spec import CameraPipelineSpec, PictureAccess
from frametrace_api.stages import Stage
from frametrace_api.tracing import Keep, TracingMode

__all__ = ["capture_contract", "live_contract", "page_contract", "stage_contract"]

_AS_SPECIFIED: Final[Mapping[str, str]] = MappingProxyType({})


def capture_contract(
    spec: CameraPipelineSpec,
    pipeline: PipelineRef,
    camera: CameraContract,
    broker: BrokerContract,
    networks: NetworkContract,
) -> CaptureContract:
    """What the capture of one camera needs to start."""
    capture = spec.capture
    return CaptureContract(
        pipeline=pipeline,
        camera=camera,
        networks=networks,
        broker=broker,
        frames_per_second=capture.frames_per_second or "",
        max_width=capture.max_width or 0,
        encoding=capture.encoding.value,
        jpeg_quality=capture.jpeg_quality,
        timestamp_source=capture.timestamp_source.value,
        pictures_allowed=spec.pictures.access is PictureAccess.ALLOWED,
    )


def stage_contract(stage: Stage, pipeline: PipelineRef, broker: BrokerContract) -> StageContract:
    """What the processes of one stage need to start."""
    return StageContract(
        pipeline=pipeline,
        name=stage.name,
        input=stage.input,
        handler=stage.handler,
        broker=broker,
        max_deliveries=stage.max_deliveries,
        handler_timeout_seconds=stage.handler_timeout_seconds,
    )


def page_contract(
    spec: CameraPipelineSpec, pipeline: PipelineRef, jaeger: JaegerContract, broker: BrokerContract
) -> PageContract:
    """What the process of the journey page needs to start."""
    return PageContract(
        pipeline=pipeline,
        jaeger=jaeger,
        broker=broker,
        pictures_allowed=spec.pictures.access is PictureAccess.ALLOWED,
        trace_seconds=0 if spec.tracing.backend.external is not None else spec.tracing.retention.trace_seconds,
    )


def live_contract(
    spec: CameraPipelineSpec, revision: str, *, on: bool = True, ratios: Mapping[str, str] = _AS_SPECIFIED
) -> LiveContract:
    """What all processes of a pipeline read while they run.

    Args:
        spec: the pipeline's.
        revision: names its tree of stages.
        on: whether there is tracing to switch on.
        ratios: by camera ID, "0" to "1", in place of those of the spec.
    """
    return LiveContract(
        revision=revision,
        cameras=tuple(camera.id for camera in spec.cameras),
        stages=tuple(StageEdge(name=stage.name, input=stage.input) for stage in spec.stages),
        tracing=_live_tracing(spec, ratios, on=on),
    )


def _live_tracing(spec: CameraPipelineSpec, ratios: Mapping[str, str], *, on: bool) -> LiveTracing:
    sampling = spec.tracing.sampling
    wanted = {camera.id: ratios.get(camera.id, spec.ratio_of(camera)) for camera in spec.cameras}
    return LiveTracing(
        state=TracingState.ON if on and spec.tracing.mode is TracingMode.ENABLED else TracingState.OFF,
        ratio=sampling.ratio,
        camera_ratios={camera: ratio for camera, ratio in wanted.items() if ratio != sampling.ratio},
        keep_errors=sampling.keep_errors is Keep.ENABLED,
        keep_slower_than_milliseconds=sampling.keep_slower_than_milliseconds or 0,
    )
