"""Decision: what the guard decided in one pass, and all that the pipeline should own by that. Pure.

Must not know how it was decided, nor what of those children stands in the cluster already.
"""

from dataclasses import dataclass, field
from datetime import datetime

from frametrace_api.spec import PipelineMode
from frametrace_api.status_tracing import GuardState, TracingStatus

from frametrace_operator.guard.acting.rollout import rollout
from frametrace_operator.guard.deciding.table import tracing_plan
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.plan import Progress
from frametrace_operator.guard.reporting.report import report
from frametrace_operator.manifests import Child, children
from frametrace_operator.observation import Observation
from frametrace_operator.passwords import remade
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from frametrace_operator.renderings import Renderings
from frametrace_operator.suspend import awake

__all__ = ["Decision"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the guard decided in one pass.

    Attributes:
        before: what the status said, or what was inferred where it said nothing.
        status: what it is to say.
        acts: it has to be written before anything is done for it.
        progress: how far pods and storage were with what was decided before.
        evidence: what was measured.
        look_again: in so many seconds, though nothing may happen; None if only events matter.
    """

    before: TracingStatus | None = None
    status: TracingStatus | None = None
    acts: bool = False
    progress: Progress = field(default_factory=Progress)
    evidence: Evidence = field(default_factory=Evidence)
    look_again: float | None = None

    def children(
        self, pipeline: Pipeline, platform: Platform, seen: Observation, renderings: Renderings
    ) -> tuple[Child, ...]:
        """All that the pipeline should own now."""
        part = rollout(pipeline, tracing_plan(self.status, pipeline), seen, self._going_since)
        secret = remade(pipeline, seen.live)
        if pipeline.spec.mode is PipelineMode.SUSPENDED:
            who = awake(pipeline, seen)
            rendered = children(pipeline, platform, part.tracing, waiting=part.waiting, awake=who, broker_secret=secret)
        else:
            rendered = renderings.children(pipeline, platform, part.tracing, waiting=part.waiting, broker_secret=secret)
        kept = report(pipeline, self.status, self.evidence, seen)
        return (*rendered, kept) if kept is not None else rendered

    @property
    def _going_since(self) -> datetime | None:
        """When the rollback began whose pods are being replaced; None if none is."""
        last = self.status.last_rollback if self.status is not None else None
        if self.status is None or last is None:
            return None
        if self.status.state is GuardState.ROLLING_BACK:
            return self.status.state_since or last.start_time  # a status that was lost begins anew
        return last.start_time if self.status.state is GuardState.ROLLED_BACK and last.left_behind else None
