"""Reconcile: one pass over one pipeline: observe, decide, act, report. Errors get their meaning here, and only here.

A pass depends on what is there, never on what changed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from frametrace_api.conditions import ConditionType
from frametrace_api.spec import PipelineMode
from frametrace_api.status import CameraPipelineStatus, ConditionStatus

from frametrace_operator.act import Actor
from frametrace_operator.assess import assess, assess_invalid
from frametrace_operator.assess.facts import Facts
from frametrace_operator.decide import Plan, decide
from frametrace_operator.errors import ActionNeededError, GoneError, RetryError, WaitingError
from frametrace_operator.fleet import Fleet
from frametrace_operator.guard.deciding.table import tracing_plan
from frametrace_operator.guarding import Decision, Guarding, query_headers
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.logs import logger
from frametrace_operator.manifests import Child, ChildKey, InvalidManifestError
from frametrace_operator.metrics import Metrics
from frametrace_operator.observation import Observation
from frametrace_operator.observe import Observer, read_status
from frametrace_operator.outcome import Outcome
from frametrace_operator.pipeline import InvalidPipelineError, Pipeline
from frametrace_operator.platform import Platform
from frametrace_operator.pods.book import Book
from frametrace_operator.renderings import Renderings
from frametrace_operator.report import Reporter
from frametrace_operator.retries import Retries
from frametrace_operator.rewrites import Rewrites
from frametrace_operator.shard import belongs
from frametrace_operator.suspend import draining
from frametrace_operator.transitions import invalid_status, next_status, retrying_status
from frametrace_operator.upgrade import held_back

__all__ = ["Reconciler", "Result"]

_SOON = 1.0
_LATER = 15.0
_DRAINING = 3.0


@dataclass(frozen=True, slots=True)
class Result:
    """How a pass ended: look again after so many seconds, None for whenever something happens."""

    look_again: float | None = None
    failed: bool = False


class Reconciler:
    """Makes passes. It has no state of its own but through its parts, renderings and retries."""

    def __init__(
        self,
        kube: Kube,
        platform: Callable[[], Platform],
        book: Book[PipelineKey],
        fleet: Fleet,
        parts: tuple[Observer, Actor, Reporter, Rewrites, Guarding],
        metrics: Metrics,
        *,
        shard: str = "",
    ) -> None:
        self._kube = kube
        self._platform = platform
        self._book = book
        self._fleet = fleet
        self._observer, self._actor, self._reporter, self._rewrites, self._guard = parts
        self._metrics = metrics
        self._shard = shard
        self._renderings = Renderings()
        self._retries = Retries()

    async def reconcile(self, key: PipelineKey, now: datetime) -> Result:
        """Make one pass. Whatever the cluster answers, the result says what comes next."""
        try:
            result = await self._pass(key, now)
        except GoneError:
            result = Result(look_again=_SOON)
        except WaitingError as wait:
            logger().info("waiting", why=str(wait))
            result = Result(look_again=wait.check_after)
        except RetryError as error:
            await self._tell(key, error, now)
            return self._failed(error)
        except (
            ActionNeededError
        ) as error:  # not of a child: the operator itself lacks a right, or its status is refused
            logger().error("a pass was refused and is tried again", error=str(error))
            self._retries.forget(key)
            self._metrics.reconciles.labels("refused").inc()
            return Result(failed=True)
        if not result.failed:
            self._retries.forget(key)
            self._metrics.reconciles.labels("ok").inc()
        return result

    def _failed(self, error: RetryError) -> Result:
        logger().warning("a pass failed and is tried again", error=str(error))
        self._metrics.reconciles.labels("retry").inc()
        return Result(look_again=error.after, failed=True)

    async def _tell(self, key: PipelineKey, error: RetryError, now: datetime) -> None:
        """A pass broke off before its report: once that has lasted, the status says so beside what it said before."""
        told = self._retries.lasting(key, error, now)
        if told is None:
            return
        try:
            resource = await self._kube.get(PIPELINE, key.namespace, key.name)
            if resource is not None and belongs(resource, self._shard):
                before = read_status(resource)
                status = retrying_status(before, str(told), resource["metadata"].get("generation", 0), now)
                await self._reporter.report(resource, before, status, now)
        except (ActionNeededError, GoneError, RetryError, WaitingError) as trouble:
            logger().warning("that a pass failed could not be told", error=str(trouble))

    async def _pass(self, key: PipelineKey, now: datetime) -> Result:
        resource = await self._kube.get(PIPELINE, key.namespace, key.name)
        if resource is None or not belongs(resource, self._shard):
            self._forget(key)
            return Result()
        try:
            pipeline = Pipeline.from_object(resource)
            platform = self._platform()
            known = read_status(resource)
            tracing = tracing_plan(known.tracing if known is not None else None, pipeline)
            wanted = self._renderings.children(pipeline, platform, tracing)
        except (InvalidPipelineError, InvalidManifestError) as error:
            return await self._refuse(key, resource, str(error), now)
        return await self._bring_about(pipeline, resource, wanted, pod_monitors=platform.has_pod_monitors)

    async def _bring_about(
        self, pipeline: Pipeline, resource: Object, wanted: tuple[Child, ...], *, pod_monitors: bool
    ) -> Result:
        key = PipelineKey(pipeline.namespace, pipeline.name)
        seen = await self._observer.look(pipeline, resource, wanted, pod_monitors=pod_monitors)
        if "deletionTimestamp" in resource["metadata"]:
            decision, plan = Decision(status=seen.status.tracing if seen.status is not None else None), Plan()
        else:
            decision = self._guard.decide(key, pipeline, seen, await query_headers(self._kube, pipeline))
            if decision.evidence.failed_probes:  # whether its node is lost, the pods beside it tell
                self._book.doubt(key)
            seen = await self._remember(resource, seen, decision)
            plan = self._plan(key, pipeline, seen, decision)
        outcome = await self._actor.carry_out(pipeline.namespace, plan)
        self._metrics.writes.labels("child").inc(outcome.writes)
        repaired = self._note_repairs(key, plan, outcome, seen)
        trouble = outcome.trouble
        if trouble is not None:
            if not isinstance(trouble, RetryError):
                raise trouble
            outcome = replace(outcome, trouble=self._retries.lasting(key, trouble, seen.now))
            if outcome.trouble is None:
                raise trouble
        facts = Facts(pipeline, seen, plan, outcome, decision.status, decision.progress)
        status = next_status(seen.status, assess(facts), pipeline.generation, seen.now)
        waits = seen.flow.unsure or (seen.flow.young and _only_silent(seen, status))
        if not plan.writes and waits and _stands(seen, pipeline):
            status = (seen.status or status).model_copy(update={"tracing": status.tracing})
        await self._report(resource, seen, status)
        self._metrics.by_pipeline.saw(pipeline, status, len(seen.flow.unreadable))
        if trouble is not None:
            return self._failed(trouble)
        again = self._rewrites.wait(key, (*plan.resting, *repaired), seen.now)
        again = again or (_SOON if outcome.writes else None)
        return Result(look_again=_soonest(again, _next_look(pipeline, seen, plan, outcome), decision.look_again))

    async def _remember(self, resource: Object, seen: Observation, decision: Decision) -> Observation:
        """What the guard decided stands in the status before anything is done for it."""
        if not decision.acts or decision.status is None:
            return seen
        status = (seen.status or CameraPipelineStatus()).model_copy(update={"tracing": decision.status})
        await self._report(resource, seen, status)
        return replace(seen, status=status)

    def _plan(self, key: PipelineKey, pipeline: Pipeline, seen: Observation, decision: Decision) -> Plan:
        platform = self._platform()
        wanted = decision.children(pipeline, platform, seen, self._renderings)
        resting = self._rewrites.resting(key, seen.now)
        plan = decide(seen, wanted, held_back(pipeline, platform, seen, wanted), resting)
        for child, why in plan.apply:
            logger().info("applying", kind=child.key[1], child=child.key[2], why=why)
        return plan

    def _note_repairs(self, key: PipelineKey, plan: Plan, outcome: Outcome, seen: Observation) -> tuple[ChildKey, ...]:
        """Note which children were applied, whatever else became of the pass; returns them."""
        planned = {child.key for child, _ in plan.apply}
        applied = [child for child in outcome.written if child.key in planned]
        anew = {child.key for child in applied if child.key not in seen.live}
        self._rewrites.made(key, applied, seen.now, anew)
        return tuple(child.key for child in applied)

    async def _report(self, resource: Object, seen: Observation, status: CameraPipelineStatus) -> None:
        if await self._reporter.report(resource, seen.status, status, seen.now):
            self._metrics.writes.labels("status").inc()
        key = PipelineKey(resource["metadata"]["namespace"], resource["metadata"]["name"])
        self._fleet.saw(key, status)

    async def _refuse(self, key: PipelineKey, resource: Object, message: str, now: datetime) -> Result:
        """The resource cannot be carried out: its children stay as they are, and its status says why."""
        before = read_status(resource)
        status = invalid_status(before, assess_invalid(message), resource["metadata"].get("generation", 0), now)
        await self._reporter.report(resource, before, status, now)
        self._fleet.saw(key, status)
        self._metrics.by_pipeline.refused(key, status)
        self._book.forget(key)  # nobody looks at its flow until the spec is right
        return Result()

    def _forget(self, key: PipelineKey) -> None:
        """The pipeline is gone, and the cluster's garbage collector takes its children; or it is another operator's."""
        self._book.forget(key)
        self._fleet.forget(key)
        self._metrics.by_pipeline.forget(key)
        self._reporter.forget(key)
        self._rewrites.forget(key)
        self._renderings.forget(key)
        self._retries.forget(key)
        self._guard.forget(key)


def _stands(seen: Observation, pipeline: Pipeline) -> bool:
    """Whether the status is of this spec, so that a new operator's own blindness is no reason to write another."""
    return seen.status is not None and seen.status.observed_generation == pipeline.generation


