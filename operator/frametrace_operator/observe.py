"""Observe: one look at all that belongs to a pipeline, in parallel reads. Must not decide anything."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from frametrace_api.conditions import ConditionType
from frametrace_api.status import CameraPipelineStatus, ConditionStatus
from frametrace_api.status_tracing import GuardState, RollbackStep
from pydantic import ValidationError

from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import CHILD_KINDS, DEPLOYMENT, KINDS, POD, POD_MONITOR, SECRET
from frametrace_operator.manifests import Child, ChildKey
from frametrace_operator.naming import pipeline_selector
from frametrace_operator.observation import Observation, PodView, key_of
from frametrace_operator.pace import Pace, Step, flow_seconds
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.pods.book import Book
from frametrace_operator.podview import pod_view, role_and_item, workload
from frametrace_operator.secret_names import MissingSecret, missing_secrets, named_secrets
from frametrace_operator.suspend import drains
from frametrace_operator.targets import targets

__all__ = ["Observer", "read_status"]


class Observer:
    """Looks at pipelines."""

    def __init__(self, kube: Kube, book: Book[PipelineKey], now: Callable[[], datetime]) -> None:
        self._kube = kube
        self._book = book
        self._now = now

    async def look(
        self, pipeline: Pipeline, resource: Object, wanted: tuple[Child, ...], *, pod_monitors: bool
    ) -> Observation:
        """Look at the pipeline's children, pods and ledgers.

        Raises:
            OperatorError: if the cluster does not answer.
        """
        live, pods, missing = await asyncio.gather(
            self._children(pipeline, wanted, pod_monitors=pod_monitors),
            self._pods(pipeline),
            self._missing_secrets(pipeline),
        )
        key = PipelineKey(pipeline.namespace, pipeline.name)
        status = read_status(resource)
        flow = await self._book.watch(
            key,
            targets(pods),
            _pace(pipeline),
            settled=_is_settled(status),
            anew=_switches_off(status),
            drains=drains(pipeline, pods, self._now()),
        )
        return Observation(
            now=self._now(),
            uid=pipeline.uid,
            status=status,
            live=live,
            workloads={
                role_and_item(body): workload(body) for body in live.values() if body.get("kind") == DEPLOYMENT.kind
            },
            pods=pods,
            missing_secrets=missing,
            flow=flow,
            told_at={uid: datetime.fromtimestamp(at, UTC) for uid, at in self._book.told_at(key).items()},
            drained_for=self._book.drained_for(key),
        )

    async def _children(
        self, pipeline: Pipeline, wanted: tuple[Child, ...], *, pod_monitors: bool
    ) -> dict[ChildKey, Object]:
        """Objects with the pipeline's label, and those that stand under the name of a wanted child without it."""
        kinds = [kind for kind in CHILD_KINDS if pod_monitors or kind != POD_MONITOR]
        selector = pipeline_selector(pipeline)
        lists = await asyncio.gather(*(self._kube.find(kind, pipeline.namespace, selector) for kind in kinds))
        live = {key_of(body): body for bodies in lists for body in bodies}
        unseen = [child.key for child in wanted if child.key not in live]
        found = await asyncio.gather(*(self._named(pipeline.namespace, key) for key in unseen))
        return live | {key: body for key, body in zip(unseen, found, strict=True) if body is not None}

    async def _named(self, namespace: str, key: ChildKey) -> Object | None:
        kind = KINDS[key[0], key[1]]
        look = self._kube.head if kind == SECRET else self._kube.get
        return await look(kind, namespace, key[2])

    async def _pods(self, pipeline: Pipeline) -> tuple[PodView, ...]:
        return tuple(
            pod_view(body) for body in await self._kube.find(POD, pipeline.namespace, pipeline_selector(pipeline))
        )

    async def _missing_secrets(self, pipeline: Pipeline) -> tuple[MissingSecret, ...]:
        uses = named_secrets(pipeline.spec)
        names = list(dict.fromkeys(use.name for use in uses))
        keys = await asyncio.gather(*(self._kube.secret_keys(pipeline.namespace, name) for name in names))
        return missing_secrets(uses, dict(zip(names, keys, strict=True)))


def read_status(resource: Mapping[str, Any]) -> CameraPipelineStatus | None:
    """The status of the custom resource; None if there is none, or one that somebody made unreadable."""
    try:
        return (
            CameraPipelineStatus.model_validate(resource["status"], extra="ignore") if resource.get("status") else None
        )
    except ValidationError:
        return None


def _is_settled(status: CameraPipelineStatus | None) -> bool:
    """Whether nothing is under way in the pipeline, as far as is known."""
    ready = status.condition(ConditionType.READY) if status is not None else None
    if status is None or ready is None or ready.status is not ConditionStatus.TRUE:
        return False
    return status.tracing is None or status.tracing.state in (None, GuardState.HEALTHY, GuardState.ROLLED_BACK)


def _switches_off(status: CameraPipelineStatus | None) -> bool:
    """Whether a rollback waits for the pods to say that their tracing is off: then every look asks them."""
    tracing = status.tracing if status is not None else None
    if tracing is None or tracing.last_rollback is None or tracing.state is not GuardState.ROLLING_BACK:
        return False
    return tracing.last_rollback.step is RollbackStep.LIVE_OFF


def _pace(pipeline: Pipeline) -> Pace:
    spec = pipeline.spec
    rate = spec.capture.frames_per_second
    steps = {stage.name: Step(stage.input, stage.handler_timeout_seconds) for stage in spec.stages}
    kept = float(spec.broker.retention.frame_seconds)
    return Pace(flow_seconds(None if rate is None else float(rate)), len(spec.cameras), steps, kept)
