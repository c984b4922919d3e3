"""The same five spans by the product's own tracer: what `span_cost.py` compares with the stock SDK."""

from __future__ import annotations

import time
from collections.abc import Callable

from frame_tracking import Arrival, Attribute, FrameID, Outcome, SpanName, Topology, TraceContext, recover
from opentelemetry.sdk.resources import Resource
from telemetry import AttributeValue, FrameTracer, Sampling, Service
from telemetry.otlp_http import HttpSink
from telemetry.otlp_settings import OtlpSettings
from telemetry.recording import RecordingTracer
from telemetry.sink import SpanSink

__all__ = ["SPANS_OF_A_FRAME", "FrameSpans"]

SPANS_OF_A_FRAME = 5
_TREE = Topology((("motion", "capture"),))


class FrameSpans:
    """Records frames; one tracer stands for the capture process, one for the stage's.

    Args:
        new_sink: makes where a tracer's spans go.
    """

    def __init__(self, new_sink: Callable[[], SpanSink]) -> None:
        self._capture = self._tracer(new_sink(), Service("rtsp-capture", "parking"))
        self._stage = self._tracer(new_sink(), Service("motion", "parking", "motion"))

    @classmethod
    def to(cls, endpoint: str) -> FrameSpans:
        """Return one whose spans go to an OTLP/HTTP endpoint."""
        return cls(lambda: HttpSink(OtlpSettings(f"{endpoint}/v1/traces")))

    def _tracer(self, sink: SpanSink, service: Service) -> FrameTracer:
        tracer = RecordingTracer(service, sink, resource=Resource.create({"service.name": service.name}))
        tracer.follow(Sampling(revision=_TREE.revision))
        return tracer

    def frame(self, frame_id: FrameID) -> None:
        """Record one frame's five spans, its context carried from the first process to the second."""
        traceparent = self._captured(frame_id)
        self._processed(frame_id, traceparent)

    def frame_without_capture(self, frame_id: FrameID) -> None:
        """Record a frame whose capture's spans were lost: the stage's are there, under a parent that nobody has."""
        self._processed(frame_id, TraceContext(frame_id.trace_id, "00f067aa0ba902b7", 3).traceparent)

    def flush(self, seconds: float = 10) -> None:
        """Export all that waits, within so many seconds.

        Raises:
            RuntimeError: if it was not taken.
        """
        for tracer in (self._capture, self._stage):
            if not tracer.flush(seconds):
                raise RuntimeError(f"spans were lost: {tracer.counts()}")

    def close(self) -> None:
        """Stop the tracers."""
        for tracer in (self._capture, self._stage):
            tracer.shutdown(5)

    def _captured(self, frame_id: FrameID) -> str:
        hop = self._capture.capture(
            frame_id,
            time.time_ns(),
            {
                Attribute.FRAME_WIDTH: 1920,
                Attribute.FRAME_HEIGHT: 1080,
                Attribute.FRAME_KEYFRAME: False,
                Attribute.FRAME_PTS: frame_id.sequence * 3000,
            },
        )
        begun = time.time_ns()
        hop.record(SpanName.DECODE_FRAME, begun, time.time_ns())
        begun = time.time_ns()
        size: dict[str, AttributeValue] = {
            Attribute.FRAME_SIZE_BYTES: 200_000 + frame_id.sequence % 777,
            Attribute.FRAME_ENCODING: "jpeg",
        }
        hop.record(SpanName.PROCESS_FRAME, begun, time.time_ns(), {**size, Attribute.FRAME_PROCESSING_MS: 3.3})
        context = hop.send("cam01.capture", time.time_ns())
        body: dict[str, AttributeValue] = {Attribute.MESSAGING_BODY_SIZE: 200_000 + frame_id.sequence % 777}
        hop.sent(time.time_ns(), {Attribute.MESSAGING_SYSTEM: "redis", **body})
        hop.end(time.time_ns())
        return context.traceparent

    def _processed(self, frame_id: FrameID, traceparent: str) -> None:
        context, arrival = recover(frame_id, traceparent)
        if arrival is not Arrival.KEPT:
            raise RuntimeError(f"the context of {frame_id} was lost")
        hop = self._stage.process(
            frame_id,
            (context, arrival),
            time.time_ns(),
            {
                Attribute.MESSAGING_SYSTEM: "redis",
                Attribute.MESSAGING_DESTINATION: "cam01.capture",
                Attribute.MESSAGING_CONSUMER_GROUP: "motion",
                Attribute.DELIVERY_COUNT: 1,
                Attribute.QUEUED_MS: 1.25,
            },
        )
        with hop.activate():
            pass
        hop.end(time.time_ns(), Outcome.COMPLETED)
