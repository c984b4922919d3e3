"""RecordingTracer: the frame tracer of every process that traces. Its built-in spans cost an eighth of the stock SDK's.

`provider` is a complete OpenTelemetry set-up for the spans that a user's own code makes; they nest in hops and leave
with them. What is created, exported and dropped, and why, is counted; so is the CPU time that it all takes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from itertools import count
from weakref import WeakSet

from frame_tracking import (
    Arrival,
    Attribute,
    DropReason,
    FrameID,
    Outcome,
    SpanCount,
    SpanName,
    TraceContext,
    TraceFlag,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import SpanKind

from telemetry import attributes as made
from telemetry.attribute_encoding import AttributeEncoder
from telemetry.attributes import Service
from telemetry.cpu import EVERY, CpuMeter, MeasuredHop
from telemetry.envelope import Envelope
from telemetry.frame_ids import FrameIdGenerator, RootSampler
from telemetry.hop_encoding import Fixed, HopKind
from telemetry.nested import NestedSpans
from telemetry.passive import PassiveHop, left_out
from telemetry.recorder import Recorder
from telemetry.recording_hop import RecordingHop
from telemetry.sampling import Sampling, is_sampled
from telemetry.sender import SpanSender
from telemetry.settings import BatchSettings, span_limits
from telemetry.sink import SpanSink
from telemetry.span_buffer import SpanBuffer
from telemetry.tracer import Attributes, AttributeValue, HopTrace

__all__ = ["RecordingTracer", "make_resource"]

_UNLIMITED = 1 << 31
_ENDS = (Attribute.FRAME_OUTCOME, Attribute.FRAME_DROP_REASON)
_CAPTURE = HopKind(
    SpanName.CAPTURE_FRAME, SpanKind.INTERNAL, made.of_capture, (*_ENDS, Attribute.FRAME_ID, Attribute.FRAME_SEQUENCE)
)
_PROCESS = HopKind(
    SpanName.PROCESS_FRAME,
    SpanKind.CONSUMER,
    made.of_process,
    (*_ENDS, Attribute.FRAME_ID, Attribute.MESSAGING_MESSAGE_ID),
    linked=True,
)
_DROP = HopKind(SpanName.DROP_FRAME, SpanKind.INTERNAL, made.of_drop, (*_ENDS, Attribute.FRAME_ID))
_FROM_NOWHERE = (TraceContext("0" * 32, "0" * 16, int(TraceFlag.SAMPLED | TraceFlag.RANDOM)), None)
"""What a captured frame came with: no context, no parent."""


def make_resource(service: Service) -> Resource:
    """Return what `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` say; without a name there, the service's own."""
    resource = Resource.create()
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": service.name}))
    return resource


