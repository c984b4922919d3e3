"""One frame's five built-in spans by OpenTelemetry's stock SDK and exporter alone: the yardstick for our own tracer.

Written as anybody would who instruments a pipeline by hand: the same names, parents, kinds, times and attributes.
"""

from __future__ import annotations

import time

from frame_tracking import Attribute, FrameID, Outcome, SpanName
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, get_current_span, set_span_in_context, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from telemetry import AttributeValue

__all__ = ["StockSpans"]


class StockSpans:
    """Records frames; one provider stands for the capture process, one for the stage's."""

    def __init__(self, endpoint: str) -> None:
        self._providers = [self._provider(endpoint, name) for name in ("rtsp-capture", "motion")]
        self._capture, self._stage = (provider.get_tracer("frametrace") for provider in self._providers)
        self._propagator = TraceContextTextMapPropagator()

    def _provider(self, endpoint: str, service: str) -> TracerProvider:
        provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
        return provider

    def frame(self, frame_id: FrameID) -> None:
        """Record one frame's five spans, its context carried from the first process to the second."""
        carrier = self._captured(frame_id)
        self._processed(frame_id, carrier)

    def flush(self) -> None:
        """Export all that waits."""
        for provider in self._providers:
            provider.force_flush()

    def close(self) -> None:
        """Stop the exporters."""
        for provider in self._providers:
            provider.shutdown()

    def _captured(self, frame_id: FrameID) -> dict[str, str]:
        root = self._capture.start_span(
            SpanName.CAPTURE_FRAME,
            Context(),
            start_time=time.time_ns(),
            attributes={
                Attribute.FRAME_ID: frame_id,
                Attribute.FRAME_SEQUENCE: frame_id.sequence,
                Attribute.CAMERA_ID: frame_id.camera,
                Attribute.PIPELINE_NAME: "parking",
                Attribute.REVISION: "4f3a2b1c",
                Attribute.SAMPLING_RATIO: 1.0,
                Attribute.FRAME_WIDTH: 1920,
                Attribute.FRAME_HEIGHT: 1080,
                Attribute.FRAME_KEYFRAME: False,
                Attribute.FRAME_PTS: frame_id.sequence * 3000,
            },
        )
        inside = set_span_in_context(root, Context())
        begun = time.time_ns()
        camera: dict[str, AttributeValue] = {Attribute.CAMERA_ID: frame_id.camera}
        self._capture.start_span(SpanName.DECODE_FRAME, inside, attributes=camera, start_time=begun).end(time.time_ns())
        begun = time.time_ns()
        size: dict[str, AttributeValue] = {
            Attribute.FRAME_SIZE_BYTES: 200_000 + frame_id.sequence % 777,
            Attribute.FRAME_ENCODING: "jpeg",
        }
        self._capture.start_span(
            SpanName.PROCESS_FRAME,
            inside,
            attributes={**camera, **size, Attribute.FRAME_PROCESSING_MS: 3.3},
            start_time=begun,
        ).end(time.time_ns())
        send = self._capture.start_span(
            f"{SpanName.SEND} cam01.capture",
            inside,
            SpanKind.PRODUCER,
            self._messaging(frame_id, "send"),
            start_time=begun,
        )
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier, set_span_in_context(send, Context()))
        send.set_attribute(Attribute.MESSAGING_BODY_SIZE, 200_000 + frame_id.sequence % 777)
        send.end(time.time_ns())
        root.end(time.time_ns())
        return carrier

    def _processed(self, frame_id: FrameID, carrier: dict[str, str]) -> None:
        arrived = self._propagator.extract(carrier, Context())
        link = Link(get_current_span(arrived).get_span_context())
        span = self._stage.start_span(
            SpanName.PROCESS_FRAME,
            arrived,
            SpanKind.CONSUMER,
            {
                **self._messaging(frame_id, "process"),
                Attribute.FRAME_ID: frame_id,
                Attribute.PIPELINE_NAME: "parking",
                Attribute.STAGE_NAME: "motion",
                Attribute.MESSAGING_CONSUMER_GROUP: "motion",
                Attribute.DELIVERY_COUNT: 1,
                Attribute.QUEUED_MS: 1.25,
            },
            [link],
            time.time_ns(),
        )
        with use_span(span, end_on_exit=False):
            pass
        span.set_attribute(Attribute.FRAME_OUTCOME, Outcome.COMPLETED.value)
        span.end(time.time_ns())

    def _messaging(self, frame_id: FrameID, operation: str) -> dict[str, str]:
        return {
            Attribute.CAMERA_ID: frame_id.camera,
            Attribute.MESSAGING_OPERATION_NAME: operation,
            Attribute.MESSAGING_OPERATION_TYPE: operation,
            Attribute.MESSAGING_DESTINATION: "cam01.capture",
            Attribute.MESSAGING_MESSAGE_ID: frame_id,
            Attribute.MESSAGING_SYSTEM: "redis",
        }
