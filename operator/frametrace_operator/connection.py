"""Connection: the API server as this process is told to reach it, for our own client and for kopf's watches.

In a pod: its service account. Elsewhere: the kubeconfig that KUBECONFIG names.
"""

import os
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from typing import Any, Final

import aiohttp
import kopf
from aiohttp.connector import Connection
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.config.incluster_config import SERVICE_HOST_ENV_NAME

__all__ = ["USER_AGENT", "load", "login"]

_CONNECTIONS: Final = 64
USER_AGENT: Final = f"frametrace-operator/{version('frametrace-operator')}"
"""How the operator names itself to the API server; its audit log shows it."""


async def load() -> Configuration:
    """Settings of a client."""
    settings = Configuration()
    settings.connection_pool_maxsize = _CONNECTIONS
    if os.environ.get(SERVICE_HOST_ENV_NAME):
        config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # not annotated
    else:
        await config.load_kube_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # not annotated
    return settings


def login(registry: kopf.OperatorRegistry, saw: Callable[[], None]) -> None:
    """Let kopf watch over a session of ours, in which every received piece of a stream is noticed: bookmarks, too."""

    async def connect(**_: object) -> kopf.AiohttpSession:
        settings = await load()
        session = await _session(settings, saw)
        return kopf.AiohttpSession(server=settings.host, aiohttp_session=session)

    kopf.on.login(registry=registry)(connect)


async def _session(settings: Configuration, saw: Callable[[], None]) -> aiohttp.ClientSession:
    async with ApiClient(settings) as client:
        context = client.rest_client.ssl_context
    token = await settings.get_api_key_with_prefix("BearerToken")
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=context, keepalive_timeout=30),
        headers={"User-Agent": USER_AGENT} | ({"Authorization": token} if token else {}),
        response_class=_noticing(saw),
    )


def _noticing(saw: Callable[[], None]) -> type[aiohttp.ClientResponse]:
    """Return a response whose streamed body tells of each piece; aiohttp's own traces tell of bodies read at once only."""

    class Noticing(aiohttp.ClientResponse):
        async def start(self, connection: Connection) -> aiohttp.ClientResponse:
            await super().start(connection)
            self.content = _NoticedBody(self.content, saw)  # type: ignore[assignment]  # stands in for it
            return self

    return Noticing


class _NoticedBody:
    """A body that tells when a piece of it is taken; all else is the body's own."""

    def __init__(self, body: aiohttp.StreamReader, saw: Callable[[], None]) -> None:
        self._body = body
        self._saw = saw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        async for piece in self._body.iter_chunked(size):
            self._saw()
            yield piece
