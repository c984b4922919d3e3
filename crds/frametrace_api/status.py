"""What the operator reports of a pipeline. Coarse values, written only when the state changes; live ones are metrics."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.lists import Listed
from frametrace_api.numbers import Between
from frametrace_api.scalars import DnsName
from frametrace_api.spec import PipelineMode
from frametrace_api.status_page import PageStatus
from frametrace_api.status_tracing import TracingStatus

__all__ = [
    "CameraPipelineStatus",
    "CameraState",
    "CameraStatus",
    "Condition",
    "ConditionStatus",
    "PendingUpgrade",
    "StageState",
    "StageStatus",
]

Count = Annotated[int, Between(0, 2**31 - 1)]
Generation = Annotated[int, Between(0, 2**53 - 1)]
Fraction = Annotated[str, Field(max_length=9, pattern=r"^[0-9]{1,4}/[0-9]{1,4}$")]
Word = Annotated[str, Field(max_length=bounds.MAX_REASON, pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
Message = Annotated[str, Field(max_length=bounds.MAX_MESSAGE)]


class ConditionStatus(StrEnum):
    """Whether a condition holds."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Condition(ApiModel):
    """A condition, as Kubernetes defines it."""

    type: Annotated[str, Field(min_length=1, max_length=316)]
    """Name of the condition, such as Ready."""
    status: ConditionStatus
    """True, False or Unknown."""
    observed_generation: Generation | None = None
    """metadata.generation that the condition was set for."""
    last_transition_time: AwareDatetime
    """When status changed last."""
    reason: Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
    """Why, in one word for machines."""
    message: Annotated[str, Field(max_length=32_768)]
    """Why, and what to do, in a sentence for people."""


class CameraState(StrEnum):
    """What a camera does."""

    STARTING = "Starting"
    CAPTURING = "Capturing"
    UNAVAILABLE = "Unavailable"
    SUSPENDED = "Suspended"
    UNKNOWN = "Unknown"


class CameraStatus(ApiModel):
    """One camera as it is."""

    id: Annotated[str, Field(min_length=1, max_length=bounds.MAX_ID)]
    """The camera's id in the spec."""
    state: CameraState
    """Starting, Capturing, Unavailable, Suspended, or Unknown (its pod does not answer)."""
    reason: Word | None = None
    """Why, in one word, such as Unreachable or Unauthorized."""
    message: Message | None = None
    """Why, and what to do, in a sentence; never a password."""
    last_transition_time: AwareDatetime | None = None
    """When state changed last."""


class StageState(StrEnum):
    """What a stage does."""

    STARTING = "Starting"
    RUNNING = "Running"
    UNAVAILABLE = "Unavailable"
    SUSPENDED = "Suspended"
    UNKNOWN = "Unknown"


class StageStatus(ApiModel):
    """One stage as it is."""

    name: Annotated[str, Field(min_length=1, max_length=bounds.MAX_ID)]
    """The stage's name in the spec."""
    state: StageState
    """Starting, Running, Unavailable, Suspended, or Unknown (its pods do not answer)."""
    replicas: Count = 0
    """Pods that the stage should have."""
    ready_replicas: Count = 0
    """Pods that are ready."""
    reason: Word | None = None
    """Why, in one word."""
    message: Message | None = None
    """Why, and what to do, in a sentence."""
    last_transition_time: AwareDatetime | None = None
    """When state changed last."""


class PendingUpgrade(ApiModel):
    """A change of the pods by a new operator version that waits."""

    id: Annotated[str, Field(min_length=1, max_length=bounds.MAX_LABEL_VALUE)]
    """Name of this change; the annotation frametrace.dev/approve-upgrade with this value lets it happen."""
    operator_version: Annotated[str, Field(max_length=bounds.MAX_LABEL_VALUE)]
    """Operator version that brings the change."""
    message: Message
    """What would change."""
    deployments: Annotated[tuple[DnsName, ...], Listed(at_most=bounds.MAX_CAMERAS + bounds.MAX_STAGES + 8)] = ()
    """Deployments whose pods would be replaced."""
    since: AwareDatetime
    """When the change began to wait."""


class CameraPipelineStatus(ApiModel):
    """What the operator reports."""

    observed_generation: Generation | None = None
    """metadata.generation that this status is of."""
    conditions: Annotated[tuple[Condition, ...], Listed(at_most=16, key="type")] = ()
    """Ready (the summary), Reconciling, Stalled, CaptureAvailable, BrokerAvailable, TracesFlowing, TracingRolledBack, WithinTraceBudget."""
    mode: PipelineMode | None = None
    """Running or Suspended: Suspended if spec.mode or the annotation frametrace.dev/suspend says so."""
    cameras_ready: Fraction | None = None
    """Cameras that are captured, of all, such as 3/4."""
    stages_ready: Fraction | None = None
    """Stages that have a ready pod, of all, such as 2/2."""
    cameras: Annotated[tuple[CameraStatus, ...], Listed(at_most=bounds.MAX_CAMERAS, key="id")] = ()
    """A line a camera."""
    stages: Annotated[tuple[StageStatus, ...], Listed(at_most=bounds.MAX_STAGES, key="name")] = ()
    """A line a stage."""
    tracing: TracingStatus | None = None
    """Tracing as it is."""
    pending_upgrade: PendingUpgrade | None = None
    """A change of the pods by a new operator version that waits for approval. Left out: none."""
    journey_page: PageStatus | None = None
    """The journey page. Left out: there is none (neither pictures.access is Allowed nor the annotation frametrace.dev/journey-page Enabled)."""

    def condition(self, kind: str) -> Condition | None:
        """The condition of that type, or None."""
        return next((condition for condition in self.conditions if condition.type == kind), None)
