"""What the operator needs of the Kubernetes API. Must not know a client library.

Every method raises `errors.OperatorError` and nothing else.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from frametrace_operator.kube.kinds import Kind

__all__ = ["FIELD_MANAGER", "STATUS_MANAGER", "WRITE_SECONDS", "Kube", "Object"]

Object = dict[str, Any]
"""A Kubernetes object as JSON."""

FIELD_MANAGER: Final = "frametrace-operator"
"""Owner of the children's fields in server-side apply."""

STATUS_MANAGER: Final = "frametrace-operator-status"
"""Name under which a pipeline's status is written."""

WRITE_SECONDS: Final = 5.0
"""A write that got no answer for so long is given up: a leader's last write ends before its Lease does."""


class Kube(Protocol):
    """A cluster."""

    async def serves(self, kind: Kind) -> bool:
        """Whether the cluster knows this kind."""

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None if there is none."""

    async def head(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object's metadata, or None if there is none; its content is not asked for."""

    async def secret_keys(self, namespace: str, name: str) -> frozenset[str] | None:
        """The names of a Secret's keys, or None if there is no such Secret; its values go no further than here."""

    async def secret_value(self, namespace: str, name: str, key: str) -> str | None:
        """The value of one key of a Secret; None if there is no such Secret, no such key, or it is no text."""

    async def find(self, kind: Kind, namespace: str, labels: Mapping[str, str]) -> list[Object]:
        """The objects with all these labels; an empty namespace means all namespaces."""

    async def apply(self, body: Object) -> Object:
        """Server-side apply as `FIELD_MANAGER`, taking conflicting fields over. Returns the object as it is now."""

    async def create(self, body: Object) -> bool:
        """Create the object; False if there is one of that name already, which is left alone."""

    async def delete(self, kind: Kind, namespace: str, name: str, *, uid: str) -> None:
        """Delete the object with this UID and let its dependents follow; nothing happens if it is gone."""

    async def replace_status(self, kind: Kind, namespace: str, name: str, *, uid: str, status: Object) -> Object:
        """Make this the whole status of the object with this UID. Returns the object as it is now.

        Raises:
            GoneError: if that object is not there any more.
        """

    async def patch(self, kind: Kind, namespace: str, name: str, *, uid: str, change: Object) -> Object | None:
        """JSON merge patch of the object with this UID: null takes a field away, whoever owns it.

        Returns the object as it is now; None if it is gone.
        """

    async def annotate(
        self, kind: Kind, namespace: str, name: str, *, uid: str, annotations: Mapping[str, str]
    ) -> Object | None:
        """Set these annotations of the object with this UID and leave all else of it. The object as it is now; None if it is gone."""

    async def record(self, event: Object) -> None:
        """Write an Event: create it, or bring its series up to date if there is one of that name."""
