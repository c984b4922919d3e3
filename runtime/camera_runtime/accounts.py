"""Counts a process's frames in its ledger and its metrics; see `camera_runtime.account` for the seam."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from frame_tracking import DropReason, FrameID, Outcome, TraceContext
from frame_tracking.ledger import BrokerState
from telemetry.ledger import LedgerBook
from telemetry.metrics import RuntimeMetrics

from camera_runtime.capture.problem import Problem
from camera_runtime.transports.base import BrokerUnavailableError

__all__ = ["LedgerAccount"]


class LedgerAccount:
    """The account of one hop.

    Args:
        hop: `capture`, or the stage's name.
        camera: whose state `camera_up` and its like tell; empty in a stage.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        hop: str,
        book: LedgerBook,
        metrics: RuntimeMetrics,
        camera: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hop = hop
        self._book = book
        self._metrics = metrics
        self._camera = camera
        self._clock = clock
        self._lock = threading.Lock()
        self._broker: BrokerState | None = None
        self._waiting: dict[str, int] | None = None

    @property
    def broker_state(self) -> BrokerState | None:
        """How the process stands with its broker; None before it first tried."""
        return self._broker

    @property
    def waiting(self) -> dict[str, int] | None:
        """Frames that the stage has not finished, by camera; None before the broker first counted them."""
        return self._waiting

    def entered(self, frame_id: FrameID, context: TraceContext, *, context_lost: bool = False) -> None:
        """See `FrameAccount`."""
        self._book.enter(frame_id, self._hop, traced=_traced(context), context_lost=context_lost)

    def skipped(self, camera: str) -> None:
        """See `FrameAccount`."""
        self._metrics.skipped(camera)

    def left(self, frame_id: FrameID) -> None:
        """See `FrameAccount`."""
        self._book.leave(frame_id, self._hop, self._clock())

    def ended(self, frame_id: FrameID, outcome: Outcome, reason: DropReason | None = None) -> None:
        """See `FrameAccount`."""
        well = self._clock() if outcome is Outcome.COMPLETED else None
        self._book.end(frame_id, self._hop, (outcome, reason), well)

    def dropped(self, frame_id: FrameID, context: TraceContext, stage: str, reason: DropReason) -> None:
        """See `FrameAccount`."""
        self._book.end_in_queue(frame_id, stage, (Outcome.DROPPED, reason), traced=_traced(context))

    def given_back(self, frame_id: FrameID) -> None:
        """See `FrameAccount`."""
        self._book.give_back(frame_id, self._hop)

    def taken_back(self, frame_id: FrameID, context: TraceContext) -> None:
        """See `FrameAccount`."""
        self._book.take_back(frame_id, self._hop, traced=_traced(context))

    def duplicate(self, frame_id: FrameID) -> None:
        """See `FrameAccount`."""
        self._book.duplicate(frame_id, self._hop)

    def processed(self, frame_id: FrameID, context: TraceContext, seconds: float) -> None:
        """See `FrameAccount`."""
        self._metrics.observe(frame_id, self._hop, seconds, traced=context.sampled)

    def broker(self, error: BrokerUnavailableError | None = None) -> None:
        """See `FrameAccount`."""
        connected, reason, message = (False, error.problem.value, str(error)) if error else (True, "", "")
        with self._lock:
            before = self._broker
            if before is not None and (before.connected, before.message) == (connected, message):
                return
            since = before.since if before is not None and before.connected == connected else self._clock()
            self._broker = BrokerState(connected=connected, reason=reason, message=message, since=since)
        self._metrics.broker_up(up=connected)

    def lag(self, waiting: dict[str, int]) -> None:
        """See `FrameAccount`."""
        self._waiting = dict(waiting)
        for camera, frames in waiting.items():
            self._metrics.queue_lag(camera, self._hop, frames)

    def camera_up(self, *, up: bool) -> None:
        """See `FrameAccount`."""
        self._metrics.camera_up(self._camera, up=up)

    def camera_failed(self, problem: Problem) -> None:
        """See `FrameAccount`."""
        self._metrics.camera_error(self._camera, problem.value)

    def camera_reconnected(self) -> None:
        """See `FrameAccount`."""
        self._metrics.camera_reconnected(self._camera)


def _traced(context: TraceContext) -> bool:
    """Whether the audit looks for a frame; not for one whose trace begins in the middle: it compares what capture traced."""
    return context.sampled and not context.partial
