"""Passes: one look at one pipeline, and what follows: observe, decide, act, and give an account.

A pass depends on what is there, never on what changed. Must not know what an error means for the next one (see `reconcile`):
it raises what it meets, but for passing trouble of its writes that has lasted, which it reports first.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from frametrace_operator.account import Account
from frametrace_operator.assess.facts import Facts
from frametrace_operator.decide import decide
from frametrace_operator.decision import Decision
from frametrace_operator.errors import RetryError
from frametrace_operator.fleet import Fleet
from frametrace_operator.guard.deciding.table import tracing_plan
from frametrace_operator.guarding import query_headers
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.logs import logger
from frametrace_operator.manifests import Child, ChildKey, InvalidManifestError
from frametrace_operator.metrics import Metrics
from frametrace_operator.next_look import SOON, next_look, soonest
from frametrace_operator.observation import Observation
from frametrace_operator.observe import read_status
from frametrace_operator.outcome import Outcome
from frametrace_operator.parts import Parts
from frametrace_operator.pipeline import InvalidPipelineError, Pipeline
from frametrace_operator.plan import Plan
from frametrace_operator.platform import Platform
from frametrace_operator.pods.book import Book
from frametrace_operator.shard import belongs
from frametrace_operator.upgrade import held_back

__all__ = ["Passed", "Passes"]


@dataclass(frozen=True, slots=True)
class Passed:
    """A pass came to its end.

    Attributes:
        look_again: in so many seconds, None for whenever something happens.
        trouble: what broke its writes off, which the status tells; None if nothing did.
    """

    look_again: float | None = None
    trouble: RetryError | None = None


class Passes:
    """Makes passes. It has no state of its own but through its parts."""

    def __init__(
        self,
        kube: Kube,
        platform: Callable[[], Platform],
        book: Book[PipelineKey],
        fleet: Fleet,
        parts: Parts,
        metrics: Metrics,
        *,
        shard: str,
    ) -> None:
        self._kube = kube
        self._platform = platform
        self._book = book
        self._parts = parts
        self._account = Account(parts.reporter, fleet, metrics)
        self._metrics = metrics
        self._shard = shard

    async def make(self, key: PipelineKey, now: datetime) -> Passed:
        """Make one pass.

        Raises:
            OperatorError: if the cluster does not answer, or refuses what is not a child's.
        """
        resource = await self._kube.get(PIPELINE, key.namespace, key.name)
        if resource is None or not belongs(resource, self._shard):
            self._forget(key)
            return Passed()
        try:
            pipeline = Pipeline.from_object(resource)
            platform = self._platform()
            known = read_status(resource)
            tracing = tracing_plan(known.tracing if known is not None else None, pipeline)
            wanted = self._parts.renderings.children(pipeline, platform, tracing)
        except (InvalidPipelineError, InvalidManifestError) as error:
            later = await self._account.refuse(resource, str(error), now)
            self._book.forget(key)  # nobody looks at its flow until the spec is right
            return Passed(later)
        return await self._bring_about(pipeline, resource, wanted, pod_monitors=platform.has_pod_monitors)

    async def _bring_about(
        self, pipeline: Pipeline, resource: Object, wanted: tuple[Child, ...], *, pod_monitors: bool
    ) -> Passed:
        key = PipelineKey(pipeline.namespace, pipeline.name)
        seen = await self._parts.observer.look(pipeline, resource, wanted, pod_monitors=pod_monitors)
        if "deletionTimestamp" in resource["metadata"]:
            decision, plan = Decision(status=seen.status.tracing if seen.status is not None else None), Plan()
        else:
            headers = await query_headers(self._kube, pipeline)
            decision = self._parts.guard.decide(key, pipeline, seen, headers)
            if decision.evidence.failed_probes:  # whether its node is lost, the pods beside it tell
                self._book.doubt(key)
            seen = await self._account.decided(resource, seen, decision)
            plan = self._plan(key, pipeline, seen, decision)
        outcome = await self._parts.actor.carry_out(pipeline.namespace, plan)
        self._metrics.writes.labels("child").inc(outcome.writes)
        repaired = self._note_repairs(key, plan, outcome, seen)
        trouble = _passing(outcome)
        if trouble is not None:
            outcome = replace(outcome, trouble=self._parts.retries.lasting(key, trouble, seen.now))
            if outcome.trouble is None:
                raise trouble
        facts = Facts(pipeline, seen, plan, outcome, decision.status, decision.progress)
        later = await self._account.give(resource, facts)
        if trouble is not None:
            return Passed(trouble=trouble)
        again = self._parts.rewrites.wait(key, (*plan.resting, *repaired), seen.now)
        again = again or (SOON if outcome.writes else None)
        return Passed(soonest(again, later, next_look(pipeline, seen, plan, outcome), decision.look_again))

    def _plan(self, key: PipelineKey, pipeline: Pipeline, seen: Observation, decision: Decision) -> Plan:
        platform = self._platform()
        wanted = decision.children(pipeline, platform, seen, self._parts.renderings)
        resting = self._parts.rewrites.resting(key, seen.now)
        plan = decide(seen, wanted, held_back(pipeline, platform, seen, wanted), resting)
        for child, why in plan.apply:
            logger().info("applying", kind=child.key[1], child=child.key[2], why=why)
        return plan

    def _note_repairs(self, key: PipelineKey, plan: Plan, outcome: Outcome, seen: Observation) -> tuple[ChildKey, ...]:
        """Note which children were applied, whatever else became of the pass; returns them."""
        planned = {child.key for child, _ in plan.apply}
        applied = [child for child in outcome.written if child.key in planned]
        anew = {child.key for child in applied if child.key not in seen.live}
        self._parts.rewrites.made(key, applied, seen.now, anew)
        return tuple(child.key for child in applied)

    def _forget(self, key: PipelineKey) -> None:
        """The pipeline is gone, and the cluster's garbage collector takes its children; or it is another operator's."""
        self._book.forget(key)
        self._account.forget(key)
        self._parts.forget(key)


def _passing(outcome: Outcome) -> RetryError | None:
    """What broke the writes off and passes; what does not is raised."""
    if outcome.trouble is None or isinstance(outcome.trouble, RetryError):
        return outcome.trouble
    raise outcome.trouble