class RecordingTracer:
    """A `FrameTracer`.

    Args:
        service: whose hops are recorded.
        sink: where spans go.
        deadline_seconds: longest time for one request with its retries.
        environ: the settings of batching and of span limits.
        resource: describes the process; by default from the environment.
        measured: one hop in so many has its CPU time measured, and not the first, which pays for what comes once.
    """

    def __init__(
        self,
        service: Service,
        sink: SpanSink,
        *,
        deadline_seconds: float = 10.0,
        environ: Mapping[str, str] = os.environ,
        resource: Resource | None = None,
        measured: int = EVERY,
    ) -> None:
        self._service, self._sampling = service, Sampling()
        settings, limits, ids = BatchSettings.read(environ), span_limits(environ), FrameIdGenerator()
        resource = resource or make_resource(service)
        self._buffer = SpanBuffer(settings.queue, settings.batch)
        self._sender = SpanSender(self._buffer, Envelope(resource), sink, settings, deadline_seconds)
        self._root_sampler = RootSampler()
        self._nested = nested = NestedSpans(self._buffer)
        self.provider = TracerProvider(
            sampler=ParentBased(self._root_sampler),
            resource=resource,
            id_generator=ids,
            span_limits=limits,
            shutdown_on_exit=False,
        )
        self.provider.add_span_processor(nested)
        encoder = AttributeEncoder(
            _UNLIMITED if limits.max_span_attribute_length is None else limits.max_span_attribute_length,
            _UNLIMITED if limits.max_span_attributes is None else limits.max_span_attributes,
        )
        self._recorder = Recorder(self.provider, ids, nested, encoder)
        self._meter, self._hops = CpuMeter(measured), count(1)
        self._captures: dict[str, tuple[Sampling, float, Fixed]] = {}
        self._stages: dict[tuple[str, Arrival], Fixed] = {}
        self._drops: dict[str, Fixed] = {}
        _living.add(self)

    def follow(self, sampling: Sampling) -> None:
        """Decide by `sampling` from now on."""
        self._sampling = sampling
        self._recorder.keep = sampling.keep
        self._root_sampler.ratio = sampling.ratio if sampling.on else 0.0

    def capture(self, frame_id: FrameID, start_ns: int, attributes: Attributes) -> HopTrace:
        """Open a frame's root span."""
        sampling = self._sampling
        known = self._captures.get(frame_id.camera)
        if known is None or known[0] is not sampling:
            known = self._decide(sampling, frame_id.camera)
        _, ratio, fixed = known
        if ratio >= 1.0 or is_sampled(frame_id, ratio):
            return self._open(_CAPTURE, frame_id, _FROM_NOWHERE, fixed, (start_ns, attributes), kept=True)
        arrived = left_out(frame_id)
        if not sampling.keep:
            return PassiveHop(frame_id, arrived)
        return self._open(_CAPTURE, frame_id, (arrived, None), fixed, (start_ns, attributes), kept=False)

    def process(
        self, frame_id: FrameID, arrived: tuple[TraceContext, Arrival], start_ns: int, attributes: Attributes
    ) -> HopTrace:
        """Open a stage's consumer span."""
        context, arrival = arrived
        kept = context.sampled
        if not kept and (context.off or not self._recorder.keep):
            return PassiveHop(frame_id, context)
        parent = context if kept and arrival is Arrival.KEPT else None
        fixed = self._stages.get((frame_id.camera, arrival))
        if fixed is None:
            made_of = made.fixed_of_process(self._service, frame_id.camera, arrival)
            fixed = self._stages[frame_id.camera, arrival] = self._fixed(_PROCESS, made_of)
        return self._open(_PROCESS, frame_id, (context, parent), fixed, (start_ns, attributes), kept=kept)

    def drop(
        self, frame_id: FrameID, arrived: TraceContext, ended: tuple[Outcome, DropReason], attributes: Attributes
    ) -> None:
        """Record `drop_frame`."""
        if not arrived.sampled:
            return
        at_ns = time.time_ns()
        fixed = self._drops.get(frame_id.camera)
        if fixed is None:  # kept, for a queue that overflows drops as many frames as come
            made_of = made.fixed_of_drop(self._service, frame_id.camera)
            fixed = self._drops[frame_id.camera] = self._fixed(_DROP, made_of)
        hop = RecordingHop(self._recorder, _DROP, frame_id, (arrived, arrived), fixed, (at_ns, attributes), kept=True)
        hop.end(at_ns, *ended)

    def counts(self) -> SpanCount:
        """What became of the spans so far."""
        cpu = self._meter.seconds + self._nested.cpu.seconds + self._sender.cpu_ns / 1e9
        return self._buffer.snapshot().model_copy(update={"cpu_seconds": cpu, "partial": self._recorder.partial})

    def flush(self, timeout_seconds: float) -> bool:
        """Export all that is buffered; False if time ran out or spans were lost meanwhile."""
        before = sum(self._buffer.snapshot().dropped.values())
        return self._sender.flush(timeout_seconds) and sum(self._buffer.snapshot().dropped.values()) == before

    def shutdown(self, timeout_seconds: float) -> bool:
        """Flush and stop; what the receiver does not take in time is counted as lost by shutdown."""
        flushed = self.flush(timeout_seconds)
        self._buffer.close()
        self._sender.stop()
        return flushed

    def _open(
        self,
        kind: HopKind,
        frame_id: FrameID,
        contexts: tuple[TraceContext, TraceContext | None],
        fixed: Fixed,
        begun: tuple[int, Attributes],
        *,
        kept: bool,
    ) -> HopTrace:
        """Open a hop, measured or not."""
        if next(self._hops) % self._meter.every:
            return RecordingHop(self._recorder, kind, frame_id, contexts, fixed, begun, kept=kept)
        since = time.thread_time_ns()
        hop = MeasuredHop(self._recorder, kind, frame_id, contexts, fixed, begun, kept=kept)
        hop.meter = self._meter
        self._meter.add(since)
        return hop

    def _decide(self, sampling: Sampling, camera: str) -> tuple[Sampling, float, Fixed]:
        """Look up what `sampling` means for a camera; once for all of its frames."""
        ratio = sampling.ratio_of(camera)
        made_of = made.fixed_of_capture(self._service, camera, sampling.revision, ratio)
        decided = self._captures[camera] = (sampling, ratio, self._fixed(_CAPTURE, made_of))
        return decided

    def _fixed(self, kind: HopKind, attributes: Mapping[str, AttributeValue]) -> Fixed:
        return self._recorder.encoder.fixed(kind.name, kind.kind, attributes, kind.frame_keys)

    def forked(self) -> None:
        """Begin anew in a forked child: what waits is its parent's."""
        self._buffer.reset()
        self._sender.reset()
        self._recorder.forked()


_living: WeakSet[RecordingTracer] = WeakSet()


def _all_forked() -> None:
    for tracer in _living:
        tracer.forked()


os.register_at_fork(after_in_child=_all_forked)
