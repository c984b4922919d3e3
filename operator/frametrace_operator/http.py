"""The operator's own HTTP endpoints: /healthz, /readyz and /metrics. Must not know what is looked at for them."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from frametrace_operator.health import Health

__all__ = ["serve"]

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


async def serve(port: int, health: Health, metrics: Callable[[], Callable[[], bytes]]) -> web.AppRunner:
    """Answer on this port until the runner is cleaned up.

    `metrics` reads all values, quickly; what it returns writes them as text, and does so beside the loop: those of a thousand
    pipelines take a quarter of a second.
    """

    async def healthz(_request: web.Request) -> web.Response:
        return _answer(health.problems())

    async def readyz(_request: web.Request) -> web.Response:
        return _answer([] if health.started else ["starting"])

    async def show(_request: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(metrics()), headers={"Content-Type": _PROMETHEUS})

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", show)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, None, port).start()
    return runner


def _answer(problems: list[str]) -> web.Response:
    return web.json_response({"problems": problems}, status=503 if problems else 200)
