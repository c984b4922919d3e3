"""Account: what a pass says of a pipeline: judged, written to its status, and counted. Must not know how passes are made."""

from dataclasses import replace
from datetime import datetime

from frametrace_api.status import CameraPipelineStatus

from frametrace_operator.assess import assess, assess_invalid
from frametrace_operator.assess.facts import Facts
from frametrace_operator.decision import Decision
from frametrace_operator.doubt import kept_in_doubt
from frametrace_operator.fleet import Fleet
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Object
from frametrace_operator.metrics import Metrics
from frametrace_operator.observation import Observation
from frametrace_operator.observe import read_status
from frametrace_operator.report import Reporter
from frametrace_operator.transitions import invalid_status, next_status

__all__ = ["Account"]


class Account:
    """Says in status and metrics what is true of pipelines. Raises OperatorError if a status cannot be written."""

    def __init__(self, reporter: Reporter, fleet: Fleet, metrics: Metrics) -> None:
        self._reporter = reporter
        self._fleet = fleet
        self._metrics = metrics

    async def decided(self, resource: Object, seen: Observation, decision: Decision) -> Observation:
        """What the guard decided stands in the status before anything is done for it; returns the look with that status."""
        if not decision.acts or decision.status is None:
            return seen
        status = (seen.status or CameraPipelineStatus()).model_copy(update={"tracing": decision.status})
        await self._report(resource, seen, status)
        return replace(seen, status=status)

    async def give(self, resource: Object, facts: Facts) -> float | None:
        """Judge what was seen and done, and report it; returns the seconds until that is to be written if it waits for more."""
        pipeline, seen = facts.pipeline, facts.seen
        status = next_status(seen.status, assess(facts), pipeline.generation, seen.now)
        if not facts.plan.writes:
            status = kept_in_doubt(status, pipeline, seen)
        later = await self._report(resource, seen, status)
        self._metrics.by_pipeline.saw(pipeline, status, len(seen.flow.unreadable))
        return later

    async def refuse(self, resource: Object, message: str, now: datetime) -> float | None:
        """The resource cannot be carried out: its children stay as they are, and its status says why; returns as `give` does."""
        before, key = read_status(resource), _key(resource)
        status = invalid_status(before, assess_invalid(message), resource["metadata"].get("generation", 0), now)
        reported = await self._reporter.report(resource, before, status, now)
        self._fleet.saw(key, status)
        self._metrics.by_pipeline.refused(key, status)
        return reported.again

    def forget(self, key: PipelineKey) -> None:
        """The pipeline is gone."""
        self._fleet.forget(key)
        self._metrics.by_pipeline.forget(key)

    async def _report(self, resource: Object, seen: Observation, status: CameraPipelineStatus) -> float | None:
        reported = await self._reporter.report(resource, seen.status, status, seen.now)
        if reported.written:
            self._metrics.writes.labels("status").inc()
        self._fleet.saw(_key(resource), status)
        return reported.again


def _key(resource: Object) -> PipelineKey:
    return PipelineKey(resource["metadata"]["namespace"], resource["metadata"]["name"])
