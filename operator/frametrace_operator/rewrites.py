"""Rewrites: when a child that somebody else keeps changing back may be repaired once more.

An admission webhook or another controller that rewrites a field undoes every repair at once, and what it writes is an event
that wakes the next pass. Without a back-off the two would write for ever, and where it is about an image, pods would be
replaced for ever. In memory only.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from frametrace_operator.keys import PipelineKey
from frametrace_operator.manifests import Child, ChildKey
from frametrace_operator.manifests.child import short_hash
from frametrace_operator.naming import Role

__all__ = ["Rewrites"]

_FIRST_SECONDS: Final = 1.0
_MOST_SECONDS: Final = 300.0
_MOST_LIVE_SECONDS: Final = 5.0
"""Of the live switch: while it rests, pods may trace that must not."""


@dataclass(frozen=True, slots=True)
class _Repair:
    """The last write of a child: the hash of what was applied, how often in a row the same had been before, and its longest rest."""

    manifest: str
    times: int
    at: datetime
    most: float

    @property
    def _rest(self) -> float:
        """Seconds in which the same is not applied again. The first repair after a write is made at once."""
        return min(self.most, _FIRST_SECONDS * 2.0 ** min(self.times - 1, 30)) if self.times else 0.0

    def left(self, now: datetime) -> float:
        """Seconds of the rest that are still to come."""
        return max(0.0, self._rest - (now - self.at).total_seconds())

    def is_over(self, now: datetime) -> bool:
        """Whether it was so long ago that the next one is the first of its row; or the clock went back."""
        return not 0 <= (now - self.at).total_seconds() < self._rest + _MOST_SECONDS


class Rewrites:
    """What was last written of each child of a pipeline. Something else that is to be written never waits."""

    def __init__(self) -> None:
        self._made: dict[PipelineKey, dict[ChildKey, _Repair]] = {}

    def resting(self, key: PipelineKey, now: datetime) -> dict[ChildKey, str]:
        """Hashes of the manifests that are not to be applied again yet, by child."""
        kept = {child: last for child, last in self._made.pop(key, {}).items() if not last.is_over(now)}
        if kept:
            self._made[key] = kept
        return {child: last.manifest for child, last in kept.items() if last.left(now)}

    def made(self, key: PipelineKey, written: Iterable[Child], now: datetime, anew: Container[ChildKey] = ()) -> None:
        """A pass applied these children; those that were not there, `anew`, are no repairs."""
        for child in written:
            manifest, last = short_hash(child.body), self._made.get(key, {}).get(child.key)
            again = last is not None and last.manifest == manifest and child.key not in anew
            times = last.times + 1 if last is not None and again else 0
            most = _MOST_LIVE_SECONDS if child.role == Role.LIVE else _MOST_SECONDS
            self._made.setdefault(key, {})[child.key] = _Repair(manifest, times, now, most)

    def wait(self, key: PipelineKey, children: Iterable[ChildKey], now: datetime) -> float | None:
        """Seconds until the first of these may be repaired again: what undoes a repair is not always an event."""
        made = self._made.get(key, {})
        return min((made[child].left(now) or _FIRST_SECONDS for child in children if child in made), default=None)

    def forget(self, key: PipelineKey) -> None:
        """The pipeline is gone."""
        self._made.pop(key, None)
