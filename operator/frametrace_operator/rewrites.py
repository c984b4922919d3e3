"""Rewrites: how soon to look again at a pipeline whose children somebody else keeps changing back.

An admission webhook that rewrites a field undoes every repair at once; without a back-off, each repair would follow the
last one by a second, for ever. In memory only.
"""

from typing import Final

from frametrace_operator.decide import Plan
from frametrace_operator.keys import PipelineKey

__all__ = ["Rewrites"]

_FIRST_SECONDS: Final = 1.0
_MOST_SECONDS: Final = 300.0


class Rewrites:
    """Pipelines by the repairs that the last pass made, and how often in a row it made the same ones."""

    def __init__(self) -> None:
        self._made: dict[PipelineKey, tuple[frozenset[tuple[str, ...]], int]] = {}

    def again(self, key: PipelineKey, plan: Plan) -> float:
        """A pass wrote this plan; the seconds until the next look: doubled for each time that the same was written."""
        writes = frozenset((*child.key, why) for child, why in plan.apply)
        known, times = self._made.get(key, (frozenset(), 0))
        times = times + 1 if writes == known else 0
        self._made[key] = (writes, times)
        return min(_MOST_SECONDS, _FIRST_SECONDS * 2.0 ** min(times, 30))

    def forget(self, key: PipelineKey) -> None:
        """A pass had nothing to write, or the pipeline is gone."""
        self._made.pop(key, None)
