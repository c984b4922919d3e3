"""Loops: all that runs while this replica leads, put together. kopf watches; our workers do the rest."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiohttp
import kopf

from frametrace_operator import connection
from frametrace_operator.act import Actor
from frametrace_operator.events import Recorder
from frametrace_operator.fleet import Fleet
from frametrace_operator.handlers import register, watch_settings
from frametrace_operator.health import Health
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube
from frametrace_operator.kube.kinds import CHILD_KINDS, PIPELINE, POD, POD_MONITOR, Kind
from frametrace_operator.logs import logger
from frametrace_operator.metrics import Metrics
from frametrace_operator.observe import Observer
from frametrace_operator.platform import Platform
from frametrace_operator.pods.book import Book
from frametrace_operator.pods.real import HttpLedgers
from frametrace_operator.reconcile import Reconciler
from frametrace_operator.report import Reporter
from frametrace_operator.settings import Settings
from frametrace_operator.workers import poll_ledgers, resync, work
from frametrace_operator.workqueue import WorkQueue

__all__ = ["Leader"]

_CRD_EVERY = 2.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Leader:
    """What a leading replica does. `may_write` fences every write."""

    settings: Settings
    kube: Kube
    metrics: Metrics
    health: Health
    may_write: Callable[[], None]
    stop: asyncio.Event

    async def run(self) -> None:
        """Look after all pipelines until kopf ends, which it does on a signal, or a loop breaks."""
        self.health.lead()
        self.metrics.leading.set(1)
        await self._wait_for_definition()
        has_pod_monitors = await self.kube.serves(POD_MONITOR)
        queue: WorkQueue[PipelineKey] = WorkQueue()
        fleet = Fleet(self.metrics.pipelines)
        self.metrics.watch(queue_depth=queue.ready, loop_lag=lambda: self.health.lag)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=0)) as session:
            book: Book[PipelineKey] = Book(HttpLedgers(session), time.time)
            reconciler = self._reconciler(book, fleet, has_pod_monitors=has_pod_monitors)
            loops = [work(queue, reconciler, self.metrics, _now) for _ in range(self.settings.workers)]
            loops.append(resync(queue, fleet, self.settings.resync_seconds))
            loops.append(poll_ledgers(queue, book, self.metrics, self.settings.poll_seconds, self.health.made_pass))
            loops.append(self._watch(queue, has_pod_monitors=has_pod_monitors))
            await _until_one_ends([asyncio.ensure_future(loop) for loop in loops])

    async def _wait_for_definition(self) -> None:
        while not await self.kube.serves(PIPELINE):
            logger().warning("the cluster does not know CameraPipelines yet; install the chart's CRD")
            self.health.saw_watch()
            self.health.made_pass()
            await asyncio.sleep(_CRD_EVERY)

    def _reconciler(self, book: Book[PipelineKey], fleet: Fleet, *, has_pod_monitors: bool) -> Reconciler:
        platform = replace(platform_of(self.settings), has_pod_monitors=has_pod_monitors)
        observer = Observer(self.kube, book, _now)
        recorder = Recorder(self.kube, self.settings.pod_name)
        parts = (observer, Actor(self.kube, self.may_write), Reporter(self.kube, recorder, self.may_write))
        return Reconciler(self.kube, lambda: platform, book, fleet, parts, self.metrics)

    async def _watch(self, queue: WorkQueue[PipelineKey], *, has_pod_monitors: bool) -> None:
        children: list[Kind] = [kind for kind in (*CHILD_KINDS, POD) if has_pod_monitors or kind != POD_MONITOR]
        registry = kopf.OperatorRegistry()
        connection.login(registry, lambda _path: self.health.saw_watch())
        register(
            registry,
            children,
            lambda key, after: queue.add(key, after=after),
            lambda kind: self.metrics.watch_events.labels(kind).inc(),
        )
        namespaces = self.settings.watch_namespaces
        await kopf.operator(
            registry=registry,
            settings=watch_settings(children),
            clusterwide=not namespaces,
            namespaces=namespaces,
            stop_flag=self.stop,
        )


def platform_of(settings: Settings) -> Platform:
    """What the operator's settings give to every pipeline."""
    return Platform(
        runtime_image=settings.runtime_image,
        redis_image=settings.redis_image,
        jaeger_image=settings.jaeger_image,
        operator_namespace=settings.namespace,
        camera_networks_allow=settings.camera_networks_allow,
        camera_networks_deny=settings.camera_networks_deny,
        image_pull_secrets=settings.image_pull_secrets,
    )


async def _until_one_ends(tasks: list[asyncio.Future[None]]) -> None:
    """Wait for the first loop that ends, end the others, and raise what it raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
