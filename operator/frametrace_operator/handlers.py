"""Handlers: kopf's watch events go into the store and become keys on our own queue. The only module that knows kopf's handlers.

A pipeline's event names it; a child or pod says whose it is. The server sends only what has our two common labels. Nothing is
ever written back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any, Final

import kopf
from frametrace_api.group import MANAGED_BY, PART_OF

from frametrace_operator.keys import PipelineKey, pipeline_of
from frametrace_operator.kube.kinds import PIPELINE, Kind
from frametrace_operator.kube.store import Store
from frametrace_operator.shard import selector

__all__ = ["register", "watch_paths", "watch_settings"]

Notify = Callable[[PipelineKey, float, bool], None]
"""Takes a pipeline that there is news of, in how many seconds it is to be looked at, and whether somebody waits for that."""

_STEPS: Final = (1.0, 1.0, 2.0, 3.0, 5.0)


class _Forever:
    """Seconds between kopf's tries of one request. It never gives up: giving up would end the process."""

    def __iter__(self) -> Iterator[float]:
        return chain(_STEPS, repeat(_STEPS[-1]))


class _NoDifferences(kopf.DiffBaseStorage):
    """No handler asks kopf what changed; by default it copies every object of every event to compare it."""

    def build(self, **_: Any) -> Any:
        return {}

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        """Nothing is kept."""


_SOON: Final = 0.3
"""Seconds in which events of one pipeline's children are gathered into one pass."""

_OURS: Final = f"app.kubernetes.io/part-of={PART_OF},app.kubernetes.io/managed-by={MANAGED_BY}"

_PAGE: Final = 200
"""Objects that are asked for and held at once, of a list."""


def register(
    registry: kopf.OperatorRegistry, children: Iterable[Kind], store: Store, notify: Notify, saw: Callable[[str], None]
) -> None:
    """Watch pipelines and these kinds of children: what is news goes into the store, and its pipeline on the queue."""

    def watch(kind: Kind, after: float) -> None:
        async def take(event: Mapping[str, Any], **_: Any) -> None:
            saw(kind.kind)
            key = _take(kind, event, store)
            if key is not None:
                notify(key, after, kind == PIPELINE)

        kopf.on.event(*_names(kind), registry=registry)(take)

    watch(PIPELINE, 0.0)
    for kind in children:
        watch(kind, _SOON)


def _take(kind: Kind, event: Mapping[str, Any], store: Store) -> PipelineKey | None:
    """Bring the store up to date; returns whose news it is, None if it is nobody's or none.

    What no longer says whose it is has left us, as the server itself says of what has no longer the labels that are asked
    for: whose it was looks at it once more. kopf must not filter by what we know it by, or nobody would hear of that.
    """
    body = event["object"]
    key = pipeline_of(kind.kind, body)
    left = key is None or event["type"] == "DELETED"
    key = key or _known_as(kind, body["metadata"], store)
    is_news = key is not None and (store.gone(kind, body) if left else store.saw(kind, body))
    return key if is_news else None


def _known_as(kind: Kind, metadata: Mapping[str, Any], store: Store) -> PipelineKey | None:
    known = store.get(kind, metadata["namespace"], metadata["name"])
    return None if known is None else pipeline_of(kind.kind, known)


def watch_paths(kinds: Iterable[Kind], namespaces: Iterable[str]) -> dict[str, tuple[Kind, str]]:
    """The paths under which kopf lists and watches these kinds: one each for all namespaces (""), or one each in every one."""
    return {
        f"{_root(kind)}/{f'namespaces/{namespace}/' if namespace else ''}{kind.plural}": (kind, namespace)
        for kind in kinds
        for namespace in tuple(namespaces) or ("",)
    }


def _root(kind: Kind) -> str:
    return f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"


def watch_settings(children: Iterable[Kind], shard: str, silence: float) -> kopf.OperatorSettings:
    """Make kopf a watcher only: it scans nothing, posts nothing, keeps nothing, and asks for what is ours.

    An object's own task ends soon after its last event: thousands of idle ones would fill the memory.

    A watch that is silent for `silence` seconds, bookmarks among what it could say, is taken for dead and begun anew
    where it ended.
    """
    settings = kopf.OperatorSettings()
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.process.ultimate_exiting_timeout = 8.0
    settings.queueing.exit_timeout = 0.5
    settings.queueing.idle_timeout = 0.1
    settings.persistence.diffbase_storage = _NoDifferences()
    settings.watching.chunk_size = _PAGE
    settings.watching.connect_timeout = 10.0
    settings.watching.inactivity_timeout = silence
    settings.networking.request_timeout = 30.0
    settings.networking.error_backoffs = _Forever()
    settings.watching.label_selectors[_names(PIPELINE)] = selector(shard)
    for kind in children:
        settings.watching.label_selectors[_names(kind)] = _OURS
    return settings


def _names(kind: Kind) -> tuple[str, str, str]:
    return kind.group, kind.version, kind.plural
