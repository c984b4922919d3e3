"""The fleet: which pipelines there are and how they stand, for the gauge and for the periodic pass. In memory only."""

from collections import Counter

from frametrace_api.conditions import ConditionType
from frametrace_api.status import CameraPipelineStatus
from prometheus_client import Gauge

from frametrace_operator.keys import PipelineKey

__all__ = ["Fleet"]


class Fleet:
    """Pipelines by key, each with the status and reason of its Ready condition."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._ready: dict[PipelineKey, tuple[str, str]] = {}

    def pipelines(self) -> list[PipelineKey]:
        """All pipelines."""
        return list(self._ready)

    def saw(self, key: PipelineKey, status: CameraPipelineStatus) -> None:
        """A pipeline stands so."""
        ready = status.condition(ConditionType.READY)
        self._ready[key] = (ready.status.value, ready.reason) if ready else ("Unknown", "")
        self._show()

    def forget(self, key: PipelineKey) -> None:
        """A pipeline is gone."""
        self._ready.pop(key, None)
        self._show()

    def _show(self) -> None:
        self._gauge.clear()
        for (ready, reason), number in Counter(self._ready.values()).items():
            self._gauge.labels(ready, reason).set(number)
