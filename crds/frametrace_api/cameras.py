"""One camera of a pipeline: where its stream is and how much of it is traced. Must not know how it is captured."""

from enum import StrEnum
from typing import ClassVar

from frametrace_api.base import ApiModel
from frametrace_api.references import UserPasswordSecretRef
from frametrace_api.rules import Rule
from frametrace_api.scalars import CameraId, Ratio
from frametrace_api.urls import CameraUrl

__all__ = ["Camera", "CameraSource", "CameraTracing", "Stream"]


class Stream(StrEnum):
    """Which of a camera's two streams is captured."""

    MAIN = "Main"
    SUB = "Sub"


class CameraSource(ApiModel):
    """Where a camera's stream is."""

    url: CameraUrl
    """Address of the camera's main stream: rtsp://, rtsps:// or test:// (a generated picture, so that no camera is needed). Read over TCP. No user name or password: they belong in credentialsSecretRef."""
    credentials_secret_ref: UserPasswordSecretRef | None = None
    """Secret with the camera's user name and password. A changed Secret is picked up at the next connection. Left out: the camera asks for none."""
    stream: Stream = Stream.MAIN
    """Which stream is captured: Main is url, Sub is subUrl. Left out: Main."""
    sub_url: CameraUrl | None = None
    """Address of the camera's second, smaller stream, read when stream is Sub. It may stay while stream is Main, so that one word changes over. Left out: the camera has only url."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="!has(self.stream) || self.stream != 'Sub' || has(self.subUrl)",
            message="stream Sub needs the address of the camera's second stream: set subUrl, or stream to Main",
            holds=lambda source: source.stream is not Stream.SUB or source.sub_url is not None,
            field_path=".subUrl",
            reason="FieldValueRequired",
        ),
    )

    @property
    def captured_url(self) -> str:
        """The address that is read."""
        return self.sub_url if self.stream is Stream.SUB and self.sub_url is not None else self.url


class CameraTracing(ApiModel):
    """What differs for one camera's traces."""

    ratio: Ratio | None = None
    """Share of this camera's frames that is traced, from "0" to "1". Left out: tracing.sampling.ratio of the pipeline."""


class Camera(ApiModel):
    """A camera."""

    id: CameraId
    """Name of the camera, unique in the pipeline: lower-case letters, digits and hyphens, at most 32. It is part of every frame ID, and a label of every metric."""
    source: CameraSource
    """Where the camera's stream is."""
    tracing: CameraTracing | None = None
    """What differs for this camera's traces. Left out: as the pipeline."""
