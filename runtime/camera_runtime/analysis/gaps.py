"""Missing sequence numbers: of each camera's session, the numbers between the first and the last seen that no journey has."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from frame_tracking import Attribute, FrameID, InvalidFrameIDError, Journey

__all__ = ["Gap", "Gaps", "SessionGaps"]


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that are missing in a row; `last` is the last of them."""

    first: int
    last: int

    @property
    def frames(self) -> int:
        """How many."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class SessionGaps:
    """One session of a camera.

    Attributes:
        sampled: whether every frame was sampled, as far as the journeys tell; where a part was, a number without a journey says nothing.
        gaps: none, unless every frame was sampled.
    """

    camera: str
    session: str
    first: int
    last: int
    seen: int
    sampled: bool
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> int | None:
        """Frames that are missing; None where nothing can be told."""
        return sum(gap.frames for gap in self.gaps) if self.sampled else None


class Gaps:
    """Adds journeys up; eight bytes a frame."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], array[int]] = defaultdict(lambda: array("Q"))
        self._whole: set[tuple[str, str]] = set()
        self._left_out: set[tuple[str, str]] = set()

    def take(self, journey: Journey) -> None:
        """Add one; a journey whose frame has no ID of ours, or only the day-long form, is in no session."""
        try:
            frame_id = FrameID(journey.frame_id or "")
        except InvalidFrameIDError:
            return
        if frame_id.session is None:
            return
        session = frame_id.camera, frame_id.session
        self._seen[session].append(frame_id.sequence)
        ratio = _ratio(journey)
        if ratio is not None:
            (self._left_out if ratio < 1 else self._whole).add(session)

    def sessions(self) -> tuple[SessionGaps, ...]:
        """Return all sessions, each with its gaps."""
        return tuple(self._session(*session) for session in sorted(self._seen))

    def _session(self, camera: str, session: str) -> SessionGaps:
        numbers = sorted(set(self._seen[camera, session]))
        sampled = (camera, session) in self._whole - self._left_out
        between = pairwise(numbers) if sampled else ()
        gaps = tuple(Gap(before + 1, after - 1) for before, after in between if after > before + 1)
        return SessionGaps(camera, session, numbers[0], numbers[-1], len(numbers), sampled, gaps)


def _ratio(journey: Journey) -> float | None:
    """The share of frames that was sampled; below 1 of a frame that was kept though sampling had left it out; None if nothing tells."""
    if journey.partial:
        return 0.0
    for span in journey.roots:
        try:
            return float(span.attributes[Attribute.SAMPLING_RATIO])
        except (KeyError, TypeError, ValueError):
            continue
    return None
