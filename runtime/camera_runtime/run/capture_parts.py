"""The parts of one camera's capture, put together from its contract: for a pod, and for a pipeline in one process."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from frame_tracking import FrameIDGenerator
from frametrace_api.contract import CaptureContract
from telemetry.tracer import FrameTracer

from camera_runtime.account import FrameAccount
from camera_runtime.capture.capturer import Capturer
from camera_runtime.capture.decoder.job import PictureSettings
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.open import Camera
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.pipeline import CaptureTools, FramePipeline
from camera_runtime.capture.problem import SourceError
from camera_runtime.capture.rtsp import CredentialFiles
from camera_runtime.capture.status import CameraStatus
from camera_runtime.run.contracts import ContractError
from camera_runtime.run.jpegs import JpegPictures
from camera_runtime.transports.base import Producer

__all__ = ["CaptureParts", "capture_parts"]

_FRESH_SECONDS: Final = 5.0
_FRAMES: Final = 3  # of a slow camera, before it counts as silent; the operator waits for as many


@dataclass(frozen=True, slots=True)
class CaptureParts:
    """One camera's capture.

    Attributes:
        capturer: the job that runs.
        status: how it stands with the camera.
        fresh_seconds: how long ago the last frame may have been published.
    """

    contract: CaptureContract
    capturer: Capturer
    status: CameraStatus
    pipeline: FramePipeline
    fresh_seconds: float
    _jpegs: JpegPictures = field(default_factory=JpegPictures)

    def unready(self) -> str:
        """What is missing; empty while frames are published."""
        if time.monotonic() - self.pipeline.last_published <= self.fresh_seconds:
            return ""
        return f"no frame was published in the last {self.fresh_seconds:g} s"

    def snapshot(self) -> bytes:
        """The latest picture as JPEG; empty if there is none."""
        frame = self.pipeline.last_frame
        return b"" if frame is None else self._jpegs.of(frame)


def capture_parts(
    contract: CaptureContract,
    traced: tuple[FrameTracer, FrameAccount],
    producer: Producer,
    system: str,
    *,
    allow_files: bool = False,
) -> CaptureParts:
    """Put a camera's capture together; nothing is connected yet.

    Args:
        contract: the camera and how it is captured.
        traced: records and counts its frames.
        producer: takes them.
        system: the broker's kind, as spans call it.
        allow_files: whether the camera may be a recording of this machine; never in a pod.

    Raises:
        ContractError: if the contract asks for what can never work.
    """
    camera = contract.camera.id
    feeds = _feeds(contract, allow_files=allow_files)
    pipeline = FramePipeline(camera, _tools(contract, traced, producer, system))
    status = CameraStatus(camera, traced[1])
    return CaptureParts(contract, Capturer(feeds, pipeline, status), status, pipeline, _fresh_seconds(contract))


def _fresh_seconds(contract: CaptureContract) -> float:
    """Between two frames of a slow camera nothing is missing: its pod must not turn unready with each of them."""
    return max(_FRESH_SECONDS, _FRAMES * Pace.of(contract.frames_per_second).interval_seconds)


def _feeds(contract: CaptureContract, *, allow_files: bool) -> Camera:
    """Return what makes the camera's feeds; what can never work is said now."""
    camera = contract.camera
    settings = PictureSettings(contract.frames_per_second, contract.max_width, contract.encoding, contract.jpeg_quality)
    files = CredentialFiles(camera.username_file, camera.password_file)
    try:
        rule = NetworkRule.of(contract.networks.allow, contract.networks.deny)
        return Camera(camera.url, settings, files, rule, allow_files=allow_files)
    except (ValueError, SourceError) as error:
        raise ContractError(f"camera {camera.id}: {error}") from None


def _tools(
    contract: CaptureContract, traced: tuple[FrameTracer, FrameAccount], producer: Producer, system: str
) -> CaptureTools:
    try:
        return CaptureTools(
            ids=FrameIDGenerator(contract.camera.id),
            producer=producer,
            tracer=traced[0],
            account=traced[1],
            system=system,
            timestamps=contract.timestamp_source,
        )
    except ValueError as error:
        raise ContractError(str(error)) from None
