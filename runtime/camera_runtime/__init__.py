"""The runtime of a camera pipeline's pods: capture, transports, stages and their HTTP endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from camera_runtime.frame import Frame

__all__ = ["Frame", "capture_frame"]


def capture_frame(source: str = "test://", camera: str = "cam01") -> Frame:
    """Return one frame of `source` (`test://`, `rtsp://…`), with its ID, its JPEG picture and its trace context.

    Tracing follows the `OTEL_*` environment. Needs the extra `capture`.

    Raises:
        camera_runtime.capture.problem.SourceError: if the source gives no picture.
        ValueError: if `camera` is not a DNS label of at most 32 characters.
    """
    from camera_runtime.capture import once  # noqa: PLC0415 - video libraries load with the first use, not with `Frame`

    return once.capture_frame(source, camera)


def __getattr__(name: str) -> object:
    """Load `Frame` with its first use: the decoder's process, which must start fast, has none of it."""
    if name == "Frame":
        from camera_runtime.frame import Frame  # noqa: PLC0415 - that is the point

        return Frame
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
