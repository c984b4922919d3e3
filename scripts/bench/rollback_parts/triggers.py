"""What makes a rollback necessary, really: a person's word, lost spans, a dead Jaeger, handlers that trace too much."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from frame_tracking import Ledger
from frametrace_api.group import GROUP
from frametrace_api.status_tracing import RollbackTrigger
from frametrace_operator.kube.kinds import POD

from scripts.bench.rollback_parts.backend import backend
from scripts.bench.rollback_parts.costly_image import costly_image
from scripts.bench.rollback_parts.run import spec

if TYPE_CHECKING:
    from pathlib import Path

    from scripts.bench.rollback_parts.place import Place

__all__ = ["TRIGGERS", "Case"]

_LOST = 0.2
_COSTLY_AFTER = 45
_COSTLY_SPANS = 3000


@dataclass(frozen=True, slots=True)
class Case:
    """A pipeline, and what makes its rollback necessary: it returns when it did, in seconds since 1970."""

    trigger: RollbackTrigger
    spec: dict[str, Any]
    begin: Callable[[], Awaitable[float]]


Maker = Callable[["Place", str, "Path"], AbstractAsyncContextManager[Case]]


@asynccontextmanager
async def requested(here: Place, name: str, _folder: Path) -> AsyncIterator[Case]:
    """A person asks."""
    yield Case(RollbackTrigger.REQUESTED, spec(), lambda: here.annotate(name))


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
async def overhead(here: Place, name: str, _folder: Path) -> AsyncIterator[Case]:
    """A stage's handler begins to open thousands of spans a frame."""
    values = {"COSTLY_AFTER": _COSTLY_AFTER, "COSTLY_SPANS": _COSTLY_SPANS}
    env = [{"name": key, "value": str(value)} for key, value in values.items()]
    image = await asyncio.to_thread(costly_image)
    stage = {"name": "motion", "image": image, "handler": "costly:Costly", "env": env}

    async def begin() -> float:
        moment = await _started(here, name) + _COSTLY_AFTER
        await asyncio.sleep(max(0.0, moment - time.time()))
        return moment

    yield Case(RollbackTrigger.OVERHEAD, spec(stages=[stage]), begin)


TRIGGERS: dict[RollbackTrigger, Maker] = {
    RollbackTrigger.REQUESTED: requested,
    RollbackTrigger.TRACES_MISSING: missing,
    RollbackTrigger.BACKEND_UNSTABLE: unstable,
    RollbackTrigger.OVERHEAD: overhead,
}


async def _started(here: Place, name: str) -> float:
    """When the stage's process began."""
    labels = {f"{GROUP}/pipeline": name, f"{GROUP}/role": "stage"}
    [pod] = await here.kube.find(POD, here.name, labels)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{pod['status']['podIP']}:8080/ledger") as answer,
    ):
        return Ledger.model_validate_json(await answer.read()).started
