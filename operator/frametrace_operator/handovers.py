"""Handovers: what the ledgers of a pipeline's stages say of frames that one hands on to the next, kept as debts. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from frame_tracking import Ledger

from frametrace_operator.debts import Debts, Place
from frametrace_operator.growth import What
from frametrace_operator.pace import Pace, gone, well_ended

__all__ = ["Handovers"]


@dataclass(frozen=True, slots=True)
class _Told:
    """A pod's last ledger, and when it was asked for."""

    ledger: Ledger
    asked: float


class Handovers:
    """One pipeline's stages. Feed it every ledger of every pod, with what grew in it."""

    def __init__(self) -> None:
        self._told: dict[str, _Told] = {}
        self._debts = Debts()

    def see(
        self,
        pod: str,
        ledger: Ledger,
        grown: Mapping[What, tuple[int, float]],
        times: tuple[float, float],
        pace: Pace,
    ) -> None:
        """Take a ledger that was asked for and came at these times.

        What got through a stage since the last one pays its debt; what it handed on is the debt of those below it. What comes
        from a capture comes at a known pace, and needs no such book. Of a pod's first ledger nobody knows since when.
        """
        asked, now = times
        before = self._told.get(pod)
        for (kind, stage, camera), (more, seen) in grown.items():
            if stage not in pace.steps or not more:
                continue
            at = min(now, seen) if before is None and seen else now
            if kind == "spoilt":
                self._debts.spoilt((stage, camera), at)
            if kind == "passed":
                self._debts.paid((stage, camera), at)
                handed = more - grown["finished", stage, camera][0]
                if before is not None and handed > 0:
                    self._owe((stage, camera), handed, (before.asked, now), pace)
        self._told[pod] = _Told(ledger, asked)
        self._settle(ledger.service, pace)
        self._debts.forget_before(min(told.asked for told in self._told.values()))

    def keep_only(self, pods: frozenset[str]) -> None:
        """Forget every other pod, and what pods owed that are all gone."""
        self._told = {pod: told for pod, told in self._told.items() if pod in pods}
        self._debts.keep_only(pods)

    def due(self, patience: Callable[[Place], float], now: float) -> dict[Place, bool]:
        """Where frames are overdue, and whether some failed there since."""
        due = self._debts.due(patience, now)
        return {place: self._debts.failing(place, after) for place, after in due.items()}

    def _owe(self, place: Place, frames: int, between: tuple[float, float], pace: Pace) -> None:
        stage, camera = place
        at_once = not self._ended(stage, camera, pace)
        for reader in pace.readers(stage):
            self._debts.handed_on((reader, camera), frames, self._pods(reader), between, at_once=at_once)

    def _ended(self, stage: str, camera: str, pace: Pace) -> bool:
        """Whether a frame of the camera had ended well in a stage, or above it, when it was last asked."""
        way = frozenset(pace.way_to(stage))
        rows = (row for told in self._told.values() for row in told.ledger.hops)
        return any(row.camera == camera and row.hop in way and well_ended(row) for row in rows)

    def _settle(self, stage: str, pace: Pace) -> None:
        """Let debts lapse of which nothing is left: no frame waits or is worked on."""
        for place in self._debts.of(stage):
            told = [self._told[pod] for pod in self._pods(stage)]
            if told and not any(_in_hands(each.ledger, place) for each in told):
                words = [_waiting(each.ledger, place[1]) for each in told]
                waiting = None if None in words else max(word for word in words if word is not None)
                self._debts.told(place, waiting, min(each.asked for each in told), pace.kept)

    def _pods(self, stage: str) -> frozenset[str]:
        return frozenset(pod for pod, told in self._told.items() if told.ledger.service == stage)


def _in_hands(ledger: Ledger, place: Place) -> bool:
    rows = [row for row in ledger.hops if (row.hop, row.camera) == place]
    return sum(row.entered for row in rows) > sum(gone(row) for row in rows)


def _waiting(ledger: Ledger, camera: str) -> int | None:
    """A camera's frames in the queue; None where the broker cannot be asked or was not."""
    if ledger.waiting is None or (ledger.broker is not None and not ledger.broker.connected):
        return None
    return ledger.waiting.get(camera, 0)
