"""Next look: when a pipeline is looked at again though nothing may happen. Pure. Must not know of errors: those have a back-off."""

from typing import Final

from frametrace_api.spec import PipelineMode

from frametrace_operator.observation import Observation
from frametrace_operator.outcome import Outcome
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.plan import Plan
from frametrace_operator.suspend import draining

__all__ = ["SOON", "next_look", "soonest"]

SOON: Final = 1.0
"""Seconds until what was just written is looked at."""

_LATER: Final = 15.0
_DRAINING: Final = 3.0


def next_look(pipeline: Pipeline, seen: Observation, plan: Plan, outcome: Outcome) -> float | None:
    """Seconds until then, None for whenever something happens: what ends a wait is not always an event."""
    if pipeline.spec.mode is PipelineMode.SUSPENDED and draining(seen):
        return _DRAINING
    loops = [(pod.loops_until - seen.now).total_seconds() for pod in seen.pods if pod.loops_until is not None]
    return soonest(
        _LATER if plan.conflicts or _is_left(outcome) or seen.missing_secrets else None,
        *(seconds for seconds in loops if seconds > 0),
    )


def soonest(*waits: float | None) -> float | None:
    """The shortest of some waits in seconds; None if there is none."""
    return min((wait for wait in waits if wait is not None), default=None)


def _is_left(outcome: Outcome) -> bool:
    """Whether something is to be tried again that the API server did not take."""
    return bool(outcome.refused or outcome.undeleted or outcome.untold)
