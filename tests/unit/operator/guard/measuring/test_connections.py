"""Connections to Jaegers: the calls of one look share them, and none is kept that another window would have to wait for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.jaeger.real import KEPT_SECONDS, HttpJaegers, kept_connections


class Server:
    """Says of each trace that it has none, and remembers who asked over which connection, and how."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((id(request.transport), request.headers.get("Connection", "")))
        return web.json_response({"data": []})

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/{any:.*}", self.answer)])
        return app


@pytest.fixture
async def served() -> AsyncIterator[Any]:
    server = Server()
    runner = web.AppRunner(server.app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    connector = kept_connections()
    async with aiohttp.ClientSession(connector=connector) as session:
        at = JaegerAt(f"http://127.0.0.1:{runner.addresses[0][1]}")
        yield server, at, HttpJaegers(session, allow=("127.0.0.0/8",)), connector
    await runner.cleanup()


async def test_the_calls_of_one_look_share_one_connection(served: Any) -> None:
    server, at, jaegers, connector = served

    await jaegers.journeys(at, [f"{number:032x}" for number in range(1, 401)])

    assert len(server.asked) == 8
    assert len({connection for connection, _ in server.asked}) == 1
    assert sum(map(len, connector._conns.values())) == 1


async def test_a_probe_leaves_no_connection_behind(served: Any) -> None:
    server, at, jaegers, connector = served

    await jaegers.probe(at)

    assert [how for _, how in server.asked] == ["close"]
    assert sum(map(len, connector._conns.values())) == 0


def test_connections_are_kept_for_less_than_the_shortest_window() -> None:
    """A thousand Jaegers are looked at every 30 s: connections kept that long would all be open at once."""
    assert KEPT_SECONDS < 5
