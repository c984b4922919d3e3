"""Flow summary: the flow that what the pods told amounts to, at one moment. Pure. Must not know how that was remembered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from frame_tracking import CAPTURE_HOP, Ledger
from frame_tracking.ledger import CameraState

from frametrace_operator.flow import Flow, Place, Spans
from frametrace_operator.growth import What
from frametrace_operator.pace import FLOW_SECONDS, gone, well_ended
from frametrace_operator.process_memory import ProcessMemory
from frametrace_operator.texts import clipped

__all__ = ["Told", "summed_up"]

_MOST_SAID: Final = 500  # characters of what a pod says


@dataclass(frozen=True, slots=True)
class Told:
    """What the pods told.

    Attributes:
        processes: each pod's last word.
        lately: counts that grew lately.
        owed: (stage, camera) that is behind with its frames, and whether some failed there since.
        slow: stages at work where a camera's turn may come late.
    """

    processes: Mapping[str, ProcessMemory]
    lately: list[What]
    owed: Mapping[Place, bool]
    slow: frozenset[str]

    def grown(self, kind: str) -> frozenset[Place]:
        """(hop, camera) where such a count grew lately."""
        return frozenset((hop, camera) for what, hop, camera in self.lately if what == kind)


def summed_up(told: Told, now: float, *, gap: float, unsure: bool) -> Flow:
    """The flow now. `gap` is in seconds, as in `FlowMemory`; `unsure` if pods were not read yet."""
    unreadable = {pod: process.trouble for pod, process in told.processes.items() if process.unreadable(now)}
    ledgers = [process.ledger for pod, process in told.processes.items() if process.ledger and pod not in unreadable]
    return Flow(
        entered=frozenset(camera for hop, camera in told.grown("entered") if hop == CAPTURE_HOP),
        ever_entered=frozenset(
            hop.camera for ledger in ledgers for hop in ledger.hops if hop.hop == CAPTURE_HOP and hop.entered
        ),
        passed=told.grown("passed"),
        finished=told.grown("finished"),
        failed=told.grown("failed") | {place for place, fails in told.owed.items() if fails},
        behind=frozenset(told.owed),
        slow=told.slow,
        known=frozenset(
            (count.hop, count.camera) for ledger in ledgers for count in ledger.hops if count.left + well_ended(count)
        ),
        cameras={camera.id: _coarse(camera) for ledger in ledgers for camera in ledger.cameras},
        brokers=_broker_troubles(told.processes.values(), now),
        broker_connected=any(ledger.broker is not None and ledger.broker.connected for ledger in ledgers),
        unreadable=unreadable,
        silent=any(process.trouble for process in told.processes.values()),
        unsure=unsure,
        young=any(process.young(now) for process in told.processes.values()),
        spans=_spans(told.lately),
        drops=frozenset(cause for kind, _, cause in told.lately if kind == "dropped"),
        busy=_moved(told.processes.values(), now, gap) or any(map(_unfinished, ledgers)),
        tracing={
            pod: process.ledger.tracing
            for pod, process in told.processes.items()
            if process.ledger and process.ledger.tracing and not process.trouble
        },
    )


def _moved(processes: Iterable[ProcessMemory], now: float, gap: float) -> bool:
    """Whether any count of frames grew in the last seconds, however slow the cameras are."""
    return any(
        hop and process.age(at, now) <= FLOW_SECONDS + gap
        for process in processes
        for (_, hop, _), at in process.grew.items()
    )


def _broker_troubles(processes: Iterable[ProcessMemory], now: float) -> frozenset[tuple[str, str]]:
    lasting = filter(None, (process.broker_trouble(now) for process in processes))
    return frozenset((broker.reason, clipped(broker.message, _MOST_SAID)) for broker in lasting)


def _unfinished(ledger: Ledger) -> bool:
    """Whether a stage has frames in its queue, by the broker's word, or in its hands: that word is as old as a handler is slow."""
    if any((ledger.waiting or {}).values()):
        return True
    own = [hop for hop in ledger.hops if hop.hop == ledger.service]
    return any(hop.entered > gone(hop) for hop in own)


def _coarse(camera: CameraState) -> CameraState:
    return camera.model_copy(update={"since": 0.0, "message": clipped(camera.message, _MOST_SAID)})


def _spans(lately: list[What]) -> Spans:
    kinds = {kind for kind, _, _ in lately}
    if "dropped" in kinds:
        return Spans.DROPPED
    if "exported" in kinds:
        return Spans.EXPORTED
    return Spans.STUCK if "created" in kinds else Spans.NONE
