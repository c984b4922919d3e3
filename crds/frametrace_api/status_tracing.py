"""What the operator reports of a pipeline's tracing: the guard's state, its last audit and its last rollback.

Coarse values, written when the state changes. All that the guard needs to go on after a restart is here or can be inferred again.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.lists import Listed
from frametrace_api.numbers import Between
from frametrace_api.scalars import ByteQuantity, DnsName, Percent, Ratio

__all__ = [
    "AuditMethod",
    "AuditResult",
    "BudgetBefore",
    "GuardState",
    "Hold",
    "LastAudit",
    "LastRollback",
    "Probation",
    "ProbationActivity",
    "PurgeState",
    "RollbackStep",
    "RollbackTrigger",
    "Suspicion",
    "TracingStatus",
]

Count = Annotated[int, Between(0, 2**53 - 1)]
Message = Annotated[str, Field(max_length=bounds.MAX_MESSAGE)]
MAX_MISSING_LISTED = 20
MAX_LEFT_BEHIND_LISTED = 20


class GuardState(StrEnum):
    """Where the guard is in its table."""

    DISABLED = "Disabled"
    HEALTHY = "Healthy"
    SUSPECT = "Suspect"
    ROLLING_BACK = "RollingBack"
    ROLLED_BACK = "RolledBack"
    PROBATION = "Probation"


class AuditResult(StrEnum):
    """What an audit found."""

    COMPLETE = "Complete"
    MISSING = "Missing"
    INSUFFICIENT_EVIDENCE = "InsufficientEvidence"
    UNKNOWN = "Unknown"


class AuditMethod(StrEnum):
    """How an audit was made."""

    EXACT = "Exact"
    SAMPLED = "Sampled"


class RollbackTrigger(StrEnum):
    """What a rollback answered."""

    TRACES_MISSING = "TracesMissing"
    OVERHEAD = "OverheadTooHigh"
    BACKEND_UNSTABLE = "BackendUnstable"
    REQUESTED = "Requested"
    UNKNOWN = "Unknown"


class RollbackStep(StrEnum):
    """The step that a rollback has reached."""

    LIVE_OFF = "LiveOff"
    RESTARTING = "Restarting"
    DONE = "Done"


class PurgeState(StrEnum):
    """How the clearing of traces stands."""

    NOT_ASKED = "NotAsked"
    PENDING = "Pending"
    DONE = "Done"
    FAILED = "Failed"
    GIVEN_UP = "GivenUp"


class ProbationActivity(StrEnum):
    """What a probation does now."""

    RESTARTING = "Restarting"
    MEASURING = "Measuring"
    PAUSED = "Paused"


class Hold(StrEnum):
    """Why only a person brings tracing back."""

    REQUESTED = "Requested"
    MANUAL = "Manual"
    ATTEMPTS_USED_UP = "AttemptsUsedUp"


class LastAudit(ApiModel):
    """The last audit that changed what is known."""

    time: AwareDatetime
    """When the audit was made."""
    result: AuditResult
    """Complete, Missing, InsufficientEvidence (too few frames; windows are pooled), or Unknown (Jaeger or the pods did not answer)."""
    method: AuditMethod
    """Exact: every frame was looked up. Sampled: a sample was."""
    window_start: AwareDatetime
    """Start of the window, in the frames' own time."""
    window_end: AwareDatetime
    """End of the window, in the frames' own time."""
    frames_expected: Count
    """Traced frames that ended in the window."""
    frames_checked: Count
    """Frames whose traces were looked up."""
    frames_missing: Count
    """Checked frames whose trace is missing or incomplete."""
    frames_unknown: Count = 0
    """Frames of which nothing can be said."""
    frames_evicted: Count = 0
    """Of framesUnknown, those that the storage was too small for."""
    missing_percent_low: Percent | None = None
    """Lower end of the 99 % interval of what is missing, in percent; equal to the upper end when method is Exact."""
    missing_percent_high: Percent | None = None
    """Upper end of the 99 % interval of what is missing, in percent."""
    hop: Annotated[str, Field(max_length=bounds.MAX_ID)] | None = None
    """Hop at which most of what is missing was lost: capture, or a stage."""
    cause: Annotated[str, Field(max_length=bounds.MAX_REASON)] | None = None
    """Cause of most of what is missing, such as BufferFull, ExportFailed, BackendRefused, LostOnTheWay, ContextLost or NotFound."""
    missing_frame_ids: Annotated[
        tuple[Annotated[str, Field(max_length=bounds.MAX_REASON)], ...], Listed(at_most=MAX_MISSING_LISTED)
    ] = ()
    """Some of the frames whose traces are missing, at most 20."""
    message: Message | None = None
    """Why the result is InsufficientEvidence or Unknown, a sentence."""


