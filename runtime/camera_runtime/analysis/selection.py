"""Which journeys count: those of frames, of the pipelines that are asked for, that had time to come to their end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from frame_tracking import Journey

from camera_runtime.analysis.owners import Owner, owner_of

__all__ = ["Journeys", "LeftOut", "Selected", "Wanted"]

_SECOND_US: Final = 1_000_000


class Journeys(Protocol):
    """Where journeys come from: `SavedJourneys`, `StoredJourneys`."""

    name: str
    """What it is, for people."""
    unreadable: int
    """How many entries could not be read and were passed over."""
    until_us: int
    """When what it has ends, in microseconds since 1970; known as soon as there is a journey."""

    @property
    def shortfall(self) -> str:
        """What it could not give, in a sentence; known after the last journey."""

    def journeys(self, progress: Callable[[float], None]) -> Iterator[Journey]:
        """Yield each trace once; `progress` is told the share that was read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; an empty name is any.

    Attributes:
        settle_seconds: how long ago a journey must have begun to count, seen from the end of what the source has.
    """

    pipeline: str = ""
    namespace: str = ""
    settle_seconds: float = 0.0

    def owned(self, owner: Owner) -> bool:
        """Tell whether a pipeline is asked for."""
        return self.pipeline in {"", owner.pipeline} and self.namespace in {"", owner.namespace}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Journeys that do not count.

    Attributes:
        no_frame: traces without a frame ID, which are of other programs.
        other_pipelines: of pipelines that are not asked for.
        under_way: that began so lately that they may be under way.
    """

    no_frame: int = 0
    other_pipelines: int = 0
    under_way: int = 0


class Selected:
    """The journeys of a source that count. After the last one it knows which did not, and of which pipelines the others are."""

    def __init__(self, source: Journeys, wanted: Wanted) -> None:
        self._source, self._wanted = source, wanted
        self._no_frame = self._other = self._under_way = 0
        self.pipelines = Counter[Owner]()

    @property
    def left_out(self) -> LeftOut:
        """Those that do not count."""
        return LeftOut(self._no_frame, self._other, self._under_way)

    def journeys(self, progress: Callable[[float], None]) -> Iterator[Journey]:
        """Yield those that count."""
        for journey in self._source.journeys(progress):
            owner = owner_of(journey)
            if journey.frame_id is None:
                self._no_frame += 1
            elif not self._wanted.owned(owner):
                self._other += 1
            elif self._may_be_under_way(journey):
                self._under_way += 1
            else:
                self.pipelines[owner] += 1
                yield journey

    def _may_be_under_way(self, journey: Journey) -> bool:
        settle_us = self._wanted.settle_seconds * _SECOND_US
        return settle_us > 0 and journey.spans[0].start_us > self._source.until_us - settle_us