def _only_silent(seen: Observation, status: CameraPipelineStatus) -> bool:
    """Whether a pipeline that stands as Ready would be Unknown, for no other reason than that a pod does not answer."""
    was = seen.status.condition(ConditionType.READY) if seen.status is not None else None
    now = status.condition(ConditionType.READY)
    ready, unknown = ConditionStatus.TRUE, ConditionStatus.UNKNOWN
    return was is not None and now is not None and (was.status, now.status) == (ready, unknown)


def _soonest(*waits: float | None) -> float | None:
    return min((wait for wait in waits if wait is not None), default=None)


def _next_look(pipeline: Pipeline, seen: Observation, plan: Plan, outcome: Outcome) -> float | None:
    """When to look again though nothing may happen: what ends a wait is not always an event."""
    if pipeline.spec.mode is PipelineMode.SUSPENDED and draining(seen):
        return _DRAINING
    loops = [(pod.loops_until - seen.now).total_seconds() for pod in seen.pods if pod.loops_until is not None]
    return _soonest(
        _LATER if plan.conflicts or _is_left(outcome) or seen.missing_secrets else None,
        *(seconds for seconds in loops if seconds > 0),
    )


def _is_left(outcome: Outcome) -> bool:
    """Whether something is to be tried again that the API server did not take."""
    return bool(outcome.refused or outcome.undeleted or outcome.untold)
