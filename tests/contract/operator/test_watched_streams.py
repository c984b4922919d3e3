"""Every piece of a watch is noticed, a bookmark as well: by that the operator knows that its watches live."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from frametrace_operator.connection import _session
from kopf._cogs.clients.api import iter_jsonlines
from kubernetes.aio.client import Configuration

LINES = [{"type": "ADDED", "object": {}}, {"type": "BOOKMARK", "object": {}}, {"type": "BOOKMARK", "object": {}}]


async def _watch(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for line in LINES:
        await response.write(json.dumps(line).encode() + b"\n")
    return response


@pytest.mark.contract
async def test_each_piece_of_a_stream_is_noticed() -> None:
    app = web.Application()
    app.router.add_get("/watch", _watch)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    noticed: list[int] = []

    session = await _session(Configuration(), lambda: noticed.append(1))
    async with session, session.get(f"{site.name}/watch") as response:
        received = [json.loads(line) async for line in iter_jsonlines(response.content)]

    await runner.cleanup()
    assert received == LINES
    assert noticed
