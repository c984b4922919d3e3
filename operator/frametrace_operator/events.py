"""Events about pipelines, as `kubectl describe` shows them: the same news within a while is one Event with a count.

Must not know which news there are.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from frametrace_operator.kube.base import Kube, Object
from frametrace_operator.kube.kinds import EVENT
from frametrace_operator.notice import Notice

__all__ = ["CONTROLLER", "Recorder"]

CONTROLLER: Final = "frametrace.dev/operator"
_SERIES: Final = timedelta(minutes=10)
_MOST_KNOWN: Final = 4096


@dataclass(slots=True)
class _Series:
    name: str
    count: int
    first: datetime
    last: datetime


class Recorder:
    """Writes Events; it remembers the latest few thousand, to count repetitions."""

    def __init__(self, kube: Kube, instance: str) -> None:
        self._kube = kube
        self._instance = instance
        self._known: OrderedDict[tuple[str, str, str], _Series] = OrderedDict()

    async def record(self, resource: Object, notice: Notice, now: datetime) -> None:
        """Write one Event about a resource."""
        metadata = resource["metadata"]
        series = self._series((metadata["uid"], notice.reason, notice.note), metadata["name"], now)
        await self._kube.record(self._event(resource, notice, series))

    def _series(self, key: tuple[str, str, str], name: str, now: datetime) -> _Series:
        known = self._known.pop(key, None)
        if known is None or now - known.last > _SERIES:
            digest = blake2b(f"{now.timestamp()} {key}".encode(), digest_size=8).hexdigest()
            known = _Series(f"{name}.{digest}", 0, now, now)
        known.count, known.last = known.count + 1, now
        self._known[key] = known
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return known

    def _event(self, resource: Object, notice: Notice, series: _Series) -> Object:
        metadata = resource["metadata"]
        event: dict[str, Any] = {
            "apiVersion": EVENT.api_version,
            "kind": EVENT.kind,
            "metadata": {"name": series.name, "namespace": metadata["namespace"]},
            "eventTime": _micro(series.first),
            "reportingController": CONTROLLER,
            "reportingInstance": self._instance,
            "action": "Reconcile",
            "type": notice.type,
            "reason": notice.reason,
            "note": notice.note,
            "regarding": {
                "apiVersion": resource["apiVersion"],
                "kind": resource["kind"],
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "uid": metadata["uid"],
            },
        }
        if series.count > 1:
            event["series"] = {"count": series.count, "lastObservedTime": _micro(series.last)}
        return event


def _micro(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
