"""FrameTally: what became of every captured frame, by identity, where all hops of a pipeline are in one process.

A frame is over when each of its branches has ended; its outcome is then its worst branch's.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from frame_tracking import CAPTURE_HOP, DropReason, FrameID, Outcome, Topology, TraceContext
from telemetry.ledger import LedgerBook
from telemetry.metrics import RuntimeMetrics

from camera_runtime.accounts import LedgerAccount

__all__ = ["FrameTally", "Tallied", "TalliedAccount"]

_WORST = tuple(Outcome)


@dataclass(slots=True)
class _Open:
    branches: set[str]
    outcome: Outcome = Outcome.COMPLETED


@dataclass(frozen=True, slots=True)
class Tallied:
    """The numbers at one moment: `captured` = the sum of `ended` + `in_flight`.

    Attributes:
        captured: by camera.
        ended: by outcome.
        reasons: why branches were dropped.
    """

    captured: Counter[str]
    ended: Counter[Outcome]
    reasons: Counter[DropReason]
    in_flight: int


@dataclass
class FrameTally:
    """Follows every frame from its capture to the end of its last branch. Safe for several threads."""

    topology: Topology
    _captured: Counter[str] = field(default_factory=Counter)
    _ended: Counter[Outcome] = field(default_factory=Counter)
    _reasons: Counter[DropReason] = field(default_factory=Counter)
    _open: dict[FrameID, _Open] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def captured(self, frame_id: FrameID) -> None:
        """A frame was captured."""
        with self._lock:
            self._captured[frame_id.camera] += 1
            self._open[frame_id] = _Open(set(self.topology.leaves_below(CAPTURE_HOP)))

    def ended(self, frame_id: FrameID, hop: str, outcome: Outcome, reason: DropReason | None = None) -> None:
        """The branches below `hop` ended; frames of an earlier process, which a broker kept, are not counted."""
        with self._lock:
            if reason is not None:
                self._reasons[reason] += 1
            found = self._open.get(frame_id)
            if found is None:
                return
            found.branches.difference_update(self.topology.leaves_below(hop))
            found.outcome = max(found.outcome, outcome, key=_WORST.index)
            if not found.branches:
                del self._open[frame_id]
                self._ended[found.outcome] += 1

    def snapshot(self) -> Tallied:
        """Return the numbers."""
        with self._lock:
            return Tallied(Counter(self._captured), Counter(self._ended), Counter(self._reasons), len(self._open))


class TalliedAccount(LedgerAccount):
    """A hop's account that tells the tally, too.

    Args:
        hop: `capture`, or the stage's name.
        counted: ledger and metrics of the process.
        tally: of the process.
        camera: whose state is told; empty in a stage.
    """

    def __init__(
        self,
        hop: str,
        counted: tuple[LedgerBook, RuntimeMetrics],
        tally: FrameTally,
        camera: str = "",
    ) -> None:
        super().__init__(hop, *counted, camera)
        self._hop_name, self._tally = hop, tally

    def entered(self, frame_id: FrameID, context: TraceContext, *, context_lost: bool = False) -> None:
        """See `FrameAccount`."""
        super().entered(frame_id, context, context_lost=context_lost)
        if self._hop_name == CAPTURE_HOP:
            self._tally.captured(frame_id)

    def ended(self, frame_id: FrameID, outcome: Outcome, reason: DropReason | None = None) -> None:
        """See `FrameAccount`."""
        super().ended(frame_id, outcome, reason)
        self._tally.ended(frame_id, self._hop_name, outcome, reason)

    def dropped(self, frame_id: FrameID, context: TraceContext, stage: str, reason: DropReason) -> None:
        """See `FrameAccount`."""
        super().dropped(frame_id, context, stage, reason)
        self._tally.ended(frame_id, stage, Outcome.DROPPED, reason)
