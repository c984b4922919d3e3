"""A cluster through its API server, with the rights of a kubeconfig. Answers of pods are bounded, and no redirect is followed."""

import json
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from kubernetes.aio.client import ApiClient
from kubernetes.aio.dynamic import DynamicClient

from frametrace_operator.errors import ActionNeededError, RetryError
from frametrace_operator.kube.base import WRITE_SECONDS, Object
from frametrace_operator.kube.kinds import POD, Kind
from frametrace_operator.kube.real import RealKube
from frametrace_operator.kube.resources import resource_of
from frametrace_operator.kube.translate import FOREIGN_ERRORS, translated
from frametrace_operator.plugin.cluster.base import NOT_FOUND, PLUGIN_MANAGER, Answer, KubeReads, LogQuery, Place
from frametrace_operator.redaction import redacted

__all__ = ["RealCluster"]

_SECONDS: Final = 10.0
_LARGEST: Final = 64 << 20
"""Bytes of an answer that are read: a trace of very many spans has a few million."""
_REFUSED: Final = frozenset({400, 401, 403, 404, 405, 409, 422})


class RealCluster(KubeReads):
    """A `Cluster` over an API client and a client session, which stay the caller's to close."""

    def __init__(self, client: ApiClient, session: aiohttp.ClientSession) -> None:
        super().__init__(RealKube(client))
        self._client = client
        self._session = session
        self._dynamic: Any = DynamicClient(client)  # type: ignore[no-untyped-call]  # the library is not annotated

    async def change(self, kind: Kind, namespace: str, name: str, patch: Object) -> None:
        """Change the object by a JSON merge patch."""
        try:
            await self._dynamic.patch(
                resource_of(kind, self._dynamic),
                body=patch,
                name=name,
                namespace=namespace,
                content_type="application/merge-patch+json",
                field_manager=PLUGIN_MANAGER,
                _request_timeout=WRITE_SECONDS,
            )
        except FOREIGN_ERRORS as error:
            raise translated(error) from None

    async def fetch(self, place: Place, path: str) -> Answer:
        """GET a path of a server in the cluster."""
        url = f"/api/v1/namespaces/{place.namespace}/{place.kind}/{place.name}:{place.port}/proxy{quote(path)}"
        try:
            async with await self._request(url, {}, aiohttp.ClientTimeout(total=_SECONDS)) as response:
                answer = Answer(response.status, await _bounded(response))
        except FOREIGN_ERRORS as error:
            raise translated(error) from None
        _raise_if_not_passed_on(answer)
        return answer

    async def log(self, namespace: str, pod: str, query: LogQuery) -> AsyncIterator[str]:
        """Lines of a pod's log."""
        url = f"/api/{POD.version}/namespaces/{namespace}/{POD.plural}/{pod}/log"
        timeout = aiohttp.ClientTimeout(connect=_SECONDS, sock_read=None if query.follow else _SECONDS)
        try:
            async with await self._request(url, _options(query), timeout) as response:
                if response.status != HTTPStatus.OK:
                    raise _refusal(response.status, await _bounded(response))
                async for line in response.content:
                    yield line.decode(errors="replace").rstrip("\r\n")
        except FOREIGN_ERRORS as error:
            raise translated(error) from None

    async def _request(
        self, path: str, query: Mapping[str, str], limits: aiohttp.ClientTimeout
    ) -> aiohttp.ClientResponse:
        settings = self._client.configuration
        token = await settings.get_api_key_with_prefix("BearerToken")
        return await self._session.get(
            settings.host + path,
            params=query,
            timeout=limits,
            headers={"Authorization": token} if token else {},
            allow_redirects=False,
            proxy=settings.proxy,
            server_hostname=settings.tls_server_name,
        )


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > _LARGEST:
            raise ValueError(f"the answer is longer than {_LARGEST} bytes")
    return bytes(body)


def _options(query: LogQuery) -> dict[str, str]:
    wanted = {
        "tailLines": query.tail,
        "sinceSeconds": query.since_seconds,
        "follow": "true" if query.follow else None,
        "previous": "true" if query.previous else None,
    }
    return {key: str(value) for key, value in wanted.items() if value is not None}


def _raise_if_not_passed_on(answer: Answer) -> None:
    """The API server's own refusals are Status objects; all else is the word of the server behind it."""
    if answer.status >= HTTPStatus.BAD_REQUEST and _status_message(answer.body) is not None:
        raise _refusal(answer.status, answer.body)


def _refusal(status: int, body: bytes) -> ActionNeededError | RetryError:
    message = redacted(" ".join((_status_message(body) or "no reason given").split()))[:500]
    if status in _REFUSED:
        reason = NOT_FOUND if status == HTTPStatus.NOT_FOUND else "Refused"
        return ActionNeededError(reason, f"the API server refused it ({status}): {message}")
    return RetryError(f"the API server answered {status}: {message}")


def _status_message(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.get("kind") != "Status" or found.get("apiVersion") != "v1":
        return None
    return str(found.get("message") or found.get("reason") or "no reason given")
