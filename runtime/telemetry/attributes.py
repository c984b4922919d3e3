"""The attributes that every frame's spans carry, whichever tracer records them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from frame_tracking import Arrival, Attribute, DropReason, FrameID, Outcome

from telemetry.tracer import Attributes, AttributeValue

__all__ = ["Service", "of_capture", "of_child", "of_drop", "of_end", "of_process", "of_send"]


@dataclass(frozen=True, slots=True)
class Service:
    """Whose hops are recorded.

    Attributes:
        name: `service.name`: `rtsp-capture`, or the stage's name.
        pipeline: the pipeline's name.
        stage: the stage's name; empty in a capture process.
    """

    name: str
    pipeline: str = ""
    stage: str = ""


def of_capture(
    service: Service, frame_id: FrameID, sampling: tuple[str, float], given: Attributes
) -> dict[str, AttributeValue]:
    """Return the root span's attributes; `sampling` is the revision and the ratio it was decided by."""
    revision, ratio = sampling
    return {
        Attribute.FRAME_ID: frame_id,
        Attribute.FRAME_SEQUENCE: frame_id.sequence,
        Attribute.CAMERA_ID: frame_id.camera,
        Attribute.PIPELINE_NAME: service.pipeline,
        Attribute.REVISION: revision,
        Attribute.SAMPLING_RATIO: ratio,
        **given,
    }


def of_process(service: Service, frame_id: FrameID, arrival: Arrival, given: Attributes) -> dict[str, AttributeValue]:
    """Return a stage's consumer span's attributes."""
    lost: dict[str, AttributeValue] = {} if arrival is Arrival.KEPT else {Attribute.FRAME_CONTEXT_LOST: True}
    return {
        Attribute.FRAME_ID: frame_id,
        Attribute.CAMERA_ID: frame_id.camera,
        Attribute.PIPELINE_NAME: service.pipeline,
        Attribute.STAGE_NAME: service.stage,
        Attribute.MESSAGING_OPERATION_NAME: "process",
        Attribute.MESSAGING_OPERATION_TYPE: "process",
        Attribute.MESSAGING_MESSAGE_ID: frame_id,
        **lost,
        **given,
    }


def of_drop(
    service: Service, frame_id: FrameID, ended: tuple[Outcome, DropReason], given: Attributes
) -> dict[str, AttributeValue]:
    """Return a `drop_frame`'s attributes."""
    return {
        Attribute.FRAME_ID: frame_id,
        Attribute.CAMERA_ID: frame_id.camera,
        Attribute.PIPELINE_NAME: service.pipeline,
        **of_end(*ended),
        **given,
    }


def of_child(frame_id: FrameID, given: Attributes | None) -> dict[str, AttributeValue]:
    """Return the attributes of a span inside a hop."""
    return {Attribute.CAMERA_ID: frame_id.camera, **(given or {})}


def of_send(frame_id: FrameID, destination: str) -> dict[str, AttributeValue]:
    """Return a producer span's attributes."""
    return {
        Attribute.CAMERA_ID: frame_id.camera,
        Attribute.MESSAGING_OPERATION_NAME: "send",
        Attribute.MESSAGING_OPERATION_TYPE: "send",
        Attribute.MESSAGING_DESTINATION: destination,
        Attribute.MESSAGING_MESSAGE_ID: frame_id,
    }


def of_end(outcome: Outcome | None, reason: DropReason | None = None) -> dict[str, AttributeValue]:
    """Return how a branch ended; nothing, if the frame goes on."""
    ended: dict[str, AttributeValue] = {}
    if outcome is not None:
        ended[Attribute.FRAME_OUTCOME] = outcome.value
    if reason is not None:
        ended[Attribute.FRAME_DROP_REASON] = reason.value
    return ended
