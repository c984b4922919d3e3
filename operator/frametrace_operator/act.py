"""Act: make a plan's writes. A refused write is an outcome, and so is an error that ends them. Must not decide anything."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from frametrace_operator.errors import ActionNeededError, OperatorError, RetryError
from frametrace_operator.guard.acting.live_switch import Telling
from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import DEPLOYMENT, KINDS, POD
from frametrace_operator.logs import logger
from frametrace_operator.manifests import Child, ChildKey
from frametrace_operator.naming import LIVE_HASH, Role
from frametrace_operator.observation import PodView
from frametrace_operator.outcome import Outcome, Refusal, Undeleted
from frametrace_operator.plan import Plan

__all__ = ["Actor"]

_AT_ONCE: Final = 8
_PODS_AT_ONCE: Final = 32
_RECREATE: Final[Object] = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}


@dataclass(slots=True)
class _Done:
    """What became of the writes so far."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    written: list[Child] = field(default_factory=list)
    deleted: list[ChildKey] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    ungrown: list[Refusal] = field(default_factory=list)
    undeleted: list[Undeleted] = field(default_factory=list)
    untold: int = 0

    def outcome(self, trouble: OperatorError | None = None) -> Outcome:
        return Outcome(
            written=tuple(self.written),
            deleted=tuple(self.deleted),
            refused=tuple(self.refused),
            ungrown=tuple(self.ungrown),
            undeleted=tuple(self.undeleted),
            untold=self.untold,
            trouble=trouble,
        )


class Actor:
    """Writes to the cluster. `may_write` raises once this replica leads no more."""

    def __init__(self, kube: Kube, may_write: Callable[[], None]) -> None:
        self._kube = kube
        self._may_write = may_write

    async def carry_out(self, namespace: str, plan: Plan) -> Outcome:
        """Make the writes, as far as the cluster answers: what is left then is for the next pass.

        Never raises an OperatorError: what was written before one is told beside it.
        """
        done = _Done()
        try:
            await self._in_order(namespace, plan, done)
        except OperatorError as error:
            return done.outcome(error)
        return done.outcome()

    async def _in_order(self, namespace: str, plan: Plan, done: _Done) -> None:
        """The live switch first, then what else pods mount, then the Deployments, then the deletions."""
        pods = [child for child, _ in plan.apply if child.key[1] == DEPLOYMENT.kind]
        live = [child for child, _ in plan.apply if child.role == Role.LIVE]
        mounted = [child for child, _ in plan.apply if child.key[1] != DEPLOYMENT.kind and child not in live]
        await self._all(done, done.refused, live)
        if not done.refused:
            done.untold = await self._tell(namespace, plan.telling)
        await self._all(done, done.refused, mounted, plan.create)
        await self._unroll(namespace, plan)
        await self._all(done, done.refused, pods)
        for key, uid in plan.delete:
            await self._delete(namespace, key, uid, done)
        # Last of all, and in whatever trouble: nothing waits for a storage.
        await self._all(done, done.ungrown, plan.grow, told=(ActionNeededError, RetryError))

    async def _all(
        self,
        done: _Done,
        refused: list[Refusal],
        applied: Iterable[Child],
        made: Iterable[Child] = (),
        told: tuple[type[OperatorError], ...] = (ActionNeededError,),
    ) -> None:
        """Make the writes and wait for all: none of a pass that breaks off may arrive after those of the next."""
        writes = [*((child, self._kube.create) for child in made), *((child, self._kube.apply) for child in applied)]
        results = await asyncio.gather(*(self._write(done, *write, told) for write in writes), return_exceptions=True)
        done.written.extend(child for (child, _), result in zip(writes, results, strict=True) if result is None)
        refused.extend(result for result in results if isinstance(result, Refusal))
        errors = [result for result in results if isinstance(result, BaseException)]
        if errors:  # one that must end more than the writes goes before passing trouble
            raise min(errors, key=lambda error: isinstance(error, RetryError))

    async def _tell(self, namespace: str, told: Telling) -> int:
        """Annotate running pods, so that the kubelet looks at the live ConfigMap at once. Pods that are gone need no word.

        A failure is logged and counted, and no more: without the annotation the change takes effect about a minute later.
        """
        slots = asyncio.Semaphore(_PODS_AT_ONCE)

        async def annotate(pod: PodView) -> None:
            async with slots:
                self._may_write()
                await self._kube.annotate(POD, namespace, pod.name, uid=pod.uid, annotations={LIVE_HASH: told.hash})

        results = await asyncio.gather(*(annotate(pod) for pod in told.pods), return_exceptions=True)
        errors = [result for result in results if isinstance(result, BaseException)]
        for error in errors:
            if not isinstance(error, ActionNeededError | RetryError):
                raise error
            logger().warning("a pod could not be told of its live settings", error=str(error))
        return len(errors)

    async def _unroll(self, namespace: str, plan: Plan) -> None:
        """Take away what keeps an apply from having Deployments recreated. A refusal is told by that apply, which is refused, too."""
        for key, uid in plan.unroll:
            self._may_write()
            with contextlib.suppress(ActionNeededError):
                await self._kube.patch(DEPLOYMENT, namespace, key[2], uid=uid, change=_RECREATE)

    async def _write(
        self,
        done: _Done,
        child: Child,
        how: Callable[[Object], Awaitable[object]],
        told: tuple[type[OperatorError], ...],
    ) -> Refusal | None:
        async with done.slots:
            self._may_write()
            try:
                await how(child.body)
            except told as error:
                return Refusal(child, str(error))
            except RetryError as error:
                raise _named(child.key, error) from None
            return None

    async def _delete(self, namespace: str, key: ChildKey, uid: str, done: _Done) -> None:
        self._may_write()
        try:
            await self._kube.delete(KINDS[key[0], key[1]], namespace, key[2], uid=uid)
        except ActionNeededError as error:
            done.undeleted.append(Undeleted(key, str(error)))
        except RetryError as error:
            raise _named(key, error) from None
        else:
            done.deleted.append(key)


def _named(key: ChildKey, error: RetryError) -> RetryError:
    return RetryError(f"{key[1]} {key[2]}: {error}", after=error.after)
