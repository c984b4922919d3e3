"""An HTTP proxy on loopback before an API server: writes down what is asked, and can refuse, or hold an answer back.

It speaks plain HTTP to its client and the cluster's own TLS, with the given client's credentials, to the API server.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from kubernetes.aio.client import ApiClient
from multidict import CIMultiDict

__all__ = ["ApiProxy", "Asked", "Gate", "proxy_to"]

_HOP_BY_HOP = {"host", "connection", "transfer-encoding", "content-length", "content-encoding", "accept-encoding"}
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when (monotonic), what, and the status of the answer (0 while there is none)."""

    at: float
    method: str
    path: str
    query: str
    status: int = 0

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.method in _WRITES

    @property
    def watches(self) -> bool:
        """Whether it is a watch."""
        return "watch=true" in self.query


@dataclass
class Gate:
    """A place where the first fitting request stops for ever: before it reaches the API server, or before its answer does."""

    fits: Callable[[Asked], bool]
    after: bool
    reached: asyncio.Event = field(default_factory=asyncio.Event)


class ApiProxy:
    """What the client asked, in `asked`; `refuse` may answer in the API server's place, and nothing passes unless `open`."""

    def __init__(self, client: ApiClient, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session
        self.asked: list[Asked] = []
        self.refuse: Callable[[Asked], web.Response | None] = lambda _asked: None
        self.gate: Gate | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.port = 0

    @property
    def url(self) -> str:
        """The address for a client."""
        return f"http://127.0.0.1:{self.port}"

    def writes(self) -> list[Asked]:
        """All writes but those of Leases and Events, in order."""
        return [one for one in self.asked if one.is_write and "/leases" not in one.path and "/events" not in one.path]

    def stop_at(self, fits: Callable[[Asked], bool], *, after: bool) -> Gate:
        """Stop the first request that fits; `reached` is set when it stands there."""
        self.gate = Gate(fits, after)
        return self.gate

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Pass one request on, and its answer back, piece by piece."""
        await self.open.wait()
        asked = Asked(time.monotonic(), request.method, request.path, request.query_string)
        refusal = self.refuse(asked)
        if refusal is not None:
            self._note(asked, refusal.status)
            return refusal
        gate = self.gate if self.gate is not None and self.gate.fits(asked) else None
        if gate is not None:
            self.gate = None
        if gate is not None and not gate.after:
            await _stand(gate)
        try:
            return await self._pass_on(request, asked, gate)
        except aiohttp.ClientError:  # the API server is away: so is this
            if request.transport is not None:
                request.transport.abort()
            raise

    async def _pass_on(self, request: web.BaseRequest, asked: Asked, gate: Gate | None) -> web.StreamResponse:
        headers = CIMultiDict((key, value) for key, value in request.headers.items() if key.lower() not in _HOP_BY_HOP)
        async with self._session.request(
            request.method,
            self._client.configuration.host + request.path_qs,
            data=await request.read() or None,
            skip_auto_headers=("Content-Type", "User-Agent"),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as answer:
            self._note(asked, answer.status)
            if gate is not None:
                await answer.read()
                await _stand(gate)
            kept = {key: value for key, value in answer.headers.items() if key.lower() not in _HOP_BY_HOP}
            response = web.StreamResponse(status=answer.status, headers=kept)
            with contextlib.suppress(ConnectionResetError):  # the client has gone meanwhile
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    await self.open.wait()
                    await response.write(piece)
            return response

    def _note(self, asked: Asked, status: int) -> None:
        self.asked.append(Asked(asked.at, asked.method, asked.path, asked.query, status))


async def _stand(gate: Gate) -> None:
    gate.reached.set()
    await asyncio.Event().wait()


@asynccontextmanager
async def proxy_to(client: ApiClient) -> AsyncIterator[ApiProxy]:
    """A proxy that asks with this client's credentials."""
    connector = aiohttp.TCPConnector(limit=0, ssl=client.rest_client.ssl_context)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=True) as session:
        proxy = ApiProxy(client, session)
        server = web.Server(proxy.handle, access_log=None, handler_cancellation=True)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        proxy.port = int(site.name.rpartition(":")[2])
        try:
            yield proxy
        finally:
            await runner.cleanup()
