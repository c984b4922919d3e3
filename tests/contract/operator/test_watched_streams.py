"""Every piece of a watch is noticed, a bookmark as well: by that the operator knows that its watches live."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from aiohttp import web
from frametrace_operator.connection import _session
from kopf._cogs.clients.api import iter_jsonlines
from kubernetes.aio.client import Configuration

ASKED = web.AppKey("asked", list[float])
LINES = [{"type": "ADDED", "object": {}}, {"type": "BOOKMARK", "object": {}}, {"type": "BOOKMARK", "object": {}}]


async def _watch(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for line in LINES:
        await response.write(json.dumps(line).encode() + b"\n")
    return response


def _no_list(path: str, _page: Any, _first: Any) -> None:
    raise AssertionError(path)


@pytest.mark.contract
async def test_each_piece_of_a_stream_is_noticed() -> None:
    app = web.Application()
    app.router.add_get("/watch", _watch)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    noticed: list[str] = []
    settings = Configuration()
    settings.host = site.name

    session = await _session(settings, noticed.append, _no_list)
    async with session, session.get(f"{site.name}/watch") as response:
        received = [json.loads(line) async for line in iter_jsonlines(response.content)]

    await runner.cleanup()
    assert received == LINES
    assert set(noticed) == {"/watch"}
    assert len(noticed) > 1, "its beginning is one sign of life, and each piece another"


async def _busy_once(request: web.Request) -> web.Response:
    asked: list[float] = request.app[ASKED]
    asked.append(time.monotonic())
    return web.Response(status=429, headers={"Retry-After": "1"}) if len(asked) == 1 else web.Response()


@pytest.mark.contract
async def test_who_was_told_to_ask_later_does_so_even_when_asked_to_hurry() -> None:
    app = web.Application()
    app[ASKED] = []
    app.router.add_get("/k8s/api/v1/pods", _busy_once)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    noticed: list[str] = []
    settings = Configuration()
    settings.host = f"{site.name}/k8s"

    session = await _session(settings, noticed.append, _no_list)
    async with session:
        statuses = [(await session.get(f"{settings.host}/api/v1/pods")).status for _ in range(2)]

    await runner.cleanup()
    assert statuses == [429, 200]
    assert app[ASKED][1] - app[ASKED][0] >= 1.0
    assert set(noticed) == {"/api/v1/pods"}, "by the path, as kopf has it, without the server's own"


async def _page(request: web.Request) -> web.Response:
    more = "" if "continue" in request.query else "2"
    found = [{"metadata": {"name": more or "last"}}]
    return web.json_response({"metadata": {"resourceVersion": "7", "continue": more}, "items": found})


@pytest.mark.contract
async def test_lists_are_taken_page_by_page_and_kopf_gets_only_their_version() -> None:
    app = web.Application()
    app.router.add_get("/k8s/api/v1/pods", _page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    settings = Configuration()
    settings.host = f"{site.name}/k8s"
    taken: list[tuple[str, list[str], bool]] = []

    def take(path: str, page: Any, first: Any) -> None:
        taken.append((path, [body["metadata"]["name"] for body in page["items"]], first))

    async with await _session(settings, lambda _path: None, take) as session:
        pages = [await (await session.get(f"{settings.host}/api/v1/pods{part}")).json() for part in ("", "?continue=2")]

    await runner.cleanup()
    assert taken == [("/api/v1/pods", ["2"], True), ("/api/v1/pods", ["last"], False)]
    assert pages == [{"metadata": {"resourceVersion": "7", "continue": more}, "items": []} for more in ("2", "")]
