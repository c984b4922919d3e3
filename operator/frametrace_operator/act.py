"""Act: make a plan's writes. A refused write is an outcome; passing trouble is raised. Must not decide anything."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from frametrace_operator.decide import Plan
from frametrace_operator.errors import ActionNeededError, OperatorError, RetryError
from frametrace_operator.guard.acting.live_switch import Telling
from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import DEPLOYMENT, KINDS, POD
from frametrace_operator.logs import logger
from frametrace_operator.manifests import Child, ChildKey
from frametrace_operator.naming import LIVE_HASH, Role
from frametrace_operator.observation import PodView
from frametrace_operator.outcome import Outcome, Refusal

__all__ = ["Actor"]

_AT_ONCE: Final = 8
_PODS_AT_ONCE: Final = 32
_RECREATE: Final[Object] = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}


class Actor:
    """Writes to the cluster. `may_write` raises once this replica leads no more."""

    def __init__(self, kube: Kube, may_write: Callable[[], None]) -> None:
        self._kube = kube
        self._may_write = may_write

    async def carry_out(self, namespace: str, plan: Plan) -> Outcome:
        """Make the writes: the live switch first, then what else pods mount, then the Deployments, then the deletions.

        Raises:
            OperatorError: if the cluster does not answer, or this replica may not write any more.
        """
        slots = asyncio.Semaphore(_AT_ONCE)
        pods = [child for child, _ in plan.apply if child.key[1] == DEPLOYMENT.kind]
        live = [child for child, _ in plan.apply if child.role == Role.LIVE]
        mounted = [child for child, _ in plan.apply if child.key[1] != DEPLOYMENT.kind and child not in live]
        refused = await self._all(slots, live)
        if not refused:
            await self._tell(namespace, plan.telling)
        refused += await self._all(slots, mounted, plan.create)
        await self._unroll(namespace, plan)
        refused += await self._all(slots, pods)
        for key, uid in plan.delete:
            await self._delete(namespace, key, uid)
        # Last of all, and in whatever trouble: nothing waits for a storage.
        ungrown = await self._all(slots, plan.grow, told=(ActionNeededError, RetryError))
        written = plan.writes - len(refused) + len(plan.grow) - len(ungrown)
        return Outcome(written, tuple(refused), tuple(ungrown))

    async def _all(
        self,
        slots: asyncio.Semaphore,
        applied: Iterable[Child],
        made: Iterable[Child] = (),
        told: tuple[type[OperatorError], ...] = (ActionNeededError,),
    ) -> list[Refusal]:
        """Make the writes and wait for all: none of a pass that breaks off may arrive after those of the next."""
        writes = [*((child, self._kube.create) for child in made), *((child, self._kube.apply) for child in applied)]
        results = await asyncio.gather(*(self._write(slots, *write, told) for write in writes), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return [result for result in results if isinstance(result, Refusal)]

    async def _tell(self, namespace: str, told: Telling) -> None:
        """Annotate running pods, so that the kubelet looks at the live ConfigMap at once. Pods that are gone need no word.

        A refusal is logged and no more: without the annotation the change takes effect about a minute later.
        """
        slots = asyncio.Semaphore(_PODS_AT_ONCE)

        async def annotate(pod: PodView) -> None:
            async with slots:
                self._may_write()
                await self._kube.annotate(POD, namespace, pod.name, uid=pod.uid, annotations={LIVE_HASH: told.hash})

        results = await asyncio.gather(*(annotate(pod) for pod in told.pods), return_exceptions=True)
        for result in results:
            if isinstance(result, ActionNeededError):
                logger().warning("a pod could not be told of its live settings", error=str(result))
            elif isinstance(result, BaseException):
                raise result

    async def _unroll(self, namespace: str, plan: Plan) -> None:
        """Take away what keeps an apply from having Deployments recreated. A refusal is told by that apply, which is refused, too."""
        for key, uid in plan.unroll:
            self._may_write()
            with contextlib.suppress(ActionNeededError):
                await self._kube.patch(DEPLOYMENT, namespace, key[2], uid=uid, change=_RECREATE)

    async def _write(
        self,
        slots: asyncio.Semaphore,
        child: Child,
        how: Callable[[Object], Awaitable[object]],
        told: tuple[type[OperatorError], ...],
    ) -> Refusal | None:
        async with slots:
            self._may_write()
            try:
                await how(child.body)
            except told as error:
                return Refusal(child, str(error))
            return None

    async def _delete(self, namespace: str, key: ChildKey, uid: str) -> None:
        self._may_write()
        await self._kube.delete(KINDS[key[0], key[1]], namespace, key[2], uid=uid)
