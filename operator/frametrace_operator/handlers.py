"""Handlers: kopf's watch events become keys on our own queue, and nothing else. The only module that knows kopf's handlers.

A pipeline's event names it; a child's or pod's event names the pipeline in its label. Nothing is ever written back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any, Final

import kopf
from frametrace_api.group import LABEL_PIPELINE, MANAGED_BY, PART_OF

from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.kinds import PIPELINE, Kind
from frametrace_operator.shard import selector

__all__ = ["register", "watch_paths", "watch_settings"]

Notify = Callable[[PipelineKey, float], None]

_STEPS: Final = (1.0, 1.0, 2.0, 3.0, 5.0)


class _Forever:
    """Seconds between kopf's tries of one request. It never gives up: giving up would end the process."""

    def __iter__(self) -> Iterator[float]:
        return chain(_STEPS, repeat(_STEPS[-1]))


_SOON: Final = 0.3
"""Seconds in which events of one pipeline's children are gathered into one pass."""

_OURS: Final = f"app.kubernetes.io/part-of={PART_OF},app.kubernetes.io/managed-by={MANAGED_BY}"


def register(
    registry: kopf.OperatorRegistry, children: Iterable[Kind], notify: Notify, saw: Callable[[str], None]
) -> None:
    """Watch pipelines and these kinds of children."""

    async def of_pipeline(body: Mapping[str, Any], **_: Any) -> None:
        saw(PIPELINE.kind)
        notify(PipelineKey(body["metadata"]["namespace"], body["metadata"]["name"]), 0.0)

    async def of_child(body: Mapping[str, Any], **_: Any) -> None:
        saw(body["kind"])
        notify(PipelineKey(body["metadata"]["namespace"], body["metadata"]["labels"][LABEL_PIPELINE]), _SOON)

    kopf.on.event(*_names(PIPELINE), registry=registry)(of_pipeline)
    for kind in children:
        kopf.on.event(*_names(kind), registry=registry, labels={LABEL_PIPELINE: kopf.PRESENT})(of_child)


def watch_paths(kinds: Iterable[Kind], namespaces: Iterable[str]) -> list[str]:
    """The paths under which kopf watches these kinds: one each for all namespaces, or one each in every namespace."""
    places = [f"namespaces/{namespace}/" for namespace in namespaces] or [""]
    roots = [(f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}", kind.plural) for kind in kinds]
    return [f"{root}/{place}{plural}" for root, plural in roots for place in places]


def watch_settings(children: Iterable[Kind], shard: str, silence: float) -> kopf.OperatorSettings:
    """Make kopf a watcher only: it scans nothing, posts nothing, keeps nothing, and asks for what is ours.

    A watch that is silent for `silence` seconds, bookmarks among what it could say, is taken for dead and begun anew
    where it ended.
    """
    settings = kopf.OperatorSettings()
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.process.ultimate_exiting_timeout = 8.0
    settings.queueing.exit_timeout = 0.5
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
