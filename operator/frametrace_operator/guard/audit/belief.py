"""Belief: what of a ledger is believed. A pod may run anybody's image, and speaks for its own hop only. Pure.

It may name frames of the spec's cameras (a capture: of its own), of the time that was asked for, at the hop that its labels
say it is; and say that frames ended in the queues before the stages that read it, which it does when it has to drop them.
All else is foreign: a stage that named frames of another hop could have tracing rolled back for frames that there never were.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from frame_tracking import FinishedFrames, Ledger, LedgerBucket, LedgerWindow

__all__ = ["Speaker", "believed"]

_TIME: Final = 21
"""Characters of a frame ID's time."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who tells a ledger.

    Attributes:
        hop: that it is.
        readers: stages that read what it sends.
        cameras: whose frames it may have; empty for any.
    """

    hop: str
    readers: frozenset[str] = frozenset()
    cameras: frozenset[str] = frozenset()

    def knows(self, camera: str) -> bool:
        """Whether frames of that camera may come its way."""
        return not self.cameras or camera in self.cameras


def believed(ledger: Ledger, speaker: Speaker, span: tuple[int, int]) -> tuple[Ledger, int]:
    """The ledger without what is foreign in its window, and how many buckets and frames that were.

    Args:
        ledger: as the pod told it.
        speaker: who the pod is.
        span: what it was asked for, in seconds since 1970.
    """
    window = ledger.window
    if window is None:
        return ledger, 0
    buckets = tuple(bucket for bucket in window.buckets if _is_own(bucket, speaker, span))
    strange = sum(bucket.hop != speaker.hop and bucket.hop not in speaker.readers for bucket in window.buckets)
    strange += sum(not speaker.knows(bucket.camera) for bucket in window.buckets if bucket.hop == speaker.hop)
    named = [_named(frames, speaker, span) for frames in window.frames]
    strange += sum(count for _, count in named)
    kept = tuple(frames for frames, _ in named if frames is not None)
    cleaned = LedgerWindow(start=span[0], end=span[1], forgotten=window.forgotten, buckets=buckets, frames=kept)
    return ledger.model_copy(update={"window": cleaned}), strange


def _is_own(bucket: LedgerBucket, speaker: Speaker, span: tuple[int, int]) -> bool:
    return bucket.hop == speaker.hop and speaker.knows(bucket.camera) and span[0] <= bucket.start < span[1]


def _named(frames: FinishedFrames, speaker: Speaker, span: tuple[int, int]) -> tuple[FinishedFrames | None, int]:
    """Those that are believed, and how many are not."""
    many = len(frames.left) + len(frames.ended)
    if not speaker.knows(frames.camera) or (frames.hop != speaker.hop and frames.hop not in speaker.readers):
        return None, many
    left = tuple(_of(frames.left, frames.camera, span)) if frames.hop == speaker.hop else ()
    ended = tuple(_of(frames.ended, frames.camera, span))
    kept = frames.model_copy(update={"left": left, "ended": ended})
    return kept, many - len(left) - len(ended)


def _of(texts: Iterable[str], camera: str, span: tuple[int, int]) -> Iterable[str]:
    """Frame IDs of that camera and time: their order is that of time, so nothing has to be parsed."""
    begin, end, whose = _text(span[0]), _text(span[1]), f"_{camera}_"
    return (text for text in texts if begin <= text < end and text.startswith(whose, _TIME))


def _text(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%dT%H%M%S}"
