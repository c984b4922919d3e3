"""What people should hear of the guard: Events for alarm, rollback, recovery, requests, storage and budget. Pure."""

from collections.abc import Iterator
from typing import Final

from frametrace_api.conditions import WithinTraceBudgetReason
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_api.status import Condition
from frametrace_api.status_tracing import (
    GuardState,
    Hold,
    LastAudit,
    LastRollback,
    PurgeState,
    RollbackStep,
    RollbackTrigger,
    TracingStatus,
)

from frametrace_operator.guard.deciding.requests import time_stamp
from frametrace_operator.guard.words import hold_words, left_behind_words, some_frames, storage_words
from frametrace_operator.notice import Notice, note

__all__ = ["budget_news", "tracing_news"]

_PURGES: Final = {
    PurgeState.DONE: Notice("Normal", "TracesPurged", "traces were cleared"),
    PurgeState.FAILED: Notice(
        "Warning",
        "TracePurgeFailed",
        "traces could not be cleared after the rollback; it is tried again",
    ),
    PurgeState.GIVEN_UP: Notice(
        "Warning",
        "TracePurgeGivenUp",
        "traces of before the rollback were not cleared, and will not be: tracing came back first, or the spec has no purge any more, or another backend",
    ),
}
_MEASURED: Final = (RollbackTrigger.TRACES_MISSING, RollbackTrigger.OVERHEAD, RollbackTrigger.BACKEND_UNSTABLE)


def tracing_news(before: TracingStatus | None, after: TracingStatus | None) -> Iterator[Notice]:
    """What changed, the alarm first."""
    if after is None:
        return
    before = before or TracingStatus(state=after.state)
    yield from _refusals(before, after)
    yield from _alarm(before, after)
    yield from _rollback(before.last_rollback, after)
    yield from _recovery(before, after)
    yield from _storage(before.last_audit, after.last_audit)


def budget_news(before: Condition | None, after: Condition | None) -> Iterator[Notice]:
    """How the condition WithinTraceBudget changed."""
    was = before.reason if before is not None else WithinTraceBudgetReason.NO_PROJECTION
    if after is None or after.reason == was:
        return
    if after.reason == WithinTraceBudgetReason.OVER_BUDGET:
        yield Notice("Warning", "OverTraceBudget", note(after.message))
    elif after.reason == WithinTraceBudgetReason.SAMPLING_REDUCED:
        yield Notice("Warning", "SamplingReduced", note(after.message))
    elif after.reason == WithinTraceBudgetReason.WITHIN_BUDGET and was != WithinTraceBudgetReason.NO_PROJECTION:
        yield Notice("Normal", "WithinTraceBudget", note(after.message))


def _refusals(before: TracingStatus, after: TracingStatus) -> Iterator[Notice]:
    handled = (
        (ROLLBACK_TRACING, before.handled_rollback_request, after.handled_rollback_request),
        (REENABLE_TRACING, before.handled_reenable_request, after.handled_reenable_request),
    )
    for name, was, now in handled:
        if now is not None and now != was and time_stamp(now) is None:
            what = f"the annotation {name} is refused: its value is no time stamp such as 2026-03-01T12:00:00Z"
            yield Notice("Warning", "RequestRefused", what)


def _alarm(before: TracingStatus, after: TracingStatus) -> Iterator[Notice]:
    """What was measured, once: whether it is acted upon or not, and whether at once or in the next pass."""
    if before.suspicion is not None and before.suspicion.alarm_time is not None:
        return
    now, last = after.suspicion, after.last_rollback
    if now is not None and now.alarm_time is not None:
        yield Notice("Warning", now.trigger, _with_frames(now.message, now.trigger, after.last_audit))
    elif last is not None and last.trigger in _MEASURED and _begun(before.last_rollback, last):
        yield Notice("Warning", last.trigger, _with_frames(last.message, last.trigger, after.last_audit))


def _begun(before: LastRollback | None, now: LastRollback) -> bool:
    return before is None or before.id != now.id


def _rollback(before: LastRollback | None, after: TracingStatus) -> Iterator[Notice]:
    now = after.last_rollback
    if now is None:
        return
    if _begun(before, now):
        begun = f"tracing is taken out, video goes on: {now.message}"
        kind = now.trigger is RollbackTrigger.REQUESTED
        yield Notice(
            "Normal" if kind else "Warning",
            "TracingRollbackBegun",
            _with_frames(begun, now.trigger, after.last_audit),
        )
        before = now if now.step is not RollbackStep.DONE else None
    if now.step is RollbackStep.DONE and (before is None or before.step is not RollbackStep.DONE):
        yield Notice("Warning" if now.left_behind else "Normal", "TracingRolledBack", note(_done(now, after)))
    elif before is not None and before.left_behind and not now.left_behind and after.state is GuardState.ROLLED_BACK:
        yield Notice("Normal", "TracingRolledBack", "the pods that were left behind run without instrumentation, too")
    if before is not None and before.purge is not now.purge and now.purge in _PURGES:
        yield _PURGES[now.purge]


def _done(rollback: LastRollback, status: TracingStatus) -> str:
    took = (rollback.completion_time or rollback.start_time) - rollback.start_time
    ended = left_behind_words(rollback) if rollback.left_behind else "every pod runs without instrumentation"
    done = f"{ended}; {took.total_seconds():.0f} s after it was decided"
    if status.hold is not None:
        return f"{done}; {hold_words(status.hold)}"
    time = status.next_attempt_time
    return f"{done}; tracing comes back at {time:%Y-%m-%d %H:%M:%S} UTC, step by step" if time is not None else done


def _recovery(before: TracingStatus, after: TracingStatus) -> Iterator[Notice]:
    was, now = before.probation, after.probation
    if now is not None and was is None:
        asked = before.hold is Hold.REQUESTED or before.handled_reenable_request != after.handled_reenable_request
        why = "a person asked for it" if asked else f"attempt {after.attempts}"
        yield Notice("Normal", "TracingProbation", f"tracing comes back, step by step: {why}")
    if now is not None and now.failures > (was.failures if was is not None else 0):
        what = f"a step of tracing's return failed, and tracing is off until it is made again: {now.message or ''}"
        yield Notice("Warning", "TracingProbationFailed", note(what))
    if before.state is GuardState.PROBATION and after.state is GuardState.HEALTHY:
        yield Notice("Normal", "TracingRecovered", "all frames are traced again that the spec asks for")


def _storage(before: LastAudit | None, after: LastAudit | None) -> Iterator[Notice]:
    if after is not None and after.frames_evicted and not (before is not None and before.frames_evicted):
        what = f"Jaeger gave up {after.frames_evicted} traces of a window before they were looked up, so nothing is known of them"
        yield Notice("Warning", "TraceStorageTooSmall", f"{what}; {storage_words()}")


def _with_frames(message: str, trigger: RollbackTrigger, audit: LastAudit | None) -> str:
    """The frames come before what is cut off at the end."""
    frames = some_frames(audit) if trigger is RollbackTrigger.TRACES_MISSING else ""
    return note(message[: 1000 - len(frames)] + frames)
