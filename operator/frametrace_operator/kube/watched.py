"""A cluster whose watched kinds are read from the store, and all else, and every write, from the cluster itself.

A pass over a pipeline then asks the API server for nothing that a watch has already told. The answer to a write goes
into the store at once, so the next pass sees it whether or not its event has come.
"""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from frametrace_operator.errors import GoneError
from frametrace_operator.keys import PipelineKey, pipeline_of
from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import PIPELINE, Kind, kind_of
from frametrace_operator.kube.store import Store

__all__ = ["WatchedKube"]

_SECRET_SECONDS: Final = 10.0
_OURS_IN_STATUS: Final = frozenset({"resourceVersion", "managedFields"})


class WatchedKube:
    """A `Kube` over another.

    Args:
        kube: the cluster itself.
        store: what the watches have told.
        watched: the kinds that a watch keeps up to date.
        notify: puts a pipeline on the queue.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        kube: Kube,
        store: Store,
        watched: Collection[Kind],
        notify: Callable[[PipelineKey], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kube = kube
        self._store = store
        self._watched = watched
        self._notify = notify
        self._clock = clock
        self._secrets: dict[tuple[str, str], tuple[float, frozenset[str]]] = {}
        self._values: dict[tuple[str, str, str], tuple[float, str]] = {}

    async def serves(self, kind: Kind) -> bool:
        """Whether the cluster knows this kind."""
        return await self._kube.serves(kind)

    async def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object as it was last seen.

        A child that is not known is asked for: it may be somebody else's, without our labels. A pipeline that is not known
        is not there, or is no business of this operator's.
        """
        known = self._store.get(kind, namespace, name)
        return known if known is not None or kind == PIPELINE else await self._kube.get(kind, namespace, name)

    async def head(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object's metadata."""
        return await self._kube.head(kind, namespace, name)

    async def secret_keys(self, namespace: str, name: str) -> frozenset[str] | None:
        """The names of a Secret's keys; one that is there is believed to be as it is for a few seconds.

        Nobody watches Secrets, many pipelines share one, and a pipeline has some passes in a row while it starts.
        """
        now = self._clock()
        asked, keys = self._secrets.get((namespace, name), (float("-inf"), frozenset[str]()))
        if now - asked < _SECRET_SECONDS:
            return keys
        found = await self._kube.secret_keys(namespace, name)
        self._secrets = {secret: known for secret, known in self._secrets.items() if now - known[0] < _SECRET_SECONDS}
        if found is not None:
            self._secrets[namespace, name] = (now, found)
        return found

    async def secret_value(self, namespace: str, name: str, key: str) -> str | None:
        """The value of one key of a Secret; one that is there is believed to be as it is for a few seconds."""
        now = self._clock()
        self._values = {secret: known for secret, known in self._values.items() if now - known[0] < _SECRET_SECONDS}
        if (namespace, name, key) in self._values:
            return self._values[namespace, name, key][1]
        found = await self._kube.secret_value(namespace, name, key)
        if found is not None:
            self._values[namespace, name, key] = (now, found)
        return found

    async def find(self, kind: Kind, namespace: str, labels: Mapping[str, str]) -> list[Object]:
        """The objects of a pipeline, as they were last seen."""
        if kind in self._watched:
            return self._store.find(kind, namespace, labels)
        return await self._kube.find(kind, namespace, labels)

    async def apply(self, body: Object) -> Object:
        """Server-side apply as the operator's field manager."""
        return self._now(kind_of(body), await self._kube.apply(body))

    async def create(self, body: Object) -> bool:
        """Create the object; False if there is one of that name already."""
        return await self._kube.create(body)

    async def delete(self, kind: Kind, namespace: str, name: str, *, uid: str) -> None:
        """Delete the object with this UID and let its dependents follow."""
        await self._kube.delete(kind, namespace, name, uid=uid)
        self._store.deleted(kind, namespace, name, uid)

    async def replace_status(self, kind: Kind, namespace: str, name: str, *, uid: str, status: Object) -> Object:
        """Make this the whole status of the object with this UID.

        The answer may hold somebody's change whose event is still on its way, and would then be no news: it is told of here.
        """
        before = self._store.get(kind, namespace, name)
        try:
            written = await self._kube.replace_status(kind, namespace, name, uid=uid, status=status)
        except GoneError:
            self._store.deleted(kind, namespace, name, uid)
            raise
        if self._store.saw(kind, written) and before is not None and _asked(before) != _asked(written):
            key = pipeline_of(kind.kind, written)
            if key is not None:
                self._notify(key)
        return written

    async def patch(self, kind: Kind, namespace: str, name: str, *, uid: str, change: Object) -> Object | None:
        """JSON merge patch of the object with this UID; None if it is gone."""
        changed = await self._kube.patch(kind, namespace, name, uid=uid, change=change)
        return None if changed is None else self._now(kind, changed)

    async def annotate(
        self, kind: Kind, namespace: str, name: str, *, uid: str, annotations: Mapping[str, str]
    ) -> Object | None:
        """Set these annotations of the object with this UID; None if it is gone."""
        changed = await self._kube.annotate(kind, namespace, name, uid=uid, annotations=annotations)
        return None if changed is None else self._now(kind, changed)

    async def record(self, event: Object) -> None:
        """Write an Event."""
        await self._kube.record(event)

    def _now(self, kind: Kind, body: Object) -> Object:
        if kind in self._watched:
            self._store.saw(kind, body)
        return body


def _asked(body: Object) -> dict[str, Any]:
    """All of an object that a write of its status leaves as it is."""
    metadata = {key: value for key, value in body["metadata"].items() if key not in _OURS_IN_STATUS}
    return {**body, "metadata": metadata, "status": None}
