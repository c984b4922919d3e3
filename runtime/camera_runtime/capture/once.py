"""One frame from a source, with its ID and its trace: the shortest way to try the runtime. Sends it nowhere."""

from __future__ import annotations

import atexit
import time
from functools import cache
from typing import Final

import av
from frame_tracking import CAPTURE_SERVICE, Attribute, FrameID, FrameMetadata, Outcome, SpanName
from telemetry.attributes import Service
from telemetry.setup import set_up_tracing
from telemetry.tracer import AttributeValue, FrameTracer

from camera_runtime.capture.base import Packet
from camera_runtime.capture.open import new_source
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.capture.problem import Problem, SourceError
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
    source = new_source(url)
    try:
        source.open()
        for packet in source.packets():
            frame_id, begun = FrameID.generate(camera), time.time_ns()
            if pictures := packet.decode():
                return _record(frame_id, packet, begun, pictures[0], tracer)
    finally:
        source.close()
    raise SourceError(Problem.CLOSED, "the source ended before its first picture")


def _record(frame_id: FrameID, packet: Packet, begun_ns: int, picture: av.VideoFrame, tracer: FrameTracer) -> Frame:
    decoded_ns = time.time_ns()
    size: dict[str, AttributeValue] = {Attribute.FRAME_WIDTH: picture.width, Attribute.FRAME_HEIGHT: picture.height}
    hop = tracer.capture(frame_id, packet.received_ns, size)
    hop.record(SpanName.DECODE_FRAME, begun_ns, decoded_ns)
    encoded = PictureEncoder().encode(picture)
    ended_ns = time.time_ns()
    hop.record(
        SpanName.PROCESS_FRAME,
        decoded_ns,
        ended_ns,
        {
            Attribute.FRAME_SIZE_BYTES: len(encoded.data),
            Attribute.FRAME_PROCESSING_MS: (ended_ns - decoded_ns) / 1e6,
        },
    )
    hop.end(ended_ns, Outcome.COMPLETED)
    metadata = FrameMetadata(
        frame_id=frame_id, timestamp=frame_id.time, width=encoded.width, height=encoded.height, pts=picture.pts
    )
    return Frame(metadata, encoded.data, hop.context)
