"""How the clearing of traces goes on beside the states: asked for, told of, given up. Pure."""

from hashlib import blake2b
from typing import Any, Final

from frametrace_api.guard import Purge
from frametrace_api.status_tracing import GuardState, LastRollback, PurgeState, RollbackStep

from frametrace_operator.guard.deciding.situation import Situation
from frametrace_operator.pipeline import Pipeline

__all__ = ["OUT", "UNDER_WAY", "backend_of", "by_hook", "is_about", "purged"]

OUT: Final = (GuardState.ROLLING_BACK, GuardState.ROLLED_BACK)
UNDER_WAY: Final = (PurgeState.PENDING, PurgeState.FAILED)


def backend_of(pipeline: Pipeline) -> str:
    """What tells a pipeline's trace storage from another one that its owner may change to."""
    external = pipeline.spec.tracing.backend.external
    if external is None:
        return "Managed"
    return f"External-{blake2b(external.query_url.encode(), digest_size=4).hexdigest()}"


def is_about(last: LastRollback, pipeline: Pipeline) -> bool:
    """Whether a rollback was about the storage that the spec has now; so it is taken to be where that is not known."""
    return last.backend is None or last.backend == backend_of(pipeline)


def by_hook(pipeline: Pipeline, state: GuardState) -> bool:
    """Whether an owner's webhook may still be called: later it would clear what tracing has written since it came back."""
    external = pipeline.spec.tracing.backend.external
    return external is not None and _purges(pipeline) and state in OUT


def purged(last: LastRollback, before: LastRollback, now: Situation, state: GuardState) -> dict[str, Any]:
    """Asked for once the evidence is kept and nothing new comes in; then as far as the storage says it is.

    A managed storage has its order with its template, and is not called back; before its template has it, the owner's word
    that nothing is to be cleared still counts.
    """
    if before.purge is PurgeState.NOT_ASKED:
        return _asked(last, now, state)
    if before.purge not in UNDER_WAY:
        return {}
    told, external = now.progress.purge, now.pipeline.spec.tracing.backend.external
    late = told is not PurgeState.DONE and external is not None and not by_hook(now.pipeline, state)
    if late or not is_about(last, now.pipeline):
        return {"purge": PurgeState.GIVEN_UP}
    if external is None and not _purges(now.pipeline) and not now.progress.ordered:  # nobody was told of it yet
        return {"purge": PurgeState.GIVEN_UP, "purge_generation": max(0, (last.purge_generation or 0) - 1)}
    return {"purge": told} if told is not PurgeState.NOT_ASKED else {}


def _asked(last: LastRollback, now: Situation, state: GuardState) -> dict[str, Any]:
    ready = last.step is not RollbackStep.LIVE_OFF and now.progress.report_kept and not now.disabled
    if not ready or state not in OUT or not _purges(now.pipeline):
        return {}
    if not is_about(last, now.pipeline):
        return {"purge": PurgeState.GIVEN_UP}
    return {"purge": PurgeState.PENDING, "purge_generation": (last.purge_generation or 0) + 1}


def _purges(pipeline: Pipeline) -> bool:
    """Whether a rollback clears the storage: only one that is this pipeline's alone, or by its owner's own means."""
    external = pipeline.spec.tracing.backend.external
    clearable = external is None or external.purge is not None
    return clearable and pipeline.spec.tracing.guard.purge is Purge.ON_ROLLBACK
