"""What the plugin asks of a cluster, with the rights of whoever calls it. Must not know a client library.

Every method raises `frametrace_operator.errors.OperatorError` and nothing else.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import Kind

__all__ = ["NOT_FOUND", "PLUGIN_MANAGER", "Answer", "Cluster", "KubeReads", "LogQuery", "Place"]

PLUGIN_MANAGER: Final = "kubectl-frametrace"
"""Owner of the fields that the plugin changes."""

NOT_FOUND: Final = "NotFound"
"""Reason of the error when a request goes to a pod or a Service that is not there."""


@dataclass(frozen=True, slots=True)
class Place:
    """An HTTP server inside the cluster: `kind` is pods or services."""

    kind: str
    namespace: str
    name: str
    port: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What such a server answered."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines of a container's log.

    Attributes:
        tail: only so many of the last ones; None: all.
        since_seconds: only those of the last so many seconds; None: ever.
        follow: and then those to come, without end.
        previous: of the container before its last restart.
    """

    tail: int | None = None
    since_seconds: int | None = None
    follow: bool = False
    previous: bool = False


class KubeReads:
    """The reads of a `Cluster`, by the operator's own client."""

    def __init__(self, kube: Kube) -> None:
        self._reads = kube

    async def serves(self, kind: Kind) -> bool:
        """Whether the cluster knows this kind."""
        return await self._reads.serves(kind)

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None if there is none."""
        return await self._reads.get(kind, namespace, name)

    async def find(self, kind: Kind, namespace: str, labels: Mapping[str, str]) -> list[Object]:
        """The objects with all these labels."""
        return await self._reads.find(kind, namespace, labels)


class Cluster(Protocol):
    """A cluster."""

    async def serves(self, kind: Kind) -> bool:
        """Whether the cluster knows this kind."""

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None if there is none."""

    async def find(self, kind: Kind, namespace: str, labels: Mapping[str, str]) -> list[Object]:
        """The objects with all these labels; an empty namespace means all namespaces."""

    async def change(self, kind: Kind, namespace: str, name: str, patch: Object) -> None:
        """Change the object by a JSON merge patch."""

    async def fetch(self, place: Place, path: str) -> Answer:
        """GET a path, which begins with a slash, of a server in the cluster; the API server passes the request on."""

    def log(self, namespace: str, pod: str, query: LogQuery) -> AsyncIterator[str]:
        """Lines of a pod's log, without their ends."""
