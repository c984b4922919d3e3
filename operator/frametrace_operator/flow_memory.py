"""Flow memory: what a pipeline's pods told, from one reading of their ledgers to the next, and the flow that this makes. Pure.

Times are the operator's own: a count that grew, grew now. So no pod's clock can feign or hide a flow.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from frame_tracking import CAPTURE_HOP, Ledger
from frame_tracking.ledger import CameraState

from frametrace_operator.flow import Flow, Spans
from frametrace_operator.growth import growth
from frametrace_operator.handovers import Handovers
from frametrace_operator.pace import FLOW_SECONDS, Hands, Pace, gone, turns, well_ended
from frametrace_operator.process_memory import ProcessMemory
from frametrace_operator.texts import clipped

__all__ = ["FIRST_SECONDS", "FlowMemory"]

FIRST_SECONDS: Final = 20.0
"""How long the operator, new to a pipeline, may fail to reach a pod before that counts as the pod's fault."""

_THROUGH: Final = ("passed", "finished")
_MOST_SAID: Final = 500  # characters of what a pod says


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
        unreadable = {pod: process for pod, process in self._processes.items() if process.unreadable(now)}
        ledgers = [
            process.ledger for pod, process in self._processes.items() if process.ledger and pod not in unreadable
        ]
        return Flow(
            entered=frozenset(camera for kind, hop, camera in lately if kind == "entered" and hop == CAPTURE_HOP),
            ever_entered=frozenset(
                hop.camera for ledger in ledgers for hop in ledger.hops if hop.hop == CAPTURE_HOP and hop.entered
            ),
            passed=frozenset((hop, camera) for kind, hop, camera in lately if kind == "passed"),
            finished=frozenset((hop, camera) for kind, hop, camera in lately if kind == "finished"),
            failed=frozenset((hop, camera) for kind, hop, camera in lately if kind == "failed")
            | {place for place, fails in owed.items() if fails},
            behind=frozenset(owed),
            slow=frozenset(slow),
            known=frozenset(
                (count.hop, count.camera)
                for ledger in ledgers
                for count in ledger.hops
                if count.left + well_ended(count)
            ),
            cameras={camera.id: _coarse(camera) for ledger in ledgers for camera in ledger.cameras},
            brokers=self._broker_troubles(now),
            broker_connected=any(ledger.broker is not None and ledger.broker.connected for ledger in ledgers),
            unreadable={pod: process.trouble for pod, process in unreadable.items()},
            silent=any(process.trouble for process in self._processes.values()),
            unsure=self._unsure(now),
            young=any(process.young(now) for process in self._processes.values()),
            spans=_spans(lately),
            drops=frozenset(cause for kind, _, cause in lately if kind == "dropped"),
            busy=self._moved(now) or any(map(_unfinished, ledgers)),
            tracing={
                pod: process.ledger.tracing
                for pod, process in self._processes.items()
                if process.ledger and process.ledger.tracing and not process.trouble
            },
        )

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

    def _moved(self, now: float) -> bool:
        """Whether any count of frames grew in the last seconds, however slow the cameras are."""
        return any(
            hop and now - at <= FLOW_SECONDS + self.gap
            for process in self._processes.values()
            for (_, hop, _), at in process.grew.items()
        )

    def _broker_troubles(self, now: float) -> frozenset[tuple[str, str]]:
        lasting = filter(None, (process.broker_trouble(now) for process in self._processes.values()))
        return frozenset((broker.reason, clipped(broker.message, _MOST_SAID)) for broker in lasting)


def _unfinished(ledger: Ledger) -> bool:
    """Whether a stage has frames in its queue, by the broker's word, or in its hands: that word is as old as a handler is slow."""
    if any((ledger.waiting or {}).values()):
        return True
    own = [hop for hop in ledger.hops if hop.hop == ledger.service]
    return any(hop.entered > gone(hop) for hop in own)


def _coarse(camera: CameraState) -> CameraState:
    return camera.model_copy(update={"since": 0.0, "message": clipped(camera.message, _MOST_SAID)})


def _spans(lately: list[tuple[str, str, str]]) -> Spans:
    kinds = {kind for kind, _, _ in lately}
    if "dropped" in kinds:
        return Spans.DROPPED
    if "exported" in kinds:
        return Spans.EXPORTED
    return Spans.STUCK if "created" in kinds else Spans.NONE
