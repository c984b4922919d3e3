"""A process's journal: one line a decision, in the kernel before the next step begins, so that it survives kill -9."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from camera_runtime.account import FrameAccount
from camera_runtime.capture.problem import Problem
from camera_runtime.frame import Frame
from camera_runtime.transports.base import BrokerUnavailableError, Sent
from frame_tracking import DropReason, FrameID, Outcome, TraceContext

from scripts.bench.no_loss_parts.fates import Event

__all__ = ["Journal", "JournalAccount", "JournalConsumer", "read_journal"]


class Journal:
    """Appends to `path`."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def write(self, kind: str, frame_id: str, hop: str = "-", detail: str = "-") -> None:
        """Write one event."""
        os.write(self._file, f"{kind} {frame_id} {hop} {detail}\n".encode())


def read_journal(path: Path) -> Iterator[Event]:
    """Read the events; a last line that was cut off is left out."""
    if not path.exists():
        return
    *lines, _ = path.read_text().split("\n")
    for line in lines:
        kind, frame_id, hop, detail = line.split(" ")
        yield Event(kind, frame_id, hop, detail)


class JournalAccount(FrameAccount):
    """The account of `hop`, whose counts are a journal; what a camera would tell is not of interest."""

    def __init__(self, hop: str, journal: Journal) -> None:
        self._hop, self._journal = hop, journal

    def entered(self, frame_id: FrameID, context: TraceContext, *, context_lost: bool = False) -> None:  # noqa: ARG002 - the seam's
        """A frame reached this hop."""
        self._journal.write("entered", frame_id, self._hop)

    def left(self, frame_id: FrameID) -> None:
        """A frame was handed on."""
        self._journal.write("left", frame_id, self._hop)

    def ended(self, frame_id: FrameID, outcome: Outcome, reason: DropReason | None = None) -> None:
        """A frame ended here."""
        self._journal.write("ended", frame_id, self._hop, f"{outcome}:{reason}" if reason else str(outcome))

    def dropped(self, frame_id: FrameID, context: TraceContext, stage: str, reason: DropReason) -> None:  # noqa: ARG002 - the seam's
        """A frame ended in the queue."""
        self._journal.write("ended", frame_id, stage, f"{Outcome.DROPPED}:{reason}")

    def duplicate(self, frame_id: FrameID) -> None:
        """A frame came again."""
        self._journal.write("duplicate", frame_id, self._hop)

    def skipped(self, camera: str) -> None:
        """Not of interest."""

    def given_back(self, frame_id: FrameID) -> None:
        """Not of interest: whoever finishes the frame says so."""

    def taken_back(self, frame_id: FrameID, context: TraceContext) -> None:
        """Not of interest."""

    def processed(self, frame_id: FrameID, context: TraceContext, seconds: float) -> None:
        """Not of interest."""

    def broker(self, error: BrokerUnavailableError | None = None) -> None:
        """Not of interest."""

    def lag(self, waiting: dict[str, int]) -> None:
        """Not of interest."""

    def camera_up(self, *, up: bool) -> None:
        """There is no camera."""

    def camera_failed(self, problem: Problem) -> None:
        """There is no camera."""

    def camera_reconnected(self) -> None:
        """There is no camera."""


class JournalConsumer:
    """A `Consumer` that says what it is about to settle, before the broker hears of it."""

    def __init__(self, consumer: Any, hop: str, journal: Journal) -> None:
        self._consumer, self._hop, self._journal = consumer, hop, journal

    def ack(self, frame: Frame) -> bool:
        """End the frame's branch."""
        self._journal.write("settling", frame.frame_id, self._hop)
        return bool(self._consumer.ack(frame))

    def forward(self, frame: Frame, trace_context: TraceContext) -> Sent:
        """Hand the frame on."""
        self._journal.write("settling", frame.frame_id, self._hop)
        sent: Sent = self._consumer.forward(frame, trace_context)
        return sent

    def dead_letter(self, frame: Frame, error: str) -> bool:
        """Put the frame aside."""
        self._journal.write("settling", frame.frame_id, self._hop)
        return bool(self._consumer.dead_letter(frame, error))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)
