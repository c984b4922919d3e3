"""Debts: frames that one stage handed on to another, which has got none of them through yet. Pure.

A stage may end some of a camera's frames well and hand others on, so what it ended says nothing of the stage below it. It
may hand on a frame once in a while only: a debt stays until it is paid, or until nothing is left of its frames.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Debts", "Place"]

Place = tuple[str, str]
"""A stage and a camera."""

_ENOUGH: Final = 3
"""Frames in a row: a single one that fails is no news."""
_WORD_SECONDS: Final = 7.0
"""A word of a queue that came so long after frames were handed on knows of them: a stage asks its broker every 5 s."""
_NEVER: Final = float("-inf")


@dataclass(slots=True)
class _Debt:
    """What a stage owes a camera.

    Attributes:
        after: the frames were handed on after this time.
        since: when they were seen first.
        latest: when the last of them were seen.
        frames: how many there are by now.
        pods: the stage's at that time: those that come for them owe nothing.
        at_once: nothing of the camera had ended above the stage before, so it has never been taken for one that flows.
    """

    after: float
    since: float
    latest: float
    frames: int
    pods: frozenset[str]
    at_once: bool


class Debts:
    """The debts of one pipeline's stages, as (stage, camera)."""

    def __init__(self) -> None:
        self._debts: dict[Place, _Debt] = {}
        self._proved: set[str] = set()
        self._passed: dict[Place, float] = {}
        self._spoilt: dict[Place, float] = {}

    def handed_on(
        self, place: Place, frames: int, pods: frozenset[str], between: tuple[float, float], *, at_once: bool
    ) -> None:
        """More frames of a camera were handed on to a stage that has these pods, between two times.

        If it got any through since the first, be it in a pod that is gone, it may be through with these.
        """
        after, now = between
        if self._passed.get(place, _NEVER) >= after:
            return
        if place in self._debts:
            self._debts[place].frames += frames
            self._debts[place].latest = now
        elif pods:
            self._debts[place] = _Debt(after, now, now, frames, pods, at_once)

    def paid(self, place: Place, at: float) -> None:
        """A frame of the camera got through the stage."""
        self._debts.pop(place, None)
        self._proved.add(place[0])
        self._passed[place] = max(at, self._passed.get(place, _NEVER))

    def spoilt(self, place: Place, at: float) -> None:
        """A frame of the camera ended badly in the stage's hands."""
        self._spoilt[place] = max(at, self._spoilt.get(place, _NEVER))

    def failing(self, place: Place, after: float) -> bool:
        """Whether a frame ended badly in the stage's hands since then."""
        return self._spoilt.get(place, _NEVER) >= after

    def of(self, stage: str) -> list[Place]:
        """The places where a stage owes something."""
        return [place for place in self._debts if place[0] == stage]

    def told(self, place: Place, waiting: int | None, asked: float, kept: float) -> None:
        """Nothing is in the stage's hands, and so much in its queue by a word asked for then; `kept`: seconds that frames last.

        With no word (None), frames are taken for gone when none is kept for so long.
        """
        debt = self._debts[place]
        enough = kept if waiting is None else _WORD_SECONDS
        if not waiting and asked - debt.latest >= enough and not self.failing(place, debt.after):
            del self._debts[place]

    def keep_only(self, pods: frozenset[str]) -> None:
        """Forget what pods owed that are all gone."""
        self._debts = {place: debt for place, debt in self._debts.items() if not debt.pods.isdisjoint(pods)}

    def forget_before(self, time: float) -> None:
        """No frames that were handed on before then will be told of any more."""
        first = min((time, *(debt.after for debt in self._debts.values())))
        self._passed = {place: at for place, at in self._passed.items() if at >= first}
        self._spoilt = {place: at for place, at in self._spoilt.items() if at >= first}

    def due(self, patience: Callable[[Place], float], now: float) -> dict[Place, float]:
        """Those that are overdue, each with the time after which its frames were handed on.

        Frames are on their way for a while. Of a stage that has never got any through, a single one is enough.
        """
        return {
            place: debt.after
            for place, debt in self._debts.items()
            if (place[0] not in self._proved and debt.at_once)
            or ((place[0] not in self._proved or debt.frames >= _ENOUGH) and now - debt.since >= patience(place))
        }
