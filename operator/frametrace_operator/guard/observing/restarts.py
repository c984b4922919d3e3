"""Restarts: how often a managed Jaeger restarted lately, and which restarts were its node's. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from frametrace_operator.guard.deciding.judge import RESTART_SECONDS
from frametrace_operator.keys import PipelineKey
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation

__all__ = ["Restarts"]

_NONE: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(slots=True)
class _Known:
    """What is known of one pipeline's Jaeger: each pod's count at the last look, and at the last restart that was its node's."""

    counts: dict[str, int]
    forgiven: dict[str, int]
    times: list[datetime] = field(default_factory=list)
    lost: bool = False


class Restarts:
    """Restarts of each pipeline's Jaeger in the last five minutes, as far as this process has seen them."""

    def __init__(self) -> None:
        self._known: dict[PipelineKey, _Known] = {}

    def saw(self, key: PipelineKey, seen: Observation, *, lost: bool = False) -> int:
        """Take a look at the pods; how many restarts there were.

        What a pod had behind it when it was first seen is not known to be of late. What it does while its node is `lost`, or as
        that comes back, is not its own doing.
        """
        pods = {pod.uid: pod.restarts for pod in seen.pods if pod.role == Role.JAEGER}
        known = self._known.setdefault(key, _Known(pods, dict(pods)))
        grown = {
            uid: count - known.counts.get(uid, 0) for uid, count in pods.items() if count > known.counts.get(uid, 0)
        }
        lately = seen.now - timedelta(seconds=RESTART_SECONDS)
        known.times = [time for time in known.times if lately < time <= seen.now]  # the clock may have been set back
        known.forgiven = {uid: count for uid, count in known.forgiven.items() if uid in pods}
        if lost or known.lost:
            known.forgiven |= {uid: pods[uid] for uid in grown}
        else:
            known.times += [seen.now] * sum(grown.values())
        known.counts, known.lost = pods, lost
        return len(known.times)

    def forgiven(self, key: PipelineKey) -> Mapping[str, int]:
        """By pod, up to which restart none is known to be Jaeger's own doing."""
        return self._known[key].forgiven if key in self._known else _NONE

    def forget(self, key: PipelineKey) -> None:
        """The pipeline is gone."""
        self._known.pop(key, None)
