"""Buckets: one session's frames at one hop, counted by five seconds of their own time; and which traced ones were finished.

Bounded: a session has so many buckets, the older of them keep fewer frames. What is pruned are the frames with the largest
hashes, so that what is left is the same sample everywhere. Not thread-safe; the ledger's lock is around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from frame_tracking import FrameID
from frame_tracking.ledger_window import BUCKET_SECONDS, sample_hash

__all__ = ["Bucket", "Buckets", "Caps", "Live", "bucket_start", "hashed"]

_KEPT: Final = 240
"""Buckets of a session: 20 minutes, twice the longest window."""
_YOUNG: Final = 24
"""Buckets that keep as many frames as possible: two minutes, for windows of up to a minute."""
_MOST_OPEN: Final = 4096
_GATHERED: Final = 256
_FRAMES: Final = 200_000
"""Frames that a process keeps of each age, about 46 bytes each; a bound in spirit: every bucket may keep a few."""


class Live(NamedTuple):
    """What the live contract says while a frame enters."""

    revision: str
    on: bool


class Caps(NamedTuple):
    """Most frames that a young and an old bucket keep."""

    young: int
    old: int

    @classmethod
    def of(cls, series: int) -> Caps:
        """Share the room between so many cameras and hops."""
        young = _FRAMES // (_YOUNG * series)
        old = _FRAMES // ((_KEPT - _YOUNG) * series)
        return cls(min(5000, max(64, young)), min(1000, max(8, old)))


@dataclass(slots=True)
class Bucket:
    """Counts; see `frame_tracking.LedgerBucket`. Finished traced frames, by whether they left or ended here.

    Attributes:
        kept_left: frame IDs, each with a line feed; `kept_ended` likewise.
        new_left: those that are not yet among them; `new_ended` likewise.
        below: those that are kept have smaller hashes; None if all are kept.
    """

    entered: int = 0
    left: int = 0
    ended: dict[str, int] | None = None
    given_back: int = 0
    duplicates: int = 0
    traced: int = 0
    finished: int = 0
    live: Live | None = None
    revision: str = ""
    off: bool = False
    below: int | None = None
    kept: int = 0
    kept_left: bytes = b""
    kept_ended: bytes = b""
    new_left: list[FrameID] = field(default_factory=list)
    new_ended: list[FrameID] = field(default_factory=list)

    def follow(self, live: Live) -> None:
        """Note what holds now."""
        if self.live is None:
            self.revision = live.revision
        elif self.revision != live.revision:
            self.revision = ""
        self.live, self.off = live, self.off or not live.on

    def count_end(self, name: str) -> None:
        """Count a branch that ended."""
        if self.ended is None:
            self.ended = {}
        self.ended[name] = self.ended.get(name, 0) + 1

    def copied(self) -> Bucket:
        """Return a bucket that stays as it is."""
        self.gather()
        return replace(self, ended=dict(self.ended) if self.ended else None, new_left=[], new_ended=[])

    def gather(self) -> None:
        """Put the new IDs to those that are kept: an object a frame would take ten times as much memory."""
        if self.new_left or self.new_ended:
            self.kept += len(self.new_left) + len(self.new_ended)
            self.kept_left += _lines(map(str.encode, self.new_left))
            self.kept_ended += _lines(map(str.encode, self.new_ended))
            self.new_left.clear()
            self.new_ended.clear()

    def prune(self, cap: int) -> None:
        """Keep the `cap` frames with the smallest hashes."""
        self.gather()
        if self.kept <= cap:
            return
        left, ended = hashed(self.kept_left), hashed(self.kept_ended)
        every = sorted(left | ended)
        if len(every) > cap:
            self.below = min(every[cap], every[cap] if self.below is None else self.below)
            left, ended = ({h: line for h, line in kind.items() if h < self.below} for kind in (left, ended))
        self.kept_left, self.kept_ended = _lines(left.values()), _lines(ended.values())
        self.kept = len(left) + len(ended)


class Buckets:
    """One session's buckets at one hop, by the first second of each, as frame IDs write it.

    Attributes:
        forgotten: seconds since 1970; of frames before that not all are known.
    """

    __slots__ = ("_by_key", "_last", "_last_key", "_open", "forgotten")

    def __init__(self) -> None:
        self.forgotten = 0
        self._by_key: dict[str, Bucket] = {}
        self._last_key, self._last = "", Bucket()
        self._open: dict[FrameID, Bucket] = {}

    def of(self, frame_id: FrameID, caps: Caps) -> Bucket:
        """Return a frame's bucket. What is written into that of a frame which is too old is forgotten."""
        key = frame_id[:14] + ("5" if frame_id[14] >= "5" else "0")
        if key == self._last_key:
            return self._last
        self._last.gather()
        self._last_key, self._last = key, self._by_key.get(key) or self._new(key, frame_id, caps)
        return self._last

    def enter(self, frame_id: FrameID, live: Live, caps: Caps, *, traced: bool) -> None:
        """A frame entered."""
        bucket = self.of(frame_id, caps)
        bucket.entered += 1
        if bucket.live is not live:
            bucket.follow(live)
        if traced:
            bucket.traced += 1
            self.open(frame_id, bucket)

    def open(self, frame_id: FrameID, bucket: Bucket) -> None:
        """A traced frame is in the process's hands."""
        self._open[frame_id] = bucket
        if len(self._open) > _MOST_OPEN:  # it counts as in flight for good
            del self._open[next(iter(self._open))]

    def close(self, frame_id: FrameID) -> None:
        """A frame is another's now."""
        self._open.pop(frame_id, None)

    def leave(self, frame_id: FrameID, caps: Caps) -> None:
        """A frame left."""
        bucket = self._open.pop(frame_id, None)
        if bucket is None:
            self.of(frame_id, caps).left += 1
            return
        bucket.left += 1
        bucket.finished += 1
        bucket.new_left.append(frame_id)
        if len(bucket.new_left) >= _GATHERED:
            _gather(bucket, caps)

    def end(self, frame_id: FrameID, name: str, caps: Caps, *, traced: bool = False) -> None:
        """A frame ended; `traced` if it did not enter before and is to be counted so."""
        bucket = self._open.pop(frame_id, None)
        traced = traced or bucket is not None
        bucket = bucket or self.of(frame_id, caps)
        bucket.count_end(name)
        if traced:
            bucket.finished += 1
            bucket.new_ended.append(frame_id)
            if len(bucket.new_ended) >= _GATHERED:
                _gather(bucket, caps)

    def select(self, start: int, end: int) -> list[tuple[int, Bucket]]:
        """The buckets that begin in a range, each with its start."""
        first, last = _key(start), _key(end)
        return [(bucket_start(key), bucket) for key, bucket in self._by_key.items() if first <= key < last]

    def newest(self) -> int:
        """The end of the newest bucket, in seconds since 1970."""
        return bucket_start(max(self._by_key)) + BUCKET_SECONDS if self._by_key else self.forgotten

    def _new(self, key: str, frame_id: FrameID, caps: Caps) -> Bucket:
        if frame_id.session is None:
            return Bucket()  # the older form of IDs has no time
        by_age = sorted(self._by_key, reverse=True)
        if len(by_age) >= _KEPT:
            oldest = min(key, by_age[-1])
            self.forgotten = max(self.forgotten, bucket_start(oldest) + BUCKET_SECONDS)
            if oldest == key:
                return Bucket()
            del self._by_key[oldest]
        if len(by_age) >= _YOUNG:
            self._by_key[by_age[_YOUNG - 1]].prune(caps.old)
        bucket = self._by_key[key] = Bucket()
        return bucket


def _gather(bucket: Bucket, caps: Caps) -> None:
    bucket.gather()
    if bucket.kept >= 2 * caps.young:
        bucket.prune(caps.young)


def bucket_start(key: str) -> int:
    """Return a bucket's start in seconds since 1970, from its key, such as 20240315T101530."""
    return int(datetime.fromisoformat(f"{key}Z").timestamp())


def _key(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S")


def hashed(lines: bytes) -> dict[int, bytes]:
    """Return frame IDs by their hashes."""
    return {sample_hash(line): line for line in lines.split(b"\n") if line}


def _lines(frame_ids: Iterable[bytes]) -> bytes:
    return b"".join(frame_id + b"\n" for frame_id in frame_ids)
