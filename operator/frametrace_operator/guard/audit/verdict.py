"""Verdict: which faults are missing frames, and which tell nothing, because something else explains them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from frame_tracking import FrameID

from frametrace_operator.guard.audit.causes import Losses
from frametrace_operator.guard.audit.examine import Fault
from frametrace_operator.guard.audit.readings import Place
from frametrace_operator.guard.evidence import MissingFrame

__all__ = ["Circumstances", "Verdict", "verdict"]

TOO_SMALL = "Jaeger's storage is too small: it gave up traces before they were looked for"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else was going on.

    Attributes:
        jaeger: why nothing that Jaeger has not can be said to be missing; empty if nothing speaks against it.
        evicted: whether Jaeger has given up traces for want of room.
        off: hops at which tracing was switched meanwhile.
        changed: places some of whose processes are gone, or fell silent.
        waiting: places whose processes still hold spans of the window.
        lost: what the processes of each place lost, for places where none is gone.
    """

    jaeger: str = ""
    evicted: bool = False
    off: frozenset[str] = frozenset()
    changed: frozenset[Place] = frozenset()
    waiting: frozenset[Place] = frozenset()
    lost: Mapping[Place, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Frames that are missing, and how many tell nothing, of them so many evicted, and why."""

    missing: tuple[MissingFrame, ...] = ()
    unknown: int = 0
    evicted: int = 0
    reason: str = ""


def verdict(faults: Mapping[FrameID, Fault], circumstances: Circumstances) -> Verdict:
    """Tell missing frames from those that tell nothing."""
    if circumstances.evicted and faults:
        return Verdict(unknown=len(faults), evicted=len(faults), reason=TOO_SMALL)
    if circumstances.jaeger and faults:
        return Verdict(unknown=len(faults), reason=circumstances.jaeger)
    missing, reasons, losses = [], [], Losses(circumstances.lost)
    for frame_id, fault in faults.items():
        camera = frame_id.camera
        left = _unexcused(fault, camera, circumstances)
        if left:
            missing.append(MissingFrame(frame_id, left[0], losses.cause_of(replace(fault, hops=left), camera)))
        else:
            reasons.append(_excuse(fault, camera, circumstances))
    return Verdict(tuple(missing), len(reasons), 0, reasons[0] if reasons else "")


def _unexcused(fault: Fault, camera: str, circumstances: Circumstances) -> tuple[str, ...]:
    """Hops that nothing else explains. Below one that is missing and excused nothing is known: the frame may have ended there."""
    changed, waiting = _hops(circumstances.changed, camera), _hops(circumstances.waiting, camera)
    excused, parents = circumstances.off | changed | waiting, dict(fault.stages)

    def explained(hop: str) -> bool:
        return hop in excused or (parents.get(hop) in fault.hops and explained(parents[hop]))

    return tuple(hop for hop in fault.hops if not explained(hop))


def _excuse(fault: Fault, camera: str, circumstances: Circumstances) -> str:
    for excused, words in (
        (circumstances.off, "tracing was switched in this window at {}"),
        (_hops(circumstances.changed, camera), "pods of {} were replaced, or did not tell, in this window"),
        (_hops(circumstances.waiting, camera), "spans still wait in pods of {}"),
    ):
        at = excused.intersection(fault.hops)
        if at:
            return words.format(", ".join(sorted(at)))
    return ""


def _hops(places: frozenset[Place], camera: str) -> frozenset[str]:
    """Hops of that camera's frames that are among the places."""
    return frozenset(place.hop for place in places if place.camera in ("", camera))
