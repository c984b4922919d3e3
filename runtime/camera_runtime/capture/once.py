"""One frame from a source, with its ID and its trace: the shortest way to try the runtime. Sends it nowhere."""

from __future__ import annotations

import atexit
import time
from functools import cache
from typing import Final

from frame_tracking import CAPTURE_SERVICE, Attribute, FrameID, FrameMetadata, Outcome, SpanName
from telemetry.attributes import Service
from telemetry.setup import set_up_tracing
from telemetry.tracer import AttributeValue, FrameTracer

from camera_runtime.capture.events import TakenPicture
from camera_runtime.capture.open import Camera
from camera_runtime.frame import Frame

__all__ = ["capture_frame"]

_EXIT_SECONDS: Final = 2.0


def capture_frame(source: str = "test://", camera: str = "cam01", *, tracer: FrameTracer | None = None) -> Frame:
    """Return one frame of `source`, its picture as JPEG, its trace context that of its `capture_frame` span.

    Args:
        source: `test://`, `rtsp://` or `rtsps://`, without credentials.
        camera: the ID under which the frame is named.
        tracer: records its spans; by default the environment's `OTEL_*` settings make one, which exports at the process's end.

    Raises:
        SourceError: if the source gives no picture.
        ValueError: if `camera` is not a DNS label of at most 32 characters.
    """
    return _capture(source, camera, tracer or _own_tracer())


@cache
def _own_tracer() -> FrameTracer:
    tracer = set_up_tracing(Service(CAPTURE_SERVICE), make_global=False)
    atexit.register(tracer.shutdown, _EXIT_SECONDS)
    return tracer


def _capture(url: str, camera: str, tracer: FrameTracer) -> Frame:
    cameras = Camera(url)
    feed = cameras()
    try:
        feed.open()
        taken = (event for event in feed.events() if isinstance(event, TakenPicture))
        return _record(camera, next(taken), tracer)
    finally:
        feed.close()
        cameras.close()


def _record(camera: str, picture: TakenPicture, tracer: FrameTracer) -> Frame:
    frame_id = FrameID.generate(camera)
    size: dict[str, AttributeValue] = {
        Attribute.FRAME_WIDTH: picture.camera_size[0],
        Attribute.FRAME_HEIGHT: picture.camera_size[1],
    }
    hop = tracer.capture(frame_id, picture.received.wall_ns, size)
    hop.record(SpanName.DECODE_FRAME, *picture.decode_ns)
    begun, ended = picture.process_ns
    processed: dict[str, AttributeValue] = {
        Attribute.FRAME_SIZE_BYTES: len(picture.data),
        Attribute.FRAME_PROCESSING_MS: (ended - begun) / 1e6,
    }
    hop.record(SpanName.PROCESS_FRAME, begun, ended, processed)
    hop.end(time.time_ns(), Outcome.COMPLETED)
    width, height = picture.size
    metadata = FrameMetadata(frame_id=frame_id, timestamp=frame_id.time, width=width, height=height, pts=picture.pts)
    return Frame(metadata, bytes(picture.data), hop.context)
