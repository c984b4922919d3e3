"""Reconcile: has a pass made over one pipeline, and says what comes next. Errors get their meaning here, and only here.

Must not know what a pass does (see `passes`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from frametrace_operator.errors import ActionNeededError, GoneError, RetryError, WaitingError
from frametrace_operator.fleet import Fleet
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.logs import logger
from frametrace_operator.metrics import Metrics
from frametrace_operator.next_look import SOON
from frametrace_operator.observe import read_status
from frametrace_operator.parts import Parts
from frametrace_operator.passes import Passed, Passes
from frametrace_operator.platform import Platform
from frametrace_operator.pods.book import Book
from frametrace_operator.shard import belongs
from frametrace_operator.transitions import retrying_status

__all__ = ["Reconciler", "Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """How a pass ended: look again after so many seconds, None for whenever something happens."""

    look_again: float | None = None
    failed: bool = False


class Reconciler:
    """Has passes made. It has no state of its own but through its parts."""

    def __init__(
        self,
        kube: Kube,
        platform: Callable[[], Platform],
        book: Book[PipelineKey],
        fleet: Fleet,
        parts: Parts,
        metrics: Metrics,
        *,
        shard: str = "",
    ) -> None:
        self._passes = Passes(kube, platform, book, fleet, parts, metrics, shard=shard)
        self._kube = kube
        self._reporter = parts.reporter
        self._retries = parts.retries
        self._metrics = metrics
        self._shard = shard

    async def reconcile(self, key: PipelineKey, now: datetime) -> Result:
        """Make one pass. Whatever the cluster answers, the result says what comes next."""
        try:
            passed = await self._passes.make(key, now)
        except GoneError:
            passed = Passed(look_again=SOON)
        except WaitingError as wait:
            logger().info("waiting", why=str(wait))
            passed = Passed(look_again=wait.check_after)
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
        if passed.trouble is not None:
            return self._failed(passed.trouble)
        self._retries.forget(key)
        self._metrics.reconciles.labels("ok").inc()
        return Result(passed.look_again)

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
