"""What the guard of a pipeline's tracing measures, when it acts, and how it comes back. Must not know how it measures."""

from enum import StrEnum
from typing import Annotated

from frametrace_api import bounds
from frametrace_api.base import ApiModel
from frametrace_api.numbers import Between
from frametrace_api.scalars import Percent

__all__ = ["Guard", "Purge", "Recovery", "RecoveryMode", "RollbackPolicy"]


class RollbackPolicy(StrEnum):
    """What the guard does when tracing is sick."""

    AUTOMATIC = "Automatic"
    ALARM_ONLY = "AlarmOnly"


class Purge(StrEnum):
    """When trace storage is cleared."""

    ON_ROLLBACK = "OnRollback"
    NEVER = "Never"


class RecoveryMode(StrEnum):
    """Who brings tracing back."""

    AUTOMATIC = "Automatic"
    MANUAL = "Manual"


class Recovery(ApiModel):
    """How tracing comes back after a rollback."""

    mode: RecoveryMode = RecoveryMode.AUTOMATIC
    """Automatic: after afterSeconds, through a probation. Manual: when the annotation frametrace.dev/reenable-tracing says so. Default: Automatic."""
    after_seconds: Annotated[int, Between(10, bounds.MAX_SECONDS_A_DAY)] = 900
    """Seconds from a rollback to the first attempt to bring tracing back; doubled after each attempt that fails. Default: 900."""
    max_attempts: Annotated[int, Between(1, 100)] = 5
    """Attempts after which the guard waits for a person. Default: 5."""
    step_seconds: Annotated[int, Between(5, 3600)] = 60
    """Seconds that each step of the probation (one camera, then 10, 50 and 100 percent of them) must stay healthy. Default: 60."""


class Guard(ApiModel):
    """The guard."""

    window_seconds: Annotated[int, Between(5, 600)] = 30
    """Length of a measuring window in seconds. Default: 30."""
    settle_seconds: Annotated[int, Between(1, 300)] = 10
    """Seconds after a frame's end before its trace is looked for. Default: 10."""
    failure_windows: Annotated[int, Between(1, 20)] = 2
    """Bad windows in a row before the guard acts. Default: 2."""
    max_missing_percent: Percent = "1"
    """Share of frames, in percent, whose traces may be missing or incomplete before the guard acts, from "0" to "100". Default: "1"."""
    max_overhead_percent: Percent = "5"
    """CPU that tracing may cost, in percent of the pods' CPU without it, before the guard acts, from "0" to "100". Default: "5"."""
    rollback: RollbackPolicy = RollbackPolicy.AUTOMATIC
    """Automatic: the guard takes tracing out of the pods. AlarmOnly: it only says so, in conditions, Events and metrics. Default: Automatic."""
    purge: Purge = Purge.ON_ROLLBACK
    """Whether a rollback clears the traces (after its report is kept; only in a storage that is this pipeline's alone): OnRollback or Never. Default: OnRollback."""
    recovery: Recovery = Recovery()
    """How tracing comes back after a rollback."""