class LastRollback(ApiModel):
    """The last rollback of tracing, running or done."""

    id: Annotated[str, Field(max_length=bounds.MAX_LABEL_VALUE)]
    """Name of this rollback, the same in its report, Events and annotations."""
    trigger: RollbackTrigger
    """What it answered: TracesMissing, OverheadTooHigh, BackendUnstable, Requested by a person, or Unknown (the status was lost, and the pods were found without tracing)."""
    message: Message
    """What was measured, in a sentence."""
    step: RollbackStep
    """How far it is: LiveOff (tracing is off in the running pods), Restarting (pods are being replaced by ones without instrumentation), Done."""
    start_time: AwareDatetime
    """When it was decided."""
    live_off_time: AwareDatetime | None = None
    """When tracing was off in the last running pod."""
    completion_time: AwareDatetime | None = None
    """When the last pod ran without instrumentation, or those that cannot be replaced were left behind."""
    left_behind: Annotated[
        tuple[Annotated[str, Field(max_length=bounds.MAX_REASON)], ...], Listed(at_most=MAX_LEFT_BEHIND_LISTED)
    ] = ()
    """Workloads whose pods could not be replaced within 300 seconds, such as `capture cam01`, at most 20. The live switch has their tracing off; they are replaced as soon as they can be, and leave the list then."""
    purge: PurgeState = PurgeState.NOT_ASKED
    """Whether the traces were cleared: NotAsked, Pending, Done, Failed (tried again), or GivenUp (tracing came back, the webhook was taken away, or tracing.backend became another one, before it was done)."""
    backend: Annotated[str, Field(max_length=bounds.MAX_REASON)] | None = None
    """Where the traces are that it was about: Managed, or External and a hash of the query URL; no other storage is cleared for it. Left out: not known."""
    purge_generation: Count | None = None
    """Count of purges of the managed storage; the storage's own count follows it."""
    report_name: DnsName | None = None
    """ConfigMap with the report of the evidence; `kubectl frametrace report` prints it."""


class Probation(ApiModel):
    """How tracing comes back."""

    cameras_percent: Percent
    """Share of the cameras that is traced again, in percent; 0 stands for the first single camera."""
    step_start_time: AwareDatetime
    """When this step, or its pause, began."""
    failures: Count = 0
    """Failed steps in this probation; the second one ends it."""
    activity: ProbationActivity = ProbationActivity.MEASURING
    """Restarting (pods are being replaced by ones with instrumentation, none of whose frames are traced yet), Measuring, or Paused (after a failed step tracing is off for stepSeconds, then the step is made again)."""
    first_camera: Annotated[str, Field(max_length=bounds.MAX_ID)] | None = None
    """Camera that is traced first."""
    frames_ended_before: Count = 0
    """Ended traced frames that the operator had counted when the step began."""
    message: Message | None = None
    """What made a step fail, in a sentence. Left out: none failed."""


class Suspicion(ApiModel):
    """What makes the guard suspicious."""

    trigger: RollbackTrigger
    """TracesMissing, OverheadTooHigh or BackendUnstable."""
    message: Message
    """What was measured, in a sentence, when it was found or last got worse."""
    alarm_time: AwareDatetime | None = None
    """When it lasted for guard.failureWindows. Left out: it did not."""


class BudgetBefore(ApiModel):
    """What the ratios were multiplied by before they were last changed for the budget."""

    factor: Ratio
    """What the ratios were multiplied by. One that is lower than budgetFactor was tried, brought nothing, and was taken back."""
    bytes_per_day: ByteQuantity
    """Bytes of traces a day that were projected before the last change."""


class TracingStatus(ApiModel):
    """Tracing as it is."""

    state: GuardState
    """Healthy, Suspect, RollingBack, RolledBack, Probation, or Disabled."""
    state_since: AwareDatetime | None = None
    """When this state began."""
    bad_windows: Count = 0
    """Bad windows in a row."""
    effective_ratio: Ratio | None = None
    """Share of frames that is traced now, after rollback, probation and budget."""
    completeness_percent: Percent | None = None
    """Share of ended traced frames whose trace is complete, in percent, at the last audit."""
    overhead_percent: Percent | None = None
    """CPU that tracing cost, in percent of the pods' CPU without it, at the last change of state; "100" stands for more."""
    projected_bytes_per_day: ByteQuantity | None = None
    """Projected bytes of traces a day, at the last change of state: spans times bytesPerSpan, or times 900 where that is left out."""
    bytes_per_span: Annotated[int, Between(1, 1_000_000)] | None = None
    """Bytes that the volume of a managed Jaeger takes for a span, as measured at that Jaeger; brought up to date when it differs by more than a fifth. Left out: it was not measured yet, or there is no such volume."""
    query_url: Annotated[str, Field(max_length=bounds.MAX_URL)] | None = None
    """URL of the Jaeger query service, inside the cluster."""
    last_audit: LastAudit | None = None
    """The last audit that changed what is known."""
    last_rollback: LastRollback | None = None
    """The last rollback, running or done."""
    suspicion: Suspicion | None = None
    """What makes the guard suspicious; only in state Suspect."""
    probation: Probation | None = None
    """How tracing comes back; only in state Probation."""
    attempts: Count = 0
    """Attempts to bring tracing back since it was last healthy for long, or a person asked for it."""
    next_attempt_time: AwareDatetime | None = None
    """When the next attempt begins. Left out in state RolledBack: only a person brings tracing back."""
    hold: Hold | None = None
    """Why only a person brings tracing back: Requested (a person took it out), Manual (recovery.mode), or AttemptsUsedUp. Left out: it comes back by itself, or is in."""
    evidence_since: AwareDatetime | None = None
    """When tracing came in last; nothing that was measured before counts."""
    budget_factor: Ratio | None = None
    """What the ratios are multiplied by, so that traces stay within the budget. Left out: 1."""
    budget_factor_time: AwareDatetime | None = None
    """When budgetFactor changed last."""
    budget_before: BudgetBefore | None = None
    """The factor before the last change, and what was projected then. Left out: traces were within the budget since."""
    handled_rollback_request: Annotated[str, Field(max_length=bounds.MAX_LABEL_VALUE)] | None = None
    """Value of the annotation frametrace.dev/rollback-tracing that was acted upon last."""
    handled_reenable_request: Annotated[str, Field(max_length=bounds.MAX_LABEL_VALUE)] | None = None
    """Value of the annotation frametrace.dev/reenable-tracing that was acted upon last."""
