"""LedgerBook: counts every frame by camera, hop and session, in memory; what `/ledger` and most metrics are read from."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from frame_tracking import DropReason, FrameID, HopCount, Outcome
from frame_tracking.ledger_window import LedgerWindow

from telemetry.buckets import Buckets, Caps, Live
from telemetry.window import Found, windowed

__all__ = ["LedgerBook", "Totals"]

_SESSIONS_KEPT: Final = 16
"""A camera's sessions that are told apart at a hop; older ones are only in the totals."""
_NO_SESSION: Final = "00000"


@dataclass(slots=True)
class _Count:
    entered: int = 0
    left: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    given_back: int = 0
    ended_waiting: int = 0
    duplicates: int = 0
    traced: int = 0
    context_lost: int = 0
    last_sequence: int = 0
    last_frame: float = 0.0
    buckets: Buckets = field(default_factory=Buckets)

    def add(self, other: _Count) -> None:
        self.entered += other.entered
        self.left += other.left
        self.ended.update(other.ended)
        self.given_back += other.given_back
        self.ended_waiting += other.ended_waiting
        self.duplicates += other.duplicates
        self.traced += other.traced
        self.context_lost += other.context_lost
        self.last_frame = max(self.last_frame, other.last_frame)
        self.buckets.forgotten = max(self.buckets.forgotten, other.buckets.newest())

    def end(
        self, frame_id: FrameID, how: tuple[Outcome, DropReason | None], caps: Caps, *, traced: bool = False
    ) -> None:
        outcome, reason = how
        name = f"{outcome}:{reason}" if reason else str(outcome)
        self.ended[name] += 1
        self.buckets.end(frame_id, name, caps, traced=traced)


@dataclass(frozen=True, slots=True)
class Totals:
    """All sessions of one camera at one hop together: these never fall.

    Attributes:
        ended: by `outcome` or `outcome:reason`.
        last_frame: seconds since 1970.
    """

    camera: str
    hop: str
    entered: int
    left: int
    ended: dict[str, int]
    given_back: int
    duplicates: int
    context_lost: int
    last_frame: float


class LedgerBook:
    """Counts; safe for several threads, about a microsecond a call. Times are seconds since 1970, from the caller."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], dict[str, _Count]] = defaultdict(dict)
        self._folded: dict[tuple[str, str], _Count] = defaultdict(_Count)
        self._caps, self._live = Caps.of(1), Live("", on=True)

    def follow(self, revision: str, *, on: bool) -> None:
        """Note which tree of stages holds from now on, and whether frames that enter are traced."""
        self._live = Live(revision, on)

    def enter(self, frame_id: FrameID, hop: str, *, traced: bool, context_lost: bool = False) -> None:
        """Count a frame that reached `hop`: captured, or received for the first time."""
        with self._lock:
            count = self._of(frame_id, hop)
            count.buckets.enter(frame_id, self._live, self._caps, traced=traced)
            count.entered += 1
            count.traced += traced
            count.context_lost += context_lost
            count.last_sequence = max(count.last_sequence, frame_id.sequence)

    def leave(self, frame_id: FrameID, hop: str, at: float) -> None:
        """Count a frame that was handed on."""
        with self._lock:
            count = self._of(frame_id, hop)
            count.left += 1
            count.buckets.leave(frame_id, self._caps)
            count.last_frame = max(count.last_frame, at)

    def end(
        self, frame_id: FrameID, hop: str, ended: tuple[Outcome, DropReason | None], at: float | None = None
    ) -> None:
        """Count a branch that ended at `hop`; `at` only where it ended well or was worked on."""
        with self._lock:
            count = self._of(frame_id, hop)
            count.end(frame_id, ended, self._caps)
            count.last_frame = max(count.last_frame, at or 0.0)

    def end_in_queue(self, frame_id: FrameID, hop: str, ended: tuple[Outcome, DropReason], *, traced: bool) -> None:
        """Count a branch that ended on its way to `hop`, without having entered there."""
        with self._lock:
            count = self._of(frame_id, hop)
            count.end(frame_id, ended, self._caps, traced=traced)
            count.ended_waiting += 1

    def give_back(self, frame_id: FrameID, hop: str) -> None:
        """Count an entered frame as not this process's any more."""
        with self._lock:
            count = self._of(frame_id, hop)
            count.given_back += 1
            count.buckets.of(frame_id, self._caps).given_back += 1
            count.buckets.close(frame_id)

    def take_back(self, frame_id: FrameID, hop: str, *, traced: bool) -> None:
        """Count a frame that was given back as this process's again."""
        with self._lock:
            count = self._of(frame_id, hop)
            bucket = count.buckets.of(frame_id, self._caps)
            if count.given_back:
                count.given_back -= 1
            else:  # its session was folded into the totals meanwhile
                count.entered += 1
            if bucket.given_back:
                bucket.given_back -= 1
            else:
                bucket.entered += 1
            if traced:
                count.buckets.open(frame_id, bucket)

    def duplicate(self, frame_id: FrameID, hop: str) -> None:
        """Count a second execution."""
        with self._lock:
            count = self._of(frame_id, hop)
            count.duplicates += 1
            count.buckets.of(frame_id, self._caps).duplicates += 1

    def hops(self) -> tuple[HopCount, ...]:
        """Return the counts of the sessions that are told apart."""
        with self._lock:
            return tuple(self._hop_counts())

    def totals(self) -> tuple[Totals, ...]:
        """Return the counts of all sessions together."""
        with self._lock:
            return tuple(self._total(camera, hop) for camera, hop in self._counts)

    def window(self, start: int, end: int, frames: int = 0) -> LedgerWindow:
        """Return a range of the frames' own time, seconds since 1970, with at most `frames` frames a camera and hop."""
        with self._lock:
            found = [
                Found(camera, hop, session, at, bucket.copied())
                for (camera, hop), sessions in self._counts.items()
                for session, count in sessions.items()
                for at, bucket in count.buckets.select(start, end)
            ]
            every = (
                *self._folded.values(),
                *(count for sessions in self._counts.values() for count in sessions.values()),
            )
            forgotten = max((count.buckets.forgotten for count in every), default=0)
        return windowed((start, end), found, frames, forgotten)

    def _of(self, frame_id: FrameID, hop: str) -> _Count:
        sessions = self._counts[frame_id.camera, hop]
        session = frame_id.session or _NO_SESSION
        count = sessions.get(session)
        if count is None:
            if len(sessions) >= _SESSIONS_KEPT:
                oldest = next(iter(sessions))
                self._folded[frame_id.camera, hop].add(sessions.pop(oldest))
            count = sessions[session] = _Count()
            self._caps = Caps.of(len(self._counts))
        return count

    def _hop_counts(self) -> Iterator[HopCount]:
        for (camera, hop), sessions in self._counts.items():
            for session, count in sessions.items():
                yield HopCount(
                    camera=camera,
                    hop=hop,
                    session=session,
                    entered=count.entered,
                    left=count.left,
                    ended=dict(count.ended),
                    given_back=count.given_back,
                    ended_waiting=count.ended_waiting,
                    duplicates=count.duplicates,
                    traced=count.traced,
                    context_lost=count.context_lost,
                    last_sequence=count.last_sequence,
                    last_frame=count.last_frame,
                )

    def _total(self, camera: str, hop: str) -> Totals:
        total = _Count()
        total.add(self._folded[camera, hop])
        for count in self._counts[camera, hop].values():
            total.add(count)
        return Totals(
            camera,
            hop,
            total.entered,
            total.left,
            dict(total.ended),
            total.given_back,
            total.duplicates,
            total.context_lost,
            total.last_frame,
        )
