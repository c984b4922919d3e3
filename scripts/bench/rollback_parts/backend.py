"""A Jaeger of this machine that pods reach over the cluster's bridge, by way of a proxy that loses what it acknowledges.

Jaeger and the runtime know nothing of the proxy: to the pods it is the external backend of their pipeline.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from scripts.cluster.pins import BRIDGE_ADDRESS
from scripts.servers.jaeger import JaegerServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

__all__ = ["Backend", "backend", "served_on_bridge"]

_PARTS = 1 << 16


class Backend:
    """Jaeger and the proxy. `share` of the traces is lost from now on, by trace ID, so that whole traces are.

    Attributes:
        lost: when the first span that was lost began, in seconds since 1970: pods send them some seconds later.
    """

    def __init__(self, jaeger: JaegerServer, session: aiohttp.ClientSession) -> None:
        self._jaeger, self._session = jaeger, session
        self.share = 0.0
        self.lost: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.port = 0

    @property
    def spec(self) -> dict[str, Any]:
        """The pipeline's backend."""
        url = f"http://{BRIDGE_ADDRESS}:{self.port}"
        return {"external": {"otlpEndpoint": url, "queryUrl": url}}

    def stop(self) -> float:
        """End Jaeger; when."""
        self._jaeger.stop()
        return time.time()

    def start(self) -> None:
        """Start it again, with nothing in it."""
        self._jaeger.start()

    async def take(self, request: web.Request) -> web.Response:
        """Pass on: spans to Jaeger's receiver, all else to its queries."""
        body = await request.read()
        spans = request.path == "/v1/traces"
        url = self._jaeger.otlp_url if spans else self._jaeger.query_url
        kept = self._kept(body, request.headers.get("Content-Encoding", "")) if spans else body
        headers = {"Content-Type": request.headers["Content-Type"]} if "Content-Type" in request.headers else {}
        try:
            async with self._session.request(
                request.method, f"{url}{request.path_qs}", data=kept, headers=headers
            ) as answer:
                return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)
        except aiohttp.ClientError:
            return web.Response(status=503)

    def _kept(self, body: bytes, encoding: str) -> bytes:
        """What of a request is passed on. aiohttp has undone its compression, unless a client sent it in another way."""
        if not self.share:
            return gzip.decompress(body) if encoding == "gzip" and body.startswith(b"\x1f\x8b") else body
        request = ExportTraceServiceRequest.FromString(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
        begun: list[int] = []
        for scope in (scope for resource in request.resource_spans for scope in resource.scope_spans):
            kept = [span for span in scope.spans if not self._loses(span.trace_id)]
            begun += [span.start_time_unix_nano for span in scope.spans if self._loses(span.trace_id)]
            del scope.spans[:]
            scope.spans.extend(kept)
        if begun and not self.lost.done():
            self.lost.set_result(min(begun) / 1e9)
        return bytes(request.SerializeToString())

    def _loses(self, trace_id: bytes) -> bool:
        return int.from_bytes(blake2b(trace_id, digest_size=2).digest(), "big") < self.share * _PARTS


@asynccontextmanager
async def served_on_bridge(handler: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[int]:
    """Answer pods' requests at the bridge's address; the port."""
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, BRIDGE_ADDRESS, 0).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def backend(folder: Path) -> AsyncIterator[Backend]:
    """Both, until left."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    jaeger = await asyncio.to_thread(JaegerServer, folder)
    try:
        async with aiohttp.ClientSession() as session:
            made = Backend(jaeger, session)
            async with served_on_bridge(made.take) as made.port:
                yield made
    finally:
        jaeger.stop()
