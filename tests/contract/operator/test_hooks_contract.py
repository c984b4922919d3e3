"""Webhooks over real HTTP: what is sent, what counts as a yes, and what a hostile URL or server gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from frametrace_operator.hooks.base import HookError
from frametrace_operator.hooks.real import HttpHooks

CANARY = "canary-s3cret"
HERE = ("127.0.0.0/8",)


class Server:
    """An owner's webhook on loopback."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.requests.append((request.method, request.path, dict(request.headers), body))
        if request.path == "/slow":
            await asyncio.sleep(5)
        if request.path == "/away":
            raise web.HTTPTemporaryRedirect("/other")
        return web.Response(status=int(request.path.strip("/") or 204))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server, app = Server(), web.Application()
    app.router.add_route("*", "/{tail:.*}", server.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{port}"
    yield server
    await runner.cleanup()


async def post(url: str, *, token: str | None = CANARY, allow: tuple[str, ...] = HERE, seconds: float = 5.0) -> str:
    """Call; the refusal's words, empty for a yes."""
    told = ""
    try:
        await HttpHooks(allow, seconds=seconds).post(url, {"pipeline": "yard"}, token=token, name="one")
    except HookError as error:
        told = str(error)
    assert CANARY not in told
    assert "\n" not in told
    return told


async def test_it_is_told_who_asks_and_for_what(server: Server) -> None:
    assert await post(server.url) == ""
    [(method, _, headers, body)] = server.requests
    assert (method, body) == ("POST", {"pipeline": "yard"})
    assert headers["Authorization"] == f"Bearer {CANARY}"
    assert (headers["Idempotency-Key"], headers["Content-Type"]) == ("one", "application/json")


async def test_without_a_secret_no_token_is_sent(server: Server) -> None:
    assert await post(server.url, token=None) == ""
    assert "Authorization" not in server.requests[0][2]


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
async def test_only_2xx_is_a_yes(server: Server, status: int) -> None:
    assert f"answered {status}" in await post(f"{server.url}/{status}")


async def test_a_redirect_is_not_followed(server: Server) -> None:
    assert "redirects are not followed" in await post(f"{server.url}/away")
    assert [request[1] for request in server.requests] == ["/away"]


async def test_an_answer_that_does_not_come_is_not_waited_for(server: Server) -> None:
    assert "no answer in 0.3 s" in await post(f"{server.url}/slow", seconds=0.3)


async def test_nobody_there() -> None:
    assert "cannot be called" in await post("http://127.0.0.1:9/")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "0x7f.1", "2130706433", "127.1", "[::ffff:127.0.0.1]"]
)
async def test_this_machine_is_never_called_however_it_is_written(server: Server, host: str) -> None:
    port = server.url.rpartition(":")[2]
    assert "cannot be called" in await post(f"http://{host}:{port}/", allow=())
    assert not server.requests


async def test_a_refusal_says_why(server: Server) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert "loopback, which is refused" in await post(server.url.replace("127.0.0.1", host), allow=())


async def test_metadata_is_never_called() -> None:
    assert "link-local" in await post("http://169.254.169.254/latest/meta-data", allow=())


@pytest.mark.parametrize("token", [f"{CANARY}\r\nX-Other: 1", f"{CANARY}\u00e9", "  ", f"a\x00{CANARY}"])
async def test_a_token_that_is_none_is_not_sent(server: Server, token: str) -> None:
    assert "no bearer token" in await post(server.url, token=token)
    assert not server.requests


async def test_what_is_secret_in_a_url_is_not_told(server: Server) -> None:
    told = await post(f"{server.url}/500?key={CANARY}")
    assert told.endswith("answered 500")
