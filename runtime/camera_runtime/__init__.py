"""The runtime of a camera pipeline's pods: capture, transports, stages and their HTTP endpoints."""

from __future__ import annotations

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
