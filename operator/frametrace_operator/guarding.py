"""Guarding: what a pass asks of the guard, and what follows. Must not know how anything is measured.

A pass goes: look, decide on tracing, write that decision to the status, and only then bring it about.
"""

from collections.abc import Mapping

from frametrace_api.status_tracing import GuardState, PurgeState, TracingStatus

from frametrace_operator.assess.facts import Facts
from frametrace_operator.decision import Decision
from frametrace_operator.guard.acting.purge_call import purge_call
from frametrace_operator.guard.deciding.table import advance, tracing_plan
from frametrace_operator.guard.deciding.timing import look_again
from frametrace_operator.guard.deciding.worth import Worth
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.guard.observing.asking import headers_of, watched_of
from frametrace_operator.guard.observing.excuses import excuse, life
from frametrace_operator.guard.observing.left import left
from frametrace_operator.guard.observing.lost import infer
from frametrace_operator.guard.observing.nodes import lost_node
from frametrace_operator.guard.observing.progress import progress
from frametrace_operator.guard.observing.restarts import Restarts
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.guard.seams import Measures, Purges
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube
from frametrace_operator.observation import Observation
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.targets import targets

__all__ = ["Guarding", "query_headers"]


class Guarding:
    """Asks the guard.

    Args:
        measures: measures; left out, nothing is, and only people's requests are met.
        purges: calls owners' webhooks; left out, none is called.
    """

    def __init__(self, measures: Measures | None = None, purges: Purges | None = None) -> None:
        self._measures = measures
        self._purges = purges
        self._restarts = Restarts()
        self._worth: Worth[PipelineKey] = Worth()

    def decide(self, key: PipelineKey, pipeline: Pipeline, seen: Observation, headers: Mapping[str, str]) -> Decision:
        """What follows from the status, the look and the evidence; `headers` are for an external Jaeger."""
        written = seen.status.tracing if seen.status is not None else None
        before = written or infer(left(pipeline, seen), pipeline, seen.now)
        evidence = self._follow(key, self._watched(key, pipeline, before, seen, headers))
        wanted = tracing_plan(before, pipeline)
        last = before.last_rollback if before is not None else None
        hook = self._hook(key, pipeline, before)
        far = progress(pipeline, last, seen, instrumented=wanted.instrumented, hook=hook)
        status = advance(before, evidence, far, pipeline, seen.now)
        self._worth.tell(key, pipeline.spec.tracing.guard, status, evidence)
        acts = before is not None and _acts(written, status, wanted, tracing_plan(status, pipeline))
        later = (
            0.0 if acts else look_again(status, pipeline, seen.now)
        )  # one transition a pass, and the next may be due
        return Decision(before, status, acts, far, evidence, later)

    def is_news(self, key: PipelineKey) -> bool:
        """Whether a pass could decide or say anything else by what is known now than the last one did."""
        return self._measures is not None and self._worth.is_news(key, self._measures.evidence(key))

    def forget(self, key: PipelineKey) -> None:
        """The pipeline is gone."""
        self._restarts.forget(key)
        self._worth.forget(key)
        for part in (self._measures, self._purges):
            if part is not None:
                part.forget(key)

    def _watched(
        self,
        key: PipelineKey,
        pipeline: Pipeline,
        status: TracingStatus | None,
        seen: Observation,
        headers: Mapping[str, str],
    ) -> Watched | None:
        facts = Facts(pipeline, seen)
        lost = lost_node(facts, self._measures.evidence(key).failed_probes if self._measures is not None else 0)
        restarts = self._restarts.saw(key, seen, lost=lost is not None and lost.sure)
        return watched_of(
            pipeline,
            status or TracingStatus(state=GuardState.HEALTHY),
            targets(seen.pods),
            headers=headers,
            restarts=restarts,
            life=life(seen),
            excuse=excuse(facts, lost, self._restarts.forgiven(key)),
        )

    def _follow(self, key: PipelineKey, watched: Watched | None) -> Evidence:
        if self._measures is None:
            return Evidence()
        if watched is None:
            self._measures.forget(key)
            return Evidence()
        return self._measures.follow(key, watched)

    def _hook(self, key: PipelineKey, pipeline: Pipeline, status: TracingStatus | None) -> PurgeState:
        if self._purges is None:
            return PurgeState.NOT_ASKED
        call = purge_call(pipeline, status)
        if call is None:
            self._purges.forget(key)
            return PurgeState.NOT_ASKED
        return self._purges.ask(key, call)


async def query_headers(kube: Kube, pipeline: Pipeline) -> dict[str, str]:
    """What requests to the pipeline's external Jaeger carry, from its Secret; none if it names none, or it is not there.

    Raises:
        OperatorError: if the cluster does not answer.
    """
    external = pipeline.spec.tracing.backend.external
    reference = external.headers_secret_ref if external is not None else None
    if reference is None:
        return {}
    return headers_of(await kube.secret_value(pipeline.namespace, reference.name, reference.key) or "")


def _acts(before: TracingStatus | None, after: TracingStatus, wanted: TracingPlan, now_wanted: TracingPlan) -> bool:
    """Whether pods or storage are to change, or a step was made: a pass that dies after it must find it in the status."""
    if before is None or wanted != now_wanted:
        return True
    was, now = before.last_rollback, after.last_rollback
    steps = (was.id, was.step) if was is not None else None, (now.id, now.step) if now is not None else None
    return before.state is not after.state or steps[0] != steps[1]
