"""Watches of the benchmark's own: when every pipeline is Ready, and when a change of a spec reaches its Deployment."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from scripts.cluster.paths import Layout
from scripts.cluster.pins import BRIDGE_ADDRESS, PORTS

__all__ = ["LONGEST_CHANGE", "Api", "connected"]

_PIPELINES: Final = "/apis/frametrace.dev/v1alpha1"
_DEPLOYMENTS: Final = "/apis/apps/v1/deployments"
_LINE: Final = 1 << 22

LONGEST_CHANGE: Final = 30.0
"""Seconds after which a change counts as lost, though the next resync may find it."""


class Api:
    """The API server as the administrator sees it, over one session."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def until_ready(self, pipelines: int) -> float:
        """Wait until so many pipelines are Ready; the monotonic time when the last one was."""
        ready: set[str] = set()
        async for body in self._watch(f"{_PIPELINES}/camerapipelines"):
            metadata = body["metadata"]
            name = f"{metadata['namespace']}/{metadata['name']}"
            (ready.add if _is_ready(body) else ready.discard)(name)
            if len(ready) == pipelines:
                return time.monotonic()
        raise ConnectionError("the watch ended")

    async def seconds_to_deployment(self, namespace: str, name: str, note: str) -> float:
        """Change the stage's environment; the seconds until its Deployment has the change.

        Raises:
            TimeoutError: if it has not after `LONGEST_CHANGE`: the change is lost.
        """
        async with asyncio.timeout(LONGEST_CHANGE):
            return await self._to_deployment(namespace, name, note)

    async def _to_deployment(self, namespace: str, name: str, note: str) -> float:
        path = f"{_PIPELINES}/namespaces/{namespace}/camerapipelines/{name}"
        env = [{"name": "NOTE", "value": note}]
        selector = f"frametrace.dev/pipeline={name},frametrace.dev/role=stage"
        watched = self._watch(f"/apis/apps/v1/namespaces/{namespace}/deployments", labelSelector=selector)
        await anext(watched)  # as it is before
        begun = time.monotonic()
        patch = [{"op": "add", "path": "/spec/stages/0/env", "value": env}]
        headers = {"Content-Type": "application/json-patch+json"}
        async with self._session.patch(path, data=json.dumps(patch), headers=headers) as answer:
            answer.raise_for_status()
        async for body in watched:
            container = body["spec"]["template"]["spec"]["containers"][0]
            if env[0] in container["env"]:
                took = time.monotonic() - begun
                await watched.aclose()
                return took
        raise ConnectionError("the watch ended")

    async def _watch(self, path: str, **parameters: str) -> AsyncGenerator[dict[str, Any]]:
        """Every object as it is and then as it becomes."""
        wanted = {"watch": "true", "timeoutSeconds": "3600"} | parameters
        async with self._session.get(path, params=wanted, timeout=aiohttp.ClientTimeout(None)) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] in ("ADDED", "MODIFIED"):
                    yield event["object"]


@asynccontextmanager
async def connected(layout: Layout) -> AsyncIterator[Api]:
    """A session with the API server."""
    context = ssl.create_default_context(cafile=str(layout.pki / "ca.crt"))
    context.load_cert_chain(layout.pki / "admin.crt", layout.pki / "admin.key")
    url = f"https://{BRIDGE_ADDRESS}:{PORTS['kube-apiserver']}"
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(url, connector=connector, read_bufsize=_LINE) as session:
        yield Api(session)


def _is_ready(body: dict[str, Any]) -> bool:
    conditions = (body.get("status") or {}).get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
