"""Loops: all that runs while this replica leads, put together. kopf watches; our workers do the rest."""

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import kopf

from frametrace_operator import connection
from frametrace_operator.act import Actor
from frametrace_operator.client_sessions import session_to_jaegers, session_to_pods
from frametrace_operator.events import Recorder
from frametrace_operator.fleet import Fleet
from frametrace_operator.guard.acting.purger import Purger
from frametrace_operator.guard.jaeger.real import HttpJaegers
from frametrace_operator.guard.measuring.watch import Watch
from frametrace_operator.guarding import Guarding
from frametrace_operator.handlers import register, watch_paths, watch_settings
from frametrace_operator.health import Health
from frametrace_operator.hooks.names import Names
from frametrace_operator.hooks.real import HttpHooks
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.base import Kube
from frametrace_operator.kube.kinds import CHILD_KINDS, PIPELINE, POD, POD_MONITOR, Kind
from frametrace_operator.kube.lists import Lists
from frametrace_operator.kube.store import Store
from frametrace_operator.kube.watched import WatchedKube
from frametrace_operator.logs import logger
from frametrace_operator.metrics import Metrics
from frametrace_operator.observe import Observer
from frametrace_operator.parts import Parts
from frametrace_operator.pods.book import Book
from frametrace_operator.pods.real import HttpLedgers
from frametrace_operator.reconcile import Reconciler
from frametrace_operator.report import Reporter
from frametrace_operator.rewrites import Rewrites
from frametrace_operator.served_kinds import ServedKinds
from frametrace_operator.settings import Settings, platform_of
from frametrace_operator.watches import watch
from frametrace_operator.workers import poll_ledgers, resync, work
from frametrace_operator.workqueue import WorkQueue

__all__ = ["Leader"]

_DRAIN_SECONDS: Final = 3.0


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
        """Look after all pipelines until told to stop, or a loop breaks. Passes under way are finished."""
        self.metrics.leading.set(1)
        served = ServedKinds(self.kube, self.stop)
        await served.wait_for_definition()
        has_pod_monitors = await served.has(POD_MONITOR)
        kinds: list[Kind] = [kind for kind in (*CHILD_KINDS, POD) if has_pod_monitors or kind != POD_MONITOR]
        paths = watch_paths((PIPELINE, *kinds), self.settings.watch_namespaces)
        queue: WorkQueue[PipelineKey] = WorkQueue()
        self.health.lead(paths, queue.stuck)
        fleet, store = Fleet(self.metrics.pipelines), Store()
        lists = Lists(store, paths, lambda key, after: queue.add(key, after=after))
        kube = WatchedKube(self.kube, store, (PIPELINE, *kinds), lambda key: queue.add(key, first=True))
        self.metrics.watch(queue.ready, self.health)
        names = Names()
        async with session_to_pods(names) as to_pods, session_to_jaegers(names) as to_jaegers:
            book: Book[PipelineKey] = Book(HttpLedgers(to_pods), time.time, heard=self.health.heard)
            purger = Purger(kube, HttpHooks(names=names), queue.add)
            measuring: Watch[PipelineKey] = Watch(
                HttpLedgers(to_pods),
                HttpJaegers(to_jaegers),
                lambda key: queue.add(key) if guarding.is_news(key) else None,
                alive=self.health,
            )
            self.metrics.by_pipeline.watch(measuring.evidence)
            guarding = Guarding(measuring, purger)
            reconciler = self._reconciler(kube, book, fleet, guarding, has_pod_monitors=has_pod_monitors)
            loops = [work(queue, reconciler, self.metrics, _now, lists.whole) for _ in range(self.settings.workers)]
            loops.append(resync(queue, fleet, self.settings.resync_seconds))
            loops.append(poll_ledgers(queue, book, self.metrics, self.settings.poll_seconds, self.health.made_pass))
            loops.append(measuring.run())
            if not has_pod_monitors:
                loops.append(served.stop_once_there(POD_MONITOR, self.settings.resync_seconds))
            loops.append(self._watch(queue, store, lists, kinds))
            try:
                await self._until_stopped(queue, [asyncio.ensure_future(loop) for loop in loops])
            finally:
                await purger.close()

    def _reconciler(
        self, kube: Kube, book: Book[PipelineKey], fleet: Fleet, guarding: Guarding, *, has_pod_monitors: bool
    ) -> Reconciler:
        platform = replace(platform_of(self.settings), has_pod_monitors=has_pod_monitors)
        observer = Observer(kube, book, _now)
        recorder = Recorder(kube, self.settings.pod_name)
        actor, reporter = Actor(kube, self.may_write), Reporter(kube, recorder, self.may_write)
        parts = Parts(observer, actor, reporter, Rewrites(), guarding)
        return Reconciler(kube, lambda: platform, book, fleet, parts, self.metrics, shard=self.settings.shard)

    async def _watch(self, queue: WorkQueue[PipelineKey], store: Store, lists: Lists, children: list[Kind]) -> None:
        registry = kopf.OperatorRegistry()
        connection.login(registry, self.health.saw_watch, lambda path, page, first: lists.take(path, page, first=first))
        register(
            registry,
            children,
            store,
            lambda key, after, first: queue.add(key, after=after, first=first),
            lambda kind: self.metrics.watch_events.labels(kind).inc(),
        )
        settings = watch_settings(children, self.settings.shard, self.settings.watch_silence_seconds)
        await watch(registry, settings, self.settings.watch_namespaces, self._take_signals_back)

    def _take_signals_back(self) -> None:
        """Let signals stop us, not kopf, which took them with its last step of spawning: its end would look like a fault."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)

    async def _until_stopped(self, queue: WorkQueue[PipelineKey], loops: list[asyncio.Future[Any]]) -> None:
        """Wait for the first loop that ends, and raise what it raised; or for the word to stop."""
        stopped: asyncio.Future[Any] = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({stopped, *loops}, return_when=asyncio.FIRST_COMPLETED)
            for loop in loops:
                if loop.done():
                    loop.result()
            if not stopped.done():
                raise RuntimeError("a loop that never ends has ended")
            await _drain(queue)
        finally:
            for task in (stopped, *loops):
                task.cancel()
            await asyncio.gather(stopped, *loops, return_exceptions=True)


async def _drain(queue: WorkQueue[PipelineKey]) -> None:
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await queue.drain()
    except TimeoutError:
        logger().warning("passes were broken off; the next leader makes them again")
