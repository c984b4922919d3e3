"""What a process counts of its frames: the seam between the loops and the ledger and metrics.

Every frame that enters a hop leaves it, ends there or is given back, and is counted once for each. Implementations:
`camera_runtime.accounts` (ledger and metrics), `MemoryAccount` here (for tests).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from frame_tracking import DropReason, FrameID, Outcome, TraceContext

from camera_runtime.capture.problem import Problem
from camera_runtime.transports.base import BrokerUnavailableError

__all__ = ["FrameAccount", "MemoryAccount"]


class FrameAccount(Protocol):
    """Counts one process's frames and the state of what it depends on. Safe for several threads."""

    def entered(self, frame_id: FrameID, context: TraceContext, *, context_lost: bool = False) -> None:
        """A frame reached this hop."""

    def skipped(self, camera: str) -> None:
        """A picture was passed over to keep to the frame rate; it has no ID."""

    def left(self, frame_id: FrameID) -> None:
        """A frame was handed on."""

    def ended(self, frame_id: FrameID, outcome: Outcome, reason: DropReason | None = None) -> None:
        """A frame that had entered this hop ended here."""

    def dropped(self, frame_id: FrameID, context: TraceContext, stage: str, reason: DropReason) -> None:
        """A frame ended in the queue, on its way to `stage`."""

    def given_back(self, frame_id: FrameID) -> None:
        """A frame that had entered is not this process's any more: it is in the queue again, or another replica's."""

    def taken_back(self, frame_id: FrameID, context: TraceContext) -> None:
        """A frame that was given back came to this process again."""

    def duplicate(self, frame_id: FrameID) -> None:
        """A frame that this stage had finished came again."""

    def processed(self, frame_id: FrameID, context: TraceContext, seconds: float) -> None:
        """How long this hop worked on a frame."""

    def broker(self, error: BrokerUnavailableError | None = None) -> None:
        """How the process stands with its broker: what went wrong, None if it answered."""

    def lag(self, waiting: dict[str, int]) -> None:
        """How many frames wait for this stage, by camera."""

    def camera_up(self, *, up: bool) -> None:
        """The camera's state is this now."""

    def camera_failed(self, problem: Problem) -> None:
        """Something went wrong with the camera."""

    def camera_reconnected(self) -> None:
        """The camera's pictures arrive again."""


@dataclass
class MemoryAccount:
    """Keeps each call as a tuple of its name and what matters of its arguments, for tests."""

    calls: list[tuple[object, ...]] = field(default_factory=list)

    def names(self) -> list[object]:
        """Return the calls' names in order."""
        return [call[0] for call in self.calls]

    def entered(self, frame_id: FrameID, context: TraceContext, *, context_lost: bool = False) -> None:
        """Keep the call."""
        self.calls.append(("entered", frame_id.sequence, context.sampled, context_lost))

    def skipped(self, camera: str) -> None:
        """Keep the call."""
        self.calls.append(("skipped", camera))

    def left(self, frame_id: FrameID) -> None:
        """Keep the call."""
        self.calls.append(("left", frame_id.sequence))

    def ended(self, frame_id: FrameID, outcome: Outcome, reason: DropReason | None = None) -> None:
        """Keep the call."""
        self.calls.append(("ended", frame_id.sequence, outcome, reason))

    def dropped(self, frame_id: FrameID, context: TraceContext, stage: str, reason: DropReason) -> None:  # noqa: ARG002 - the seam's
        """Keep the call."""
        self.calls.append(("dropped", frame_id.sequence, stage, reason))

    def given_back(self, frame_id: FrameID) -> None:
        """Keep the call."""
        self.calls.append(("given_back", frame_id.sequence))

    def taken_back(self, frame_id: FrameID, context: TraceContext) -> None:  # noqa: ARG002 - the seam's
        """Keep the call."""
        self.calls.append(("taken_back", frame_id.sequence))

    def duplicate(self, frame_id: FrameID) -> None:
        """Keep the call."""
        self.calls.append(("duplicate", frame_id.sequence))

    def processed(self, frame_id: FrameID, context: TraceContext, seconds: float) -> None:
        """Keep the call, without its duration."""
        self.calls.append(("processed", frame_id.sequence, context.sampled, seconds >= 0))

    def broker(self, error: BrokerUnavailableError | None = None) -> None:
        """Keep the call."""
        self.calls.append(("broker", error is None, str(error or "")))

    def lag(self, waiting: dict[str, int]) -> None:
        """Keep the call."""
        self.calls.append(("lag", dict(waiting)))

    def camera_up(self, *, up: bool) -> None:
        """Keep the call."""
        self.calls.append(("camera_up", up))

    def camera_failed(self, problem: Problem) -> None:
        """Keep the call."""
        self.calls.append(("camera_failed", problem))

    def camera_reconnected(self) -> None:
        """Keep the call."""
        self.calls.append(("camera_reconnected",))
