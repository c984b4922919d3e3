"""Ahead: a status with times that have not come yet, as the clock was set back, or another operator's was ahead. Pure.

Nothing would be due until they come. Each counts as now, so that what is waited for begins anew at most once.
"""

from datetime import datetime
from typing import Final, TypeVar

from frametrace_api.status_tracing import LastAudit, LastRollback, Probation, Suspicion, TracingStatus

__all__ = ["dated"]

M = TypeVar("M", LastAudit, LastRollback, Probation, Suspicion, TracingStatus)

_OF_STATUS: Final = ("state_since", "evidence_since", "budget_factor_time")
_OF_PARTS: Final = {
    "last_audit": ("time",),  # its window is in the frames' own time
    "last_rollback": ("start_time", "live_off_time", "completion_time"),
    "suspicion": ("alarm_time",),
    "probation": ("step_start_time",),
}


def dated(status: TracingStatus, now: datetime) -> TracingStatus:
    """The status without times after `now`; the very same one if there are none."""
    parts = {name: getattr(status, name) for name in _OF_PARTS}
    changed = {name: _by(part, _OF_PARTS[name], now) for name, part in parts.items() if part is not None}
    changed = {name: part for name, part in changed.items() if part is not parts[name]}
    return _by(status.model_copy(update=changed) if changed else status, _OF_STATUS, now)


def _by(model: M, names: tuple[str, ...], now: datetime) -> M:
    ahead = {name: now for name in names if (time := getattr(model, name)) is not None and time > now}
    return model.model_copy(update=ahead) if ahead else model
