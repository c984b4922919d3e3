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
    """The root: a frame from its packet to the queue, in the capture."""
    DECODE_FRAME = "decode_frame"
    """Decoding, below the root."""
    PROCESS_FRAME = "process_frame"
    """Of the capture: scaling and encoding, below the root. Of a stage: its handling of the frame, below the `send` that it came by."""
    DROP_FRAME = "drop_frame"
    """The end of a frame outside of a handler: trimmed, expired, dead-lettered; below what is known of it."""
    SEND = "send"
    """The hand-over to a queue; the name goes on with a space and the destination's name."""


class Attribute(StrEnum):
    """Attribute keys on spans, and on the resource where said."""

    FRAME_ID = "frame.id"
    """The frame's ID; on the root, on stages' `process_frame`, and on `drop_frame`."""
    FRAME_SEQUENCE = "frame.sequence"
    """The frame's number in its session, from 1; on the root."""
    FRAME_WIDTH = "frame.width"
    """Width of the camera's picture in pixels; on the root."""
    FRAME_HEIGHT = "frame.height"
    """Height of the camera's picture in pixels; on the root."""
    FRAME_PTS = "frame.pts"
    """The stream's own presentation time stamp, in its time base, where the stream has one; on the root."""
    FRAME_KEYFRAME = "frame.keyframe"
    """Whether the stream marked the frame as a key frame; on the root."""
    FRAME_SIZE_BYTES = "frame.size_bytes"
    """Size of the picture that is handed on, in bytes; on `process_frame`."""
    FRAME_PROCESSING_MS = "frame.processing_ms"
    """How long the capture scaled and encoded, or the handler worked, in milliseconds; on `process_frame`."""
    FRAME_ENCODING = "frame.encoding"
    """`jpeg` or `rgb24`; on the capture's `process_frame`."""
    FRAME_OUTCOME = "frame.outcome"
    """How the branch ended; on its last span."""
    FRAME_ENDED_BY = "frame.ended_by"
    """The stage whose handler returned None, and so ended the branch before its last stage."""
    FRAME_DROP_REASON = "frame.drop_reason"
    """Why the frame was dropped; beside the outcome `dropped`."""
    FRAME_DUPLICATE = "frame.duplicate"
    """True on a second execution after a redelivery; it has no outcome, and completeness passes it over."""
    FRAME_GIVEN_BACK = "frame.given_back"
    """True where the process had to end before the handler was done: the frame goes to another one; it has no outcome."""
    FRAME_CONTEXT_LOST = "frame.context_lost"
    """True where the frame came without a context that could be used: the span has no parent, and is in the computed trace."""
    FRAME_LATE = "frame.late"
    """True on spans that left after those of their hop; never judged missing."""
    FRAME_PARTIAL = "frame.partial"
    """`upstream`: sampling had left the frame out, and this hop kept it, because it failed or was slow."""
    CAMERA_ID = "camera.id"
    """The camera's ID."""
    PIPELINE_NAME = "pipeline.name"
    """The name of the CameraPipeline."""
    STAGE_NAME = "stage.name"
    """The stage's name; on spans of stages."""
    REVISION = "frametrace.revision"
    """The tree of stages under which the frame was captured; on the root."""
    SAMPLING_RATIO = "frametrace.sampling.ratio"
    """The share of its camera's frames that was traced when it was captured; on the root."""
    MESSAGING_SYSTEM = "messaging.system"
    """`redis`, `rabbitmq` or `memory`."""
    MESSAGING_DESTINATION = "messaging.destination.name"
    """The queue: camera and hop, with a dot between."""
    MESSAGING_OPERATION_NAME = "messaging.operation.name"
    """`send` or `process`."""
    MESSAGING_OPERATION_TYPE = "messaging.operation.type"
    """`send` or `process`."""
    MESSAGING_MESSAGE_ID = "messaging.message.id"
    """The broker's ID of the message, or the frame's where there is none."""
    MESSAGING_BODY_SIZE = "messaging.message.body.size"
    """Bytes of the picture that was sent."""
    MESSAGING_CONSUMER_GROUP = "messaging.consumer.group.name"
    """The stage that reads."""
    DELIVERY_COUNT = "frametrace.delivery.count"
    """How often the frame was handed to this stage, this time included."""
    K8S_NAMESPACE = "k8s.namespace.name"
    """On the resource: the namespace of the pod."""
    QUEUED_MS = "frametrace.queued_ms"
    """How long the frame waited in the queue, by the broker's own clock, in milliseconds."""


class Outcome(StrEnum):
    """How a branch of a frame's journey ended (`frame.outcome`), from best to worst."""

    COMPLETED = "completed"
    """The last stage handled it, or a handler returned None."""
    DROPPED = "dropped"
    """It was given up; `frame.drop_reason` says why."""
    DEAD_LETTERED = "dead_lettered"
    """Its handler failed as often as the stage allows, and it was put aside."""


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
