"""A cluster reached over HTTP by the official client. Its exceptions end here, translated and without credentials.

Kinds are a fixed table, so nothing is discovered and nothing is cached on disk.
"""

import base64
from collections.abc import Awaitable, Mapping
from typing import Any, Final, TypeVar

from kubernetes.aio.client import ApiClient
from kubernetes.aio.dynamic import DynamicClient
from kubernetes.aio.dynamic.exceptions import DynamicApiError

from frametrace_operator.errors import ActionNeededError, GoneError
from frametrace_operator.kube.base import FIELD_MANAGER, STATUS_MANAGER, WRITE_SECONDS, Object
from frametrace_operator.kube.kinds import EVENT, KINDS, SECRET, Kind, kind_of
from frametrace_operator.kube.resources import resource_of
from frametrace_operator.kube.translate import FOREIGN_ERRORS, translated
from frametrace_operator.yaml_text import yaml_line

__all__ = ["RealKube"]

T = TypeVar("T")
_TIMEOUT_SECONDS: Final = 15
_PAGE: Final = 500
_OTHER_UID: Final = "metadata.uid: Invalid value"
_APPLY: Final = "application/apply-patch+yaml; charset=utf-8"
"""Of a text of ours. Without the charset the client would write JSON, whose surrogate pairs the server's YAML refuses."""
_METADATA_ONLY: Final = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
_NOT_FOUND, _CONFLICT, _INVALID = 404, 409, 422
_NO_DETAILS: Final = '"details":{}'  # a JSON patch's failed test; a status that does not validate has details


