"""The attributes that every frame's spans carry, whichever tracer records them. Pure.

Of each span those that are the same for all frames of a camera (`fixed_…`) stand apart from the frame's own, so that a
tracer can encode them once. What a caller gives wins over both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from frame_tracking import Arrival, Attribute, DropReason, FrameID, Outcome

from telemetry.tracer import AttributeValue

__all__ = [
    "BUILT_IN",
    "Service",
    "fixed_of_capture",
    "fixed_of_child",
    "fixed_of_drop",
    "fixed_of_process",
    "fixed_of_send",
    "of_capture",
    "of_drop",
    "of_end",
    "of_process",
    "of_send",
]

Made = dict[str, AttributeValue]


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


def fixed_of_capture(service: Service, camera: str, revision: str, ratio: float) -> Made:
    """Of a root span: whose frame it is, and by which tree and ratio it was decided."""
    return {
        Attribute.CAMERA_ID: camera,
        Attribute.PIPELINE_NAME: service.pipeline,
        Attribute.REVISION: revision,
        Attribute.SAMPLING_RATIO: ratio,
    }


def of_capture(frame_id: FrameID) -> Made:
    """Of a root span: which frame."""
    return {Attribute.FRAME_ID: frame_id, Attribute.FRAME_SEQUENCE: frame_id.sequence}


def fixed_of_process(service: Service, camera: str, arrival: Arrival) -> Made:
    """Of a stage's consumer span: whose frame it is, what is done, and whether its context was lost."""
    fixed: Made = {
        Attribute.CAMERA_ID: camera,
        Attribute.PIPELINE_NAME: service.pipeline,
        Attribute.STAGE_NAME: service.stage,
        Attribute.MESSAGING_OPERATION_NAME: "process",
        Attribute.MESSAGING_OPERATION_TYPE: "process",
    }
    if arrival is not Arrival.KEPT:
        fixed[Attribute.FRAME_CONTEXT_LOST] = True
    return fixed


def of_process(frame_id: FrameID) -> Made:
    """Of a stage's consumer span: which frame."""
    return {Attribute.FRAME_ID: frame_id, Attribute.MESSAGING_MESSAGE_ID: frame_id}


def fixed_of_drop(service: Service, camera: str) -> Made:
    """Of a `drop_frame`."""
    return {Attribute.CAMERA_ID: camera, Attribute.PIPELINE_NAME: service.pipeline}


def of_drop(frame_id: FrameID) -> Made:
    """Of a `drop_frame`: which frame."""
    return {Attribute.FRAME_ID: frame_id}


def fixed_of_child(camera: str) -> Made:
    """Of a span inside a hop."""
    return {Attribute.CAMERA_ID: camera}


def fixed_of_send(camera: str, destination: str) -> Made:
    """Of a producer span: where to."""
    return {
        Attribute.CAMERA_ID: camera,
        Attribute.MESSAGING_OPERATION_NAME: "send",
        Attribute.MESSAGING_OPERATION_TYPE: "send",
        Attribute.MESSAGING_DESTINATION: destination,
    }


def of_send(frame_id: FrameID) -> Made:
    """Of a producer span: which frame, until the broker has a name for its entry."""
    return {Attribute.MESSAGING_MESSAGE_ID: frame_id}


def of_end(outcome: Outcome | None, reason: DropReason | None = None) -> Made:
    """Return how a branch ended; nothing, if the frame goes on."""
    ended: Made = {}
    if outcome is not None:
        ended[Attribute.FRAME_OUTCOME] = outcome.value
    if reason is not None:
        ended[Attribute.FRAME_DROP_REASON] = reason.value
    return ended


BUILT_IN: Final = frozenset(
    {
        Attribute.CAMERA_ID,
        Attribute.FRAME_CONTEXT_LOST,
        Attribute.FRAME_ID,
        Attribute.FRAME_SEQUENCE,
        Attribute.MESSAGING_DESTINATION,
        Attribute.MESSAGING_MESSAGE_ID,
        Attribute.MESSAGING_OPERATION_NAME,
        Attribute.MESSAGING_OPERATION_TYPE,
        Attribute.PIPELINE_NAME,
        Attribute.REVISION,
        Attribute.SAMPLING_RATIO,
        Attribute.STAGE_NAME,
    }
)
"""Keys that are set here."""
