"""Connection: the API server as this process is told to reach it, for our own client and for kopf's watches.

In a pod: its service account. Elsewhere: the kubeconfig that KUBECONFIG names.
"""

import os
from collections.abc import Callable
from importlib.metadata import version
from types import SimpleNamespace
from typing import Final

import aiohttp
import kopf
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


def login(registry: kopf.OperatorRegistry, saw: Callable[[str], None]) -> None:
    """Let kopf watch over a session of ours, in which every received piece of a stream is noticed: bookmarks, too."""

    async def connect(**_: object) -> kopf.AiohttpSession:
        settings = await load()
        session = await _session(settings, saw)
        return kopf.AiohttpSession(server=settings.host, aiohttp_session=session)

    kopf.on.login(registry=registry)(connect)


async def _session(settings: Configuration, saw: Callable[[str], None]) -> aiohttp.ClientSession:
    async with ApiClient(settings) as client:
        context = client.rest_client.ssl_context
    trace = aiohttp.TraceConfig()

    async def received(
        _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceResponseChunkReceivedParams
    ) -> None:
        saw(params.url.path)

    trace.on_response_chunk_received.append(received)
    token = await settings.get_api_key_with_prefix("BearerToken")
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=context, keepalive_timeout=30),
        headers={"User-Agent": USER_AGENT} | ({"Authorization": token} if token else {}),
        trace_configs=[trace],
    )