class RealKube:
    """A `Kube` over an API client, which stays the caller's to close."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._dynamic: Any = DynamicClient(client)  # type: ignore[no-untyped-call]  # the library is not annotated
        self._resources = {kind: resource_of(kind, self._dynamic) for kind in KINDS.values()}

    async def serves(self, kind: Kind) -> bool:
        """Whether the cluster knows this kind."""
        prefix = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
        request = self._dynamic.request("get", prefix, _request_timeout=_TIMEOUT_SECONDS, serializer=_as_it_is)
        found = await self._call(request, absent=None)
        return found is not None and any(resource["name"] == kind.plural for resource in found["resources"])

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None if there is none."""
        return await self._get(kind, namespace, name, {})

    async def head(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object's metadata: the server is asked for nothing else."""
        return await self._get(kind, namespace, name, dict(_METADATA_ONLY))

    async def secret_keys(self, namespace: str, name: str) -> frozenset[str] | None:
        """The names of a Secret's keys, or None if there is no such Secret; the API offers no way to ask for less."""
        found = await self._get(SECRET, namespace, name, {})
        return None if found is None else frozenset(found.get("data") or {})

    async def secret_value(self, namespace: str, name: str, key: str) -> str | None:
        """The value of one key of a Secret; None if there is none, or it is no text."""
        found = await self._get(SECRET, namespace, name, {})
        try:
            return base64.b64decode(((found or {}).get("data") or {})[key]).decode()
        except (KeyError, UnicodeDecodeError):
            return None

    async def _get(self, kind: Kind, namespace: str, name: str, headers: dict[str, str]) -> Object | None:
        found: Object | None = await self._call(
            self._dynamic.get(
                self._resources[kind],
                name=name,
                namespace=namespace,
                header_params=headers,
                _request_timeout=_TIMEOUT_SECONDS,
                serializer=_as_it_is,
            ),
            absent=None,
        )
        return found

    async def find(self, kind: Kind, namespace: str, labels: Mapping[str, str]) -> list[Object]:
        """The objects with all these labels; an empty namespace means all namespaces."""
        selector = ",".join(f"{key}={value}" for key, value in labels.items()) or None
        items: list[Object] = []
        more: str | None = None
        while True:
            page = await self._call(self._page(kind, namespace, selector, more))
            items += [{"apiVersion": kind.api_version, "kind": kind.kind, **item} for item in page.get("items") or ()]
            more = page["metadata"].get("continue")
            if not more:
                return items

    def _page(self, kind: Kind, namespace: str, selector: str | None, more: str | None) -> Awaitable[Any]:
        page: Awaitable[Any] = self._dynamic.get(
            self._resources[kind],
            namespace=namespace or None,
            label_selector=selector,
            limit=_PAGE,
            _continue=more,
            _request_timeout=_TIMEOUT_SECONDS,
            serializer=_as_it_is,
        )
        return page

    async def apply(self, body: Object) -> Object:
        """Server-side apply as `FIELD_MANAGER`, taking conflicting fields over."""
        metadata = body["metadata"]
        resource: Any = self._resources[kind_of(body)]
        applied: Object = await self._call(
            self._dynamic.request(
                "patch",
                resource.path(name=metadata["name"], namespace=metadata["namespace"]),
                body=yaml_line(body),
                content_type=_APPLY,
                field_manager=FIELD_MANAGER,
                force_conflicts=True,
                _request_timeout=WRITE_SECONDS,
                serializer=_as_it_is,
            )
        )
        return applied

    async def create(self, body: Object) -> bool:
        """Create the object; False if there is one of that name already."""
        try:
            await self._dynamic.create(
                self._resources[kind_of(body)],
                body=body,
                field_manager=FIELD_MANAGER,
                _request_timeout=WRITE_SECONDS,
                serializer=_as_it_is,
            )
        except DynamicApiError as error:
            if error.status == _CONFLICT and "AlreadyExists" in str(error.body):
                return False
            raise translated(error) from None
        except FOREIGN_ERRORS as error:
            raise translated(error) from None
        return True

    async def delete(self, kind: Kind, namespace: str, name: str, *, uid: str) -> None:
        """Delete the object with this UID and let its dependents follow; nothing happens if it is gone."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Background",
        }
        await self._call(
            self._dynamic.delete(
                self._resources[kind], name=name, namespace=namespace, body=options, _request_timeout=WRITE_SECONDS
            ),
            absent=None,
            conflict=None,
        )

    async def replace_status(self, kind: Kind, namespace: str, name: str, *, uid: str, status: Object) -> Object:
        """Make this the status of the object with this UID: the server itself compares the UID."""
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": uid},
            {"op": "add", "path": "/status", "value": status},
        ]
        try:
            written: Object = await self._dynamic.patch(
                _Status(self._resources[kind]),
                body=patch,
                name=name,
                namespace=namespace,
                content_type="application/json-patch+json",
                field_manager=STATUS_MANAGER,
                _request_timeout=WRITE_SECONDS,
                serializer=_as_it_is,
            )
        except DynamicApiError as error:
            if error.status == _NOT_FOUND or (error.status == _INVALID and _NO_DETAILS in str(error.body)):
                raise GoneError(f"{kind.kind} {namespace}/{name} is gone") from None
            raise translated(error) from None
        except FOREIGN_ERRORS as error:
            raise translated(error) from None
        return written

    async def patch(self, kind: Kind, namespace: str, name: str, *, uid: str, change: Object) -> Object | None:
        """JSON merge patch of the object with this UID: the server refuses one that would change the UID."""
        patch = self._dynamic.patch(
            self._resources[kind],
            body=change | {"metadata": {**change.get("metadata", {}), "uid": uid}},
            name=name,
            namespace=namespace,
            content_type="application/merge-patch+json",
            field_manager=FIELD_MANAGER,
            _request_timeout=WRITE_SECONDS,
            serializer=_as_it_is,
        )
        try:
            changed: Object | None = await self._call(patch, absent=None, conflict=None)
        except ActionNeededError as error:
            if _OTHER_UID in str(error):  # of some kinds the server calls that invalid, rather than a conflict
                return None
            raise
        return changed

    async def annotate(
        self, kind: Kind, namespace: str, name: str, *, uid: str, annotations: Mapping[str, str]
    ) -> Object | None:
        """Set these annotations of the object with this UID."""
        return await self.patch(kind, namespace, name, uid=uid, change={"metadata": {"annotations": dict(annotations)}})

    async def record(self, event: Object) -> None:
        """Write an Event: create it, or bring its series up to date if there is one of that name."""
        if "series" not in event and await self.create(event):
            return
        if await self._extend(event) is None:  # the first one has expired, or was never written
            await self.create(event)

    async def _extend(self, event: Object) -> Object | None:
        """Bring the series of an Event up to date; None if there is no such Event."""
        metadata = event["metadata"]
        extended: Object | None = await self._call(
            self._dynamic.patch(
                self._resources[EVENT],
                body={"series": event.get("series")},
                name=metadata["name"],
                namespace=metadata["namespace"],
                content_type="application/merge-patch+json",
                field_manager=FIELD_MANAGER,
                _request_timeout=WRITE_SECONDS,
                serializer=_as_it_is,
            ),
            absent=None,
        )
        return extended

    async def _call(self, request: Awaitable[T], **fallback: T) -> T:
        """Await a request. `absent` and `conflict` are what a 404 and a 409 mean; without them they are errors."""
        try:
            return await request
        except DynamicApiError as error:
            if error.status == _NOT_FOUND and "absent" in fallback:
                return fallback["absent"]
            if error.status == _CONFLICT and "conflict" in fallback:
                return fallback["conflict"]
            raise translated(error) from None
        except FOREIGN_ERRORS as error:
            raise translated(error) from None


class _Status:
    """A resource's status subresource, by its path."""

    namespaced = True

    def __init__(self, resource: Any) -> None:
        self._resource = resource
        self.group_version, self.kind = resource.group_version, resource.kind

    def path(self, name: str, namespace: str) -> str:
        """Path of one object's status."""
        return f"{self._resource.path(name=name, namespace=namespace)}/status"


def _as_it_is(_client: object, answer: Any) -> Any:
    """The client's own wrapping of every object in classes costs more than the request."""
    return answer
