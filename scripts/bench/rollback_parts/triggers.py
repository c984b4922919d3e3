"""What makes a rollback necessary, really: a person's word, lost spans, a dead Jaeger, handlers that trace too much."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web
from frametrace_api.status_tracing import RollbackTrigger

from scripts.bench.rollback_parts.backend import backend, served_on_bridge
from scripts.bench.rollback_parts.costly_image import costly_image
from scripts.bench.rollback_parts.run import ONLY_BY_HAND, spec
from scripts.cluster.pins import BRIDGE_ADDRESS

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.bench.rollback_parts.place import Place

__all__ = ["TRIGGERS", "Case"]

_LOST = 0.2
_SPANS = 120  # dear, and no more than the pods' buffers and Jaeger take


@dataclass(frozen=True, slots=True)
class Case:
    """A pipeline, and what makes its rollback necessary: it returns when it did, in seconds since 1970."""

    trigger: RollbackTrigger
    spec: dict[str, Any]
    begin: Callable[[], Awaitable[float]]


Maker = Callable[["Place", str, "Path"], AbstractAsyncContextManager[Case]]


@asynccontextmanager
async def requested(here: Place, name: str, _folder: Path) -> AsyncIterator[Case]:
    """A person asks. Jaeger is the managed one, which is cleared then."""
    yield Case(RollbackTrigger.REQUESTED, spec(tracing=ONLY_BY_HAND), lambda: here.annotate(name))


@asynccontextmanager
async def missing(_here: Place, _name: str, folder: Path) -> AsyncIterator[Case]:
    """A proxy between the pods and Jaeger acknowledges spans and loses a fifth of the traces."""
    async with backend(folder) as jaeger:

        async def begin() -> float:
            jaeger.share = _LOST
            return await jaeger.lost

        yield Case(RollbackTrigger.TRACES_MISSING, spec(tracing={"backend": jaeger.spec}), begin)


@asynccontextmanager
async def unstable(_here: Place, _name: str, folder: Path) -> AsyncIterator[Case]:
    """Jaeger dies and stays away."""
    async with backend(folder) as jaeger:

        async def begin() -> float:
            return await asyncio.to_thread(jaeger.stop)

        yield Case(RollbackTrigger.BACKEND_UNSTABLE, spec(tracing={"backend": jaeger.spec}), begin)


@asynccontextmanager
async def overhead(_here: Place, _name: str, folder: Path) -> AsyncIterator[Case]:
    """A stage's handler begins to open hundreds of spans a frame."""
    image = await asyncio.to_thread(costly_image)
    spans, asked = 0, asyncio.Event()

    async def answer(_request: web.Request) -> web.Response:
        if spans:
            asked.set()
        return web.Response(text=str(spans))

    async def begin() -> float:
        nonlocal spans
        spans = _SPANS
        await asked.wait()
        return time.time()

    async with served_on_bridge(answer) as port, backend(folder) as jaeger:
        env = [{"name": "COSTLY_URL", "value": f"http://{BRIDGE_ADDRESS}:{port}/"}]
        stage = {"name": "motion", "image": image, "handler": "costly:Costly", "env": env}
        yield Case(RollbackTrigger.OVERHEAD, spec(stages=[stage], tracing={"backend": jaeger.spec}), begin)


TRIGGERS: dict[RollbackTrigger, Maker] = {
    RollbackTrigger.REQUESTED: requested,
    RollbackTrigger.TRACES_MISSING: missing,
    RollbackTrigger.BACKEND_UNSTABLE: unstable,
    RollbackTrigger.OVERHEAD: overhead,
}
