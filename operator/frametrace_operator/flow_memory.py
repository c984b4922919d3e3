"""Flow memory: what a pipeline's pods told, from one reading of their ledgers to the next, and what of it is lately. Pure.

Times are the operator's own: a count that grew, grew now. So no pod's clock can feign or hide a flow.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from frame_tracking import Ledger

from frametrace_operator.flow import Flow
from frametrace_operator.flow_summary import Told, summed_up
from frametrace_operator.growth import growth
from frametrace_operator.handovers import Handovers
from frametrace_operator.pace import Hands, Pace, turns
from frametrace_operator.process_memory import ProcessMemory

__all__ = ["FIRST_SECONDS", "FlowMemory"]

FIRST_SECONDS: Final = 20.0
"""How long the operator, new to a pipeline, may fail to reach a pod before that counts as the pod's fault."""

_THROUGH: Final = ("passed", "finished")


class FlowMemory:
    """One pipeline's readings. Feed it every reading of every pod; it forgets pods that are not named any more.

    Attributes:
        pace: how long ago a frame may have been seen to count as flowing.
        gap: seconds that pass between two readings, where that is long: a count that grew meanwhile may have grown at once.
    """

    def __init__(self, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.gap = 0.0
        self._processes: dict[str, ProcessMemory] = {}
        self._found: frozenset[str] | None = None
        self._begun: float | None = None
        self._handovers = Handovers()

    def read(self, pod: str, reading: Ledger | str, now: float, asked: float | None = None) -> None:
        """Take a pod's ledger, or the reason why there is none; it was `asked` for then (None: now)."""
        process = self._processes.setdefault(pod, ProcessMemory())
        self._begun = now if self._begun is None else self._begun
        if isinstance(reading, str):
            process.failed_with(reading, now)
            return
        asked = now if asked is None else asked
        before = process.ledger if process.ledger and process.ledger.started == reading.started else None
        first = process.ledger is None
        process.hands = process.hands if before else {}
        grown = growth(before, reading)
        process.grew = {what: at for what, at in process.grew.items() if what in grown or now - at <= self._lately}
        for what, (more, seen) in grown.items():
            if more:
                process.grew[what] = min(now, seen) if first and seen else now
        self._handovers.see(pod, reading, grown, (asked, now), self.pace)
        self._see_hands(process, reading, now)
        process.answered(reading, asked, now)

    def keep_only(self, pods: Iterable[str]) -> None:
        """Forget every other pod."""
        kept = frozenset(pods)
        self._found = kept if self._found is None else self._found & kept
        self._processes = {pod: process for pod, process in self._processes.items() if pod in kept}
        self._handovers.keep_only(kept)

    def flow(self, now: float) -> Flow:
        """The flow now."""
        slow = self._slow(now)
        owed = self._handovers.due(lambda place: self._patience(("passed", *place), slow), now)
        lately = [
            what
            for process in self._processes.values()
            for what, at in process.grew.items()
            if process.age(at, now) <= self._patience(what, slow)
        ]
        told = Told(self._processes, lately, owed, frozenset(slow))
        return summed_up(told, now, gap=self.gap, unsure=self._unsure(now))

    @property
    def told_at(self) -> dict[str, float]:
        """By pod, when the last question was asked that it answered; without those that never did."""
        return {pod: process.asked_at for pod, process in self._processes.items() if process.ledger}

    @property
    def doubtful(self) -> bool:
        """Whether the last reading of a pod told of a trouble that time, or the next reading, will judge."""
        return any(process.trouble or process.no_broker_since is not None for process in self._processes.values())

    @property
    def _lately(self) -> float:
        return self.pace.seconds + self.gap

    def _patience(self, what: tuple[str, str, str], slow: Mapping[str, float]) -> float:
        """How long ago a count may have grown to have grown lately: what gets through a slow stage comes late to all after it."""
        kind, hop, _ = what
        if kind not in _THROUGH or not slow:
            return self._lately
        return max((self._lately, *(slow.get(each, 0.0) for each in self.pace.way_to(hop))))

    def _slow(self, now: float) -> dict[str, float]:
        """Stages at work where a camera's turn may come later than lately, and when it comes at the latest.

        What was in a stage's hands at the last reading may have left them since, so its time is that of the reading.
        """
        found = {
            hop: self.gap + turns(self._hands(hop), step, self.pace.cameras, now - self.gap)
            for hop, step in self.pace.steps.items()
        }
        return {hop: seconds for hop, seconds in found.items() if seconds > self._lately}

    def _hands(self, hop: str) -> list[Hands]:
        return [process.hands[hop] for process in self._processes.values() if hop in process.hands]

    def _see_hands(self, process: ProcessMemory, reading: Ledger, now: float) -> None:
        for hop in {count.hop for count in reading.hops} & self.pace.steps.keys():
            counts = [count for count in reading.hops if count.hop == hop]
            if hop in process.hands:
                process.hands[hop].see(counts, self.pace.cameras, now)
            else:
                process.hands[hop] = Hands.first_seen(counts, self.pace.steps[hop].timeout, now)

    def _unsure(self, now: float) -> bool:
        if self._begun is None or now - self._begun >= FIRST_SECONDS:
            return False
        found = (self._processes.get(pod) for pod in self._found or ())
        return any(process is not None and process.trouble and process.ledger is None for process in found)
