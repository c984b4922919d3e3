"""StockTracer: the frame tracer over OpenTelemetry's own SDK, batch processor and OTLP exporter."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

from frame_tracking import Arrival, DropReason, FrameID, Outcome, SpanCount, SpanName, TraceContext
from opentelemetry.context import Context
from opentelemetry.sdk.environment_variables import OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import Link, NonRecordingSpan, SpanKind, set_span_in_context

from telemetry import attributes as made
from telemetry.attributes import Service
from telemetry.counting import CountingExporter, CountingProcessor, SpanTally, Verdict
from telemetry.frame_ids import FRAME_ROOT, FrameIdGenerator, RootSampler
from telemetry.passive import PassiveHop, left_out
from telemetry.sampling import Sampling, is_sampled
from telemetry.stock_hop import StockHop
from telemetry.tracer import Attributes, HopTrace
from telemetry.wire import to_span_context

__all__ = ["StockTracer", "make_resource"]

_SCOPE: Final = "frametrace"
_NO_CONTEXT: Final = Context()
_DEFAULT_QUEUE: Final = 2048
_LONGEST_VALUE: Final = 65_536


def make_resource(service: Service) -> Resource:
    """Return what `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` say; without a name there, the service's own."""
    resource = Resource.create()
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": service.name}))
    return resource


class StockTracer:
    """A `FrameTracer` that is also a complete OpenTelemetry set-up: `provider` can be made the global one.

    Args:
        service: whose hops are recorded.
        exporter: where spans go, and what its receiver said last.
        resource: describes the process; by default from the environment.
    """

    def __init__(
        self, service: Service, exporter: tuple[SpanExporter, Verdict], *, resource: Resource | None = None
    ) -> None:
        self._service = service
        self._sampling = Sampling()
        self._ids = FrameIdGenerator()
        self._root_sampler = RootSampler()
        self._tally = SpanTally(_queue_size())
        self._exporter = CountingExporter(exporter[0], self._tally, exporter[1])
        self.provider = TracerProvider(
            sampler=ParentBased(self._root_sampler),
            resource=resource or make_resource(service),
            id_generator=self._ids,
            span_limits=_span_limits(),
            shutdown_on_exit=False,
        )
        self.provider.add_span_processor(CountingProcessor(BatchSpanProcessor(self._exporter), self._tally))
        self._tracer = self.provider.get_tracer(_SCOPE)

    def follow(self, sampling: Sampling) -> None:
        """Decide by `sampling` from now on."""
        self._sampling = sampling
        self._root_sampler.others = sampling.on and sampling.ratio > 0

    def capture(self, frame_id: FrameID, start_ns: int, attributes: Attributes) -> HopTrace:
        """Open a frame's root span."""
        sampling = self._sampling
        ratio = sampling.ratio_of(frame_id.camera)
        if not is_sampled(frame_id, ratio):
            return PassiveHop(frame_id, left_out(frame_id))
        given = made.of_capture(self._service, frame_id, (sampling.revision, ratio), attributes)
        self._ids.next_root(frame_id)
        span = self._tracer.start_span(
            SpanName.CAPTURE_FRAME, FRAME_ROOT, SpanKind.INTERNAL, attributes=given, start_time=start_ns
        )
        return StockHop(self._tracer, frame_id, span)

    def process(
        self, frame_id: FrameID, arrived: tuple[TraceContext, Arrival], start_ns: int, attributes: Attributes
    ) -> HopTrace:
        """Open a stage's consumer span."""
        context, arrival = arrived
        if not context.sampled:
            return PassiveHop(frame_id, context)
        parent, links = FRAME_ROOT, []
        if arrival is Arrival.KEPT:
            remote = to_span_context(context)
            parent, links = set_span_in_context(NonRecordingSpan(remote), _NO_CONTEXT), [Link(remote)]
        else:
            self._ids.next_root(frame_id)
        given = made.of_process(self._service, frame_id, arrival, attributes)
        span = self._tracer.start_span(SpanName.PROCESS_FRAME, parent, SpanKind.CONSUMER, given, links, start_ns)
        return StockHop(self._tracer, frame_id, span)

    def drop(
        self, frame_id: FrameID, arrived: TraceContext, ended: tuple[Outcome, DropReason], attributes: Attributes
    ) -> None:
        """Record `drop_frame`."""
        if not arrived.sampled:
            return
        parent = set_span_in_context(NonRecordingSpan(to_span_context(arrived)), _NO_CONTEXT)
        now = time.time_ns()
        given = made.of_drop(self._service, frame_id, ended, attributes)
        self._tracer.start_span(SpanName.DROP_FRAME, parent, attributes=given, start_time=now).end(now)

    def counts(self) -> SpanCount:
        """What became of the spans so far."""
        return self._tally.snapshot()

    def flush(self, timeout_seconds: float) -> bool:
        """Export all that is buffered; False if time ran out or spans were lost meanwhile."""
        before = sum(self.counts().dropped.values())
        self._flush_within(timeout_seconds)
        return not self._tally.waiting and sum(self.counts().dropped.values()) == before

    def shutdown(self, timeout_seconds: float) -> bool:
        """Flush and stop; what the receiver does not take in time is counted as lost by shutdown."""
        flushed = self.flush(timeout_seconds)
        self._tally.close()
        self._exporter.shutdown()
        threading.Thread(target=self.provider.shutdown, name="frametrace-shutdown", daemon=True).start()
        return flushed

    def _flush_within(self, timeout_seconds: float) -> None:
        """Wait for the SDK's flush, which takes no deadline, in a thread of its own."""
        flushing = threading.Thread(target=self.provider.force_flush, name="frametrace-flush", daemon=True)
        flushing.start()
        flushing.join(timeout_seconds)


def _span_limits() -> SpanLimits:
    """Return the environment's limits; where it sets none, a value's length is bounded: one could cost a whole batch."""
    bounded = OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT in os.environ
    return SpanLimits() if bounded else SpanLimits(max_attribute_length=_LONGEST_VALUE)


def _queue_size() -> int:
    """Return the bound that the SDK's batch processor has, by its own rules: what is no number counts as not set."""
    text = os.environ.get("OTEL_BSP_MAX_QUEUE_SIZE", "")
    return int(text) if text.isdecimal() else _DEFAULT_QUEUE
