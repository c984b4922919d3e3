"""Every name that leaves a process: spans, attributes, outcomes and metrics, in one registry.

Both the runtime (which writes them) and the operator (which reads them back) import this module, so that a name
exists once. It knows no library. Messaging names follow OpenTelemetry's semantic conventions for messaging
(https://opentelemetry.io/docs/specs/semconv/messaging/, status Development: hence copied, not imported).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["CAPTURE_HOP", "CAPTURE_SERVICE", "Attribute", "DropReason", "Metric", "Outcome", "SpanName"]

CAPTURE_SERVICE: Final = "rtsp-capture"
"""`service.name` of every capture process."""

CAPTURE_HOP: Final = "capture"
"""The first hop of every frame, and what a first stage names as its input."""


class SpanName(StrEnum):
    """Names of the built-in spans."""

    CAPTURE_FRAME = "capture_frame"
    DECODE_FRAME = "decode_frame"
    PROCESS_FRAME = "process_frame"
    DROP_FRAME = "drop_frame"
    SEND = "send"
    """Followed by a space and the destination's name."""


class Attribute(StrEnum):
    """Attribute keys on spans, and on the resource where said."""

    FRAME_ID = "frame.id"
    FRAME_SEQUENCE = "frame.sequence"
    FRAME_WIDTH = "frame.width"
    FRAME_HEIGHT = "frame.height"
    FRAME_PTS = "frame.pts"
    FRAME_KEYFRAME = "frame.keyframe"
    FRAME_SIZE_BYTES = "frame.size_bytes"
    FRAME_PROCESSING_MS = "frame.processing_ms"
    FRAME_ENCODING = "frame.encoding"
    FRAME_OUTCOME = "frame.outcome"
    FRAME_ENDED_BY = "frame.ended_by"
    FRAME_DROP_REASON = "frame.drop_reason"
    FRAME_DUPLICATE = "frame.duplicate"
    FRAME_CONTEXT_LOST = "frame.context_lost"
    FRAME_LATE = "frame.late"
    FRAME_PARTIAL = "frame.partial"
    CAMERA_ID = "camera.id"
    PIPELINE_NAME = "pipeline.name"
    STAGE_NAME = "stage.name"
    REVISION = "frametrace.revision"
    SAMPLING_RATIO = "frametrace.sampling.ratio"
    MESSAGING_SYSTEM = "messaging.system"
    MESSAGING_DESTINATION = "messaging.destination.name"
    MESSAGING_OPERATION_NAME = "messaging.operation.name"
    MESSAGING_OPERATION_TYPE = "messaging.operation.type"
    MESSAGING_MESSAGE_ID = "messaging.message.id"
    MESSAGING_BODY_SIZE = "messaging.message.body.size"
    MESSAGING_CONSUMER_GROUP = "messaging.consumer.group.name"
    DELIVERY_COUNT = "frametrace.delivery.count"
    QUEUED_MS = "frametrace.queued_ms"
    """How long the frame waited in the queue, by the broker's own clock, in milliseconds."""


class Outcome(StrEnum):
    """How a branch of a frame's journey ended (`frame.outcome`), from best to worst."""

    COMPLETED = "completed"
    DROPPED = "dropped"
    DEAD_LETTERED = "dead_lettered"


class DropReason(StrEnum):
    """Why a frame was dropped (`frame.drop_reason`)."""

    OVERFLOW = "overflow"
    """The queue was full and the pipeline's overflow policy gave this frame up."""
    EXPIRED = "expired"
    """The picture was gone before a stage could read it."""
    BROKER_UNAVAILABLE = "broker_unavailable"
    """The broker did not take the frame within the bounded wait."""
    MALFORMED = "malformed"
    """The queue entry could not be read."""
    SHUTDOWN = "shutdown"
    """The process had to end before the frame could leave it."""
    STAGE_REMOVED = "stage_removed"
    """The stage that the frame waited for is no longer in the pipeline."""
    LOST_WITH_BROKER = "lost_with_broker"
    """The broker had taken the frame and was restarted without its data."""


class Metric(StrEnum):
    """Prometheus metric names (without the `_total` that prometheus-client adds to counters)."""

    PROCESSING_DURATION = "frame_processing_duration_seconds"
    CAPTURED = "frametrace_frames_captured"
    SKIPPED = "frametrace_frames_skipped"
    PUBLISHED = "frametrace_frames_published"
    ENDED = "frametrace_frames_ended"
    GIVEN_BACK = "frametrace_frames_given_back"
    DUPLICATES = "frametrace_frames_duplicate"
    CONTEXT_LOST = "frametrace_context_lost"
    CAMERA_UP = "frametrace_camera_up"
    CAMERA_RECONNECTS = "frametrace_camera_reconnects"
    CAMERA_ERRORS = "frametrace_camera_errors"
    LAST_FRAME_TIMESTAMP = "frametrace_last_frame_timestamp_seconds"
    SPANS_CREATED = "frametrace_spans_created"
    SPANS_EXPORTED = "frametrace_spans_exported"
    SPANS_DROPPED = "frametrace_spans_dropped"
    SPANS_LATE = "frametrace_spans_late"
    FRAMES_KEPT = "frametrace_frames_kept"
    TRACING_CPU = "frametrace_tracing_cpu_seconds"
    PROCESS_CPU = "frametrace_process_cpu_seconds"
    BROKER_UP = "frametrace_broker_up"
    QUEUE_LAG = "frametrace_queue_lag_frames"
