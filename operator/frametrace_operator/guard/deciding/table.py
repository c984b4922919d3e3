"""The guard's table: its states, what leads from one to another, and why. Pure.

`status.tracing` is the only memory: `advance` makes at most one transition, and a pass that died before its state was
written makes the same one again.
"""

from datetime import datetime
from typing import Final

from frametrace_api.status_tracing import GuardState, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.guard.deciding.ahead import dated
from frametrace_operator.guard.deciding.going import GOING
from frametrace_operator.guard.deciding.keeping import kept
from frametrace_operator.guard.deciding.returning import RETURNING
from frametrace_operator.guard.deciding.row import Transition
from frametrace_operator.guard.deciding.situation import Situation
from frametrace_operator.guard.deciding.wanted import tracing_plan
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.plan import Progress
from frametrace_operator.pipeline import Pipeline

__all__ = ["TRANSITIONS", "Transition", "advance", "tracing_plan", "transition"]

TRANSITIONS: Final = (*GOING, *RETURNING)
"""All rows; of those whose state and reason hold, the first one is made."""


def advance(
    before: TracingStatus | None, evidence: Evidence, progress: Progress, pipeline: Pipeline, now: datetime
) -> TracingStatus:
    """The next status of a pipeline's tracing. Equal to `before` as long as nothing is to be said or done.

    Args:
        before: what the status says; None for a pipeline that is new (see `lost.infer` for one that is not).
        evidence: what was measured by this operator process.
        progress: how far the pods and the storage are with what `tracing_plan(before, pipeline)` wants.
        pipeline: what its owner asks for.
        now: the time.
    """
    whole = now.replace(microsecond=0)  # as statuses have it, so that what is written is what is read again
    start = dated(before or TracingStatus(state=_initial(pipeline), state_since=whole), whole)
    situation = Situation(start, evidence.until(whole), progress, pipeline, whole)
    row = transition(situation)
    after = row.then(situation) if row is not None else start
    if after.state is not start.state:
        after = after.model_copy(update={"state_since": whole})
    return kept(after, situation)


def _initial(pipeline: Pipeline) -> GuardState:
    disabled = pipeline.spec.tracing.mode is TracingMode.DISABLED
    return GuardState.DISABLED if disabled else GuardState.HEALTHY


def transition(now: Situation) -> Transition | None:
    """The row that is made in this situation; None if none is."""
    return next((row for row in TRANSITIONS if now.status.state in row.sources and row.when(now)), None)
