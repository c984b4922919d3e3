"""A Lease in the cluster (coordination.k8s.io/v1).

`kubernetes.aio.leaderelection`'s own lock is not used: in version 37 its `create` is refused by its own API class.
"""

from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any, Final

from kubernetes.aio.client import ApiClient
from kubernetes.aio.dynamic import DynamicClient
from kubernetes.aio.dynamic.exceptions import DynamicApiError

from frametrace_operator.kube.kinds import LEASE
from frametrace_operator.kube.resources import resource_of
from frametrace_operator.kube.translate import FOREIGN_ERRORS, translated
from frametrace_operator.leases.base import Lease

__all__ = ["ClusterLease"]

_TIMEOUT_SECONDS: Final = 3
_NOT_FOUND, _CONFLICT = 404, 409


class ClusterLease:
    """`Leases` over an API client, which stays the caller's to close."""

    def __init__(self, client: ApiClient, namespace: str, name: str) -> None:
        self._dynamic: Any = DynamicClient(client)  # type: ignore[no-untyped-call]  # the library is not annotated
        self._resource = resource_of(LEASE, self._dynamic)
        self._namespace = namespace
        self._name = name

    async def read(self) -> Lease | None:
        """The record; None if there is none yet."""
        request = self._dynamic.get(
            self._resource, name=self._name, namespace=self._namespace, _request_timeout=_TIMEOUT_SECONDS
        )
        body = await _answer(request, refused=_NOT_FOUND)
        if body is None:
            return None
        spec = body.to_dict().get("spec") or {}
        return Lease(
            holder=spec.get("holderIdentity") or "",
            seconds=spec.get("leaseDurationSeconds") or 1,
            version=body.metadata.resourceVersion,
            transitions=spec.get("leaseTransitions") or 0,
            acquired=spec.get("acquireTime") or "",
        )

    async def write(self, lease: Lease) -> bool:
        """Write over the record of that version, or make it if the version is empty."""
        put = self._dynamic.replace if lease.version else self._dynamic.create
        request = put(
            self._resource, body=self._body(lease), namespace=self._namespace, _request_timeout=_TIMEOUT_SECONDS
        )
        return await _answer(request, refused=_CONFLICT) is not None

    def _body(self, lease: Lease) -> dict[str, Any]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        version = {"resourceVersion": lease.version} if lease.version else {}
        return {
            "apiVersion": LEASE.api_version,
            "kind": LEASE.kind,
            "metadata": {"name": self._name, "namespace": self._namespace, **version},
            "spec": {
                "holderIdentity": lease.holder,
                "leaseDurationSeconds": lease.seconds,
                "leaseTransitions": lease.transitions,
                "acquireTime": lease.acquired or now,
                "renewTime": now,
            },
        }


async def _answer(request: Awaitable[Any], *, refused: int) -> Any | None:
    """The answer; None for the one status that is an answer, too."""
    try:
        return await request
    except DynamicApiError as error:
        if error.status == refused:
            return None
        raise translated(error) from None
    except FOREIGN_ERRORS as error:
        raise translated(error) from None
