"""HTTP servers that say what a test wants, and the guard's Jaegers to ask them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.jaeger.real import HttpJaegers

__all__ = ["LOOPBACK", "MOST_BYTES", "SECRET", "Handler", "Serve", "ports", "serving"]

LOOPBACK = ("127.0.0.0/8",)
MOST_BYTES = 10_000
SECRET = "c4nary"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[..., Awaitable[tuple[HttpJaegers, JaegerAt]]]


@asynccontextmanager
async def ports(path: str) -> AsyncIterator[Callable[[Handler], Awaitable[int]]]:
    """Give what serves a handler at that path on a port of its own, and returns the port; until the end."""
    runners: list[web.AppRunner] = []

    async def serve(handler: Handler) -> int:
        app = web.Application()
        app.router.add_get(path, handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    yield serve
    for runner in runners:
        await runner.cleanup()


@asynccontextmanager
async def serving(session: aiohttp.ClientSession) -> AsyncIterator[Serve]:
    """Give what serves a handler as a Jaeger, until the end."""
    async with ports("/{path:.*}") as port_of:

        async def serve(handler: Handler, **named: Any) -> tuple[HttpJaegers, JaegerAt]:
            url = f"http://user:{SECRET}@127.0.0.1:{await port_of(handler)}/jaeger/"
            jaegers = HttpJaegers(session, seconds=2.0, most_bytes=MOST_BYTES, allow=LOOPBACK, **named)
            return jaegers, JaegerAt(url, {"x-token": SECRET}, url + "metrics")

        yield serve
