"""Connection: the API server as this process is told to reach it, for our own client and for kopf's watches.

In a pod: its service account. Elsewhere: the kubeconfig that KUBECONFIG names.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp
import kopf
from aiohttp.connector import Connection
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.client.rest import RESTClientObject
from kubernetes.aio.config.incluster_config import SERVICE_HOST_ENV_NAME

from frametrace_operator.retry_after import obeyed, seconds_of

__all__ = ["USER_AGENT", "client", "load", "login"]

_CONNECTIONS: Final = 24
"""At once. Each keeps a quarter of a megabyte for its TLS."""

_IDLE_SECONDS: Final = 5.0
"""How long a connection waits for its next request. One that died without a word costs a request its whole time."""

_TOO_MANY: Final = 429
USER_AGENT: Final = f"frametrace-operator/{version('frametrace-operator')}"
"""How the operator names itself to the API server; its audit log shows it."""


async def client() -> ApiClient:
    """A client with connections of its own; the caller closes it."""
    opened = ApiClient(await load())
    opened.user_agent = USER_AGENT
    opened.rest_client = _ShortIdle(opened.configuration)
    return opened


class _ShortIdle(RESTClientObject):
    def _create_connector(self) -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(limit=self.maxsize, ssl=self.ssl_context, keepalive_timeout=_IDLE_SECONDS)


async def load() -> Configuration:
    """Settings of a client."""
    settings = Configuration()
    settings.connection_pool_maxsize = _CONNECTIONS
    settings.client_session_kwargs = {"trust_env": bool(getproxies())}  # else each request reads ~/.netrc, in a thread
    if os.environ.get(SERVICE_HOST_ENV_NAME):
        config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # not annotated
    else:
        await config.load_kube_config(client_configuration=settings)  # type: ignore[no-untyped-call]  # not annotated
    return settings


Taken = Callable[[str, dict[str, Any], bool], None]
"""A page of a list: the path that it was asked for by, the page, and whether it is the first of its list."""


def login(registry: kopf.OperatorRegistry, saw: Callable[[str], None], listed: Taken) -> None:
    """Let kopf watch over a session of ours, which tells of each sign of life of a watch, by its path, and takes its lists.

    A sign is a request that begins, or a piece of its stream: a bookmark, too. What kopf lists before it watches goes to
    `listed` as it comes; kopf itself gets the list's version only. Else it would begin a task for each object, thousands at
    once, and nobody would learn which objects a list has no more.
    """

    async def connect(**_: object) -> kopf.AiohttpSession:
        settings = await load()
        session = await _session(settings, saw, listed)
        return kopf.AiohttpSession(server=settings.host, aiohttp_session=session)

    kopf.on.login(registry=registry)(connect)


async def _session(settings: Configuration, saw: Callable[[str], None], listed: Taken) -> aiohttp.ClientSession:
    async with ApiClient(settings) as plain:
        context = plain.rest_client.ssl_context
    token = await settings.get_api_key_with_prefix("BearerToken")
    prefix = urlsplit(settings.host).path.rstrip("/")

    def saw_path(path: str) -> None:
        saw(path.removeprefix(prefix))

    def listed_path(path: str, page: dict[str, Any], first: bool) -> None:  # noqa: FBT001 (as `Taken`)
        listed(path.removeprefix(prefix), page, first)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=context, keepalive_timeout=30),
        headers={"User-Agent": USER_AGENT} | ({"Authorization": token} if token else {}),
        response_class=_noticing(saw_path, listed_path),
        middlewares=(_Obedience(saw_path),),
    )


class _Obedience:
    """A client middleware: who was answered 429 asks again when the server said, and not with all others at once.

    kopf waits for exactly as long as it was told, in every watch alike, and no longer than its own silence.
    """

    def __init__(self, begins: Callable[[str], None]) -> None:
        self._begins = begins
        self._not_before: dict[str, float] = {}

    async def __call__(self, request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        now, path = asyncio.get_running_loop().time, request.url.path
        self._begins(path)
        await asyncio.sleep(self._not_before.get(path, 0.0) - now())
        response = await ask(request)
        after = seconds_of(response.headers.get("Retry-After"))
        if response.status == _TOO_MANY and after is not None:
            self._not_before[path] = now() + obeyed(after)
        return response


def _noticing(saw: Callable[[str], None], listed: Taken) -> type[aiohttp.ClientResponse]:
    """Return a response whose streamed body tells of each piece (aiohttp's own traces do not), and whose lists are taken."""

    class Noticing(aiohttp.ClientResponse):
        async def start(self, connection: Connection) -> aiohttp.ClientResponse:
            await super().start(connection)
            self.content = _NoticedBody(self.content, partial(saw, self.url.path))  # type: ignore[assignment]  # stands in for it
            return self

        async def json(self, **options: Any) -> Any:
            found = await super().json(**options)
            if not isinstance(found, dict) or "items" not in found:
                return found
            listed(self.url.path, found, "continue" not in self.url.query)
            return found | {"items": []}

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
