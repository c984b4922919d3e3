"""Workers: take keys from the queue and have them reconciled, and the loops that put keys there from time to time.

Must not know what a pass does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import structlog

from frametrace_operator.fleet import Fleet
from frametrace_operator.keys import PipelineKey
from frametrace_operator.logs import logger
from frametrace_operator.metrics import Metrics
from frametrace_operator.pods.book import Book
from frametrace_operator.reconcile import Reconciler
from frametrace_operator.workqueue import WorkQueue

__all__ = ["poll_ledgers", "resync", "work"]

_RESYNCED_A_SECOND: Final = 5.0
"""Pipelines that are looked at once more though nothing happened."""


async def work(
    queue: WorkQueue[PipelineKey],
    reconciler: Reconciler,
    metrics: Metrics,
    now: Callable[[], datetime],
    known: Callable[[], Awaitable[None]],
) -> None:
    """Handle one key after the other, for ever, once it is known what there is."""
    await known()
    while True:
        key = await queue.get()
        with (
            structlog.contextvars.bound_contextvars(namespace=key.namespace, pipeline=key.name),
            metrics.seconds.time(),
        ):
            await _handle(key, queue, reconciler, metrics, now)


async def _handle(
    key: PipelineKey,
    queue: WorkQueue[PipelineKey],
    reconciler: Reconciler,
    metrics: Metrics,
    now: Callable[[], datetime],
) -> None:
    try:
        result = await reconciler.reconcile(key, now())
    except Exception:  # noqa: BLE001 (a fault of the operator's own must not stop the other pipelines)
        metrics.reconciles.labels("fault").inc()
        logger().exception("a pass broke off")
        queue.failed(key)
        return
    if result.failed:
        queue.failed(key, after=result.look_again)
        return
    queue.done(key)
    if result.look_again is not None:
        queue.add(key, after=result.look_again)


async def resync(queue: WorkQueue[PipelineKey], fleet: Fleet, seconds: float) -> None:
    """Put one known pipeline after the other on the queue, each once in so many seconds, for ever.

    In a large fleet it takes longer until each has had its turn: such passes find something only where no watch tells of it, and
    each takes some 10 ms.
    """
    while True:
        keys = fleet.pipelines()
        if not keys:
            await asyncio.sleep(seconds)
        for key in keys:
            if key in fleet:
                await asyncio.sleep(max(seconds / len(fleet), 1 / _RESYNCED_A_SECOND))
                queue.add(key)


async def poll_ledgers(
    queue: WorkQueue[PipelineKey], book: Book[PipelineKey], metrics: Metrics, seconds: float, beat: Callable[[], None]
) -> None:
    """Read all pods' ledgers every few seconds, and have those pipelines looked at whose flow changed, for ever."""
    while True:
        with metrics.ledger_pass_seconds.time():
            for key in await book.refresh(beat):
                queue.add(key)
        beat()
        await asyncio.sleep(seconds)
