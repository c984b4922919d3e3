"""A capture process: one camera, from its stream into the pipeline's first queue."""

from __future__ import annotations

import time
from typing import Final

from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, FrameIDGenerator
from frametrace_api.contract import CaptureContract
from telemetry import Service

from camera_runtime.capture.base import NewSource
from camera_runtime.capture.capturer import Capturer
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.open import new_source
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.capture.pipeline import CaptureTools, FramePipeline
from camera_runtime.capture.problem import SourceError
from camera_runtime.capture.rtsp import CredentialFiles
from camera_runtime.capture.status import CameraStatus
from camera_runtime.run.contracts import ContractError, read_process
from camera_runtime.run.process import Options, Process
from camera_runtime.transports.base import Producer

__all__ = ["run_capture"]

_FRESH_SECONDS: Final = 5.0


def run_capture(options: Options) -> bool:
    """Run until the process is told to end; True if its work had no fault and every span was sent.

    Raises:
        ContractError: if a contract cannot be used.
    """
    contract = read_process(options.config, CaptureContract)
    camera = contract.camera.id
    open_source = _sources(contract)
    service = Service(CAPTURE_SERVICE, contract.pipeline.name)
    process = Process(service, contract.pipeline, CAPTURE_HOP, options, camera)
    broker = process.connect(contract.broker)
    pipeline = FramePipeline(camera, _tools(contract, process, broker.producer(camera, CAPTURE_HOP), broker.system))
    status = CameraStatus(camera, process.account)
    capturer = Capturer(open_source, pipeline, status)
    endpoints = process.endpoints(
        unhealthy=lambda: "" if capturer.alive else "the capture loop is stuck",
        unready=lambda: _unready(pipeline),
        cameras=lambda: (status.snapshot(),),
        snapshot=(lambda: _snapshot(pipeline, contract)) if contract.pictures_allowed else None,
    )
    try:
        return process.run(capturer, endpoints)
    finally:
        broker.close()


def _sources(contract: CaptureContract) -> NewSource:
    """Return what makes the camera's sources; a URL or network that can never work is said now."""
    camera = contract.camera
    files = CredentialFiles(camera.username_file, camera.password_file)
    try:
        rule = NetworkRule.of(contract.networks.allow, contract.networks.deny)
        new_source(camera.url, files, rule)
    except (ValueError, SourceError) as error:
        raise ContractError(f"camera {camera.id}: {error}") from None
    return lambda: new_source(camera.url, files, rule)


def _tools(contract: CaptureContract, process: Process, producer: Producer, system: str) -> CaptureTools:
    try:
        return CaptureTools(
            ids=FrameIDGenerator(contract.camera.id),
            pace=Pace.of(contract.frames_per_second),
            encoder=PictureEncoder(contract.encoding, contract.jpeg_quality, contract.max_width),
            producer=producer,
            tracer=process.tracer,
            account=process.account,
            system=system,
            timestamps=contract.timestamp_source,
        )
    except ValueError as error:
        raise ContractError(str(error)) from None


def _unready(pipeline: FramePipeline) -> str:
    if time.monotonic() - pipeline.last_published <= _FRESH_SECONDS:
        return ""
    return f"no frame was published in the last {_FRESH_SECONDS:g} s"


def _snapshot(pipeline: FramePipeline, contract: CaptureContract) -> bytes:
    return pipeline.last_picture if contract.encoding == "JPEG" else b""
