"""The fleet: which pipelines there are and how they stand, for the gauge and for the periodic pass. In memory only."""

from collections import Counter

from frametrace_api.conditions import ConditionType
from frametrace_api.status import CameraPipelineStatus
from prometheus_client import Gauge

from frametrace_operator.keys import PipelineKey

__all__ = ["Fleet"]

_State = tuple[str, str]


class Fleet:
    """Pipelines by key, each with the status and reason of its Ready condition."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._ready: dict[PipelineKey, _State] = {}
        self._numbers: Counter[_State] = Counter()

    def __len__(self) -> int:
        return len(self._ready)

    def __contains__(self, key: PipelineKey) -> bool:
        return key in self._ready

    def pipelines(self) -> list[PipelineKey]:
        """All pipelines."""
        return list(self._ready)

    def saw(self, key: PipelineKey, status: CameraPipelineStatus) -> None:
        """A pipeline stands so."""
        ready = status.condition(ConditionType.READY)
        before, now = self._ready.get(key), (ready.status.value, ready.reason) if ready else ("Unknown", "")
        self._ready[key] = now
        if before != now:  # nearly every pass finds it as it was
            self._count(before, -1)
            self._count(now, 1)

    def forget(self, key: PipelineKey) -> None:
        """A pipeline is gone."""
        self._count(self._ready.pop(key, None), -1)

    def _count(self, state: _State | None, more: int) -> None:
        """So many more stand so. Nothing is counted anew: each of a thousand pipelines has a pass of its own."""
        if state is None:
            return
        self._numbers[state] += more
        if self._numbers[state]:
            self._gauge.labels(*state).set(self._numbers[state])
        else:
            del self._numbers[state]
            self._gauge.remove(*state)
