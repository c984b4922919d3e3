"""Lists: what kopf lists before it watches, taken page by page into the store.

A list says more than the events that follow it: what it has not is gone. So a watch that had to begin anew, after *410
Gone*, leaves nothing behind that went meanwhile. Must not know HTTP.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from frametrace_operator.keys import PipelineKey, pipeline_of
from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import PIPELINE, Kind
from frametrace_operator.kube.store import Store

__all__ = ["Lists"]

_CHILDREN_WAIT: Final = 2.0
"""Seconds in which the lists of all kinds come in, where all began anew: a pass between them would see that the children of
a pipeline are gone before it hears that the pipeline is, and make them again."""


class Lists:
    """Lists by the path that is asked for them: its kind, and its namespace or an empty one for all."""

    def __init__(
        self, store: Store, paths: Mapping[str, tuple[Kind, str]], notify: Callable[[PipelineKey, float], None]
    ) -> None:
        self._store = store
        self._paths = paths
        self._notify = notify
        self._names: dict[str, set[tuple[str, str]]] = {}
        self._missing = set(paths)
        self._whole = asyncio.Event()

    async def whole(self) -> None:
        """Wait until everything was listed once: before, what is not known may be there all the same."""
        await self._whole.wait()

    def take(self, path: str, page: Mapping[str, Any], *, first: bool) -> None:
        """Take a page; the first one of a list forgets those of a former list that broke off."""
        if path not in self._paths:
            return
        if first:
            self._names[path] = set()
        kind, _ = self._paths[path]
        for body in page["items"] or ():
            self._saw(kind, body, self._names[path])
        if not page["metadata"].get("continue"):
            self._end(path, int(page["metadata"]["resourceVersion"]))

    def _saw(self, kind: Kind, body: Object, names: set[tuple[str, str]]) -> None:
        """Whatever is listed is looked at, known or not."""
        key = pipeline_of(kind.kind, body)
        if key is not None:
            self._store.saw(kind, body)
            names.add((body["metadata"]["namespace"], body["metadata"]["name"]))
            self._tell(kind, key)

    def _end(self, path: str, version: int) -> None:
        kind, namespace = self._paths[path]
        for body in self._store.keep_only(kind, self._names.pop(path), version, namespace):
            key = pipeline_of(kind.kind, body)
            if key is not None:
                self._tell(kind, key)
        self._missing.discard(path)
        if not self._missing:
            self._whole.set()

    def _tell(self, kind: Kind, key: PipelineKey) -> None:
        self._notify(key, 0.0 if kind == PIPELINE else _CHILDREN_WAIT)
