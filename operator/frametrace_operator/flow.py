"""Flow: which cameras' frames get how far, in coarse values. A value only; `flow_summary` makes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from frame_tracking import TracingNow
from frame_tracking.ledger import CameraState

__all__ = ["Flow", "Spans"]

Place = tuple[str, str]
"""A hop and a camera."""


class Spans(StrEnum):
    """What becomes of the spans that the pods make."""

    NONE = "None"
    EXPORTED = "Exported"
    STUCK = "Stuck"
    DROPPED = "Dropped"


@dataclass(frozen=True, slots=True)
class Flow:
    """How frames flow, in coarse values: equal flows need no new status.

    Attributes:
        entered: cameras whose pictures lately came in at capture.
        ever_entered: cameras of which a picture ever came in, in a process that still runs.
        passed: (hop, camera) where frames lately went on or ended well.
        finished: (hop, camera) where frames lately ended well.
        failed: (hop, camera) where frames lately ended badly, or those that it is behind with did.
        behind: (stage, camera) where none of the frames that a stage before handed on got through, for too long.
        slow: stages that get on, with frames that take so long that a camera may wait for its turn.
        known: (hop, camera) where a frame ever went on or ended well, in a process that still runs.
        cameras: what captures say of their cameras.
        brokers: what processes say that have had no broker for a while: reasons and messages.
        unreadable: pods that gave no ledger, for a while or never, and why.
        silent: the last reading of a pod failed, be it for the first time.
        unsure: pods that were there at the first look were not read yet: that may be the fault of an operator that just began.
        young: a pod that has told nothing yet was asked for the first time a moment ago.
        drops: causes of lost spans.
        busy: frames wait for a stage, are worked on in one, or lately moved.
        tracing: by pod, whether its process traces now; without those that do not answer or do not tell.
    """

    entered: frozenset[str] = frozenset()
    ever_entered: frozenset[str] = frozenset()
    passed: frozenset[Place] = frozenset()
    finished: frozenset[Place] = frozenset()
    failed: frozenset[Place] = frozenset()
    behind: frozenset[Place] = frozenset()
    slow: frozenset[str] = frozenset()
    known: frozenset[Place] = frozenset()
    cameras: Mapping[str, CameraState] = field(default_factory=dict)
    brokers: frozenset[tuple[str, str]] = frozenset()
    broker_connected: bool = False
    unreadable: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    unsure: bool = False
    young: bool = False
    spans: Spans = Spans.NONE
    drops: frozenset[str] = frozenset()
    busy: bool = False
    tracing: Mapping[str, TracingNow] = field(default_factory=dict)
