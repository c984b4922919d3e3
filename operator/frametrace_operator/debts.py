"""Debts: frames that one stage handed on to another, which has got none of them through yet. Pure.

A stage may end some of a camera's frames well and hand others on, so what it ended says nothing of the stage below it. It
may hand on a frame once in a while only: a debt stays until it is paid, however long no other frame comes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Debts"]

Place = tuple[str, str]

_ENOUGH: Final = 3
"""Frames in a row: a single one that fails is no news."""


@dataclass(slots=True)
class _Debt:
    """What a stage owes a camera.

    Attributes:
        after: the frames were handed on after this time.
        since: when they were seen first.
        frames: how many there are by now.
        pods: the stage's at that time: those that come for them owe nothing.
    """

    after: float
    since: float
    frames: int
    pods: frozenset[str]


class Debts:
    """The debts of one pipeline's stages, as (stage, camera)."""

    def __init__(self) -> None:
        self._debts: dict[Place, _Debt] = {}
        self._proved: set[str] = set()

    def handed_on(self, place: Place, frames: int, pods: frozenset[str], *, after: float, now: float) -> None:
        """More frames of a camera were handed on to a stage that has these pods, after one time and before another."""
        if place in self._debts:
            self._debts[place].frames += frames
        elif pods:
            self._debts[place] = _Debt(after, now, frames, pods)

    def paid(self, place: Place) -> None:
        """A frame of the camera got through the stage."""
        self._debts.pop(place, None)
        self._proved.add(place[0])

    def keep_only(self, pods: frozenset[str]) -> None:
        """Forget what pods owed that are all gone."""
        self._debts = {place: debt for place, debt in self._debts.items() if not debt.pods.isdisjoint(pods)}

    def due(self, patience: Callable[[Place], float], now: float) -> dict[Place, float]:
        """Those that are overdue, each with the time after which its frames were handed on.

        Frames are on their way for a while; only of a stage that has never got any frame through nothing is to be expected.
        """
        return {
            place: debt.after
            for place, debt in self._debts.items()
            if place[0] not in self._proved or (debt.frames >= _ENOUGH and now - debt.since >= patience(place))
        }
