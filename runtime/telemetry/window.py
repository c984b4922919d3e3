"""A range of a ledger as it is answered: buckets as models, and of the finished frames those with the smallest hashes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from frame_tracking.ledger_window import FinishedFrames, LedgerBucket, LedgerWindow

from telemetry.buckets import Bucket, hashed

__all__ = ["Found", "windowed"]


class Found(NamedTuple):
    """A bucket of the range; `start` in seconds since 1970."""

    camera: str
    hop: str
    session: str
    start: int
    bucket: Bucket


def windowed(span: tuple[int, int], found: Iterable[Found], frames: int, forgotten: int) -> LedgerWindow:
    """Return the range `span`, with at most `frames` frames a camera and hop."""
    by_series: dict[tuple[str, str], list[Bucket]] = defaultdict(list)
    models = []
    for each in found:
        by_series[each.camera, each.hop].append(each.bucket)
        models.append(_model(each))
    named = [_named(series, buckets, frames) for series, buckets in by_series.items() if frames]
    return LedgerWindow(start=span[0], end=span[1], forgotten=forgotten, buckets=tuple(models), frames=tuple(named))


def _named(series: tuple[str, str], buckets: list[Bucket], most: int) -> FinishedFrames:
    bounds = [bucket.below for bucket in buckets if bucket.below is not None]
    left, ended = (hashed(b"".join(kind)) for kind in zip(*((b.kept_left, b.kept_ended) for b in buckets), strict=True))
    every = sorted(left | ended)
    if len(every) > most:
        bounds.append(every[most])
    below = min(bounds, default=None)
    return FinishedFrames(
        camera=series[0], hop=series[1], left=_texts(left, below), ended=_texts(ended, below), below=below
    )


def _texts(frames: dict[int, bytes], below: int | None) -> tuple[str, ...]:
    return tuple(line.decode() for value, line in frames.items() if below is None or value < below)


def _model(found: Found) -> LedgerBucket:
    bucket = found.bucket
    return LedgerBucket(
        camera=found.camera,
        hop=found.hop,
        session=found.session,
        start=found.start,
        entered=bucket.entered,
        left=bucket.left,
        ended=bucket.ended or {},
        given_back=bucket.given_back,
        duplicates=bucket.duplicates,
        traced=bucket.traced,
        finished=bucket.finished,
        revision=bucket.revision,
        off=bucket.off,
    )
