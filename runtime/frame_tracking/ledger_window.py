"""What a ledger tells of a range of the frames' own time: buckets of counts, and which traced frames were finished. Pure.

All hops and replicas keep the same sample: the frames whose hashes are smallest. So samples of several processes merge.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["BUCKET_SECONDS", "MOST_FRAMES", "Count", "FinishedFrames", "LedgerBucket", "LedgerWindow", "sample_hash"]

BUCKET_SECONDS: Final = 5
MOST_FRAMES: Final = 5000
"""Most frames a camera and hop that are named in one answer."""
_BITS: Final = 64


Count = Annotated[int, Field(ge=0, le=2**53)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class LedgerBucket(_Model):
    """Counts of one camera's session at one hop, of the frames that were captured in five seconds of their own time.

    Law: `entered = left + ended + given back + in flight`.
    """

    camera: str
    hop: str
    session: str
    start: Count = Field(description="Seconds since 1970; a multiple of 5.")
    entered: Count = 0
    left: Count = 0
    ended: dict[str, Count] = Field(default_factory=dict)
    given_back: Count = 0
    duplicates: Count = 0
    traced: Count = Field(0, description="Entered frames whose context was sampled.")
    finished: Count = Field(0, description="Traced frames that left or ended here.")
    revision: str = Field("", description="Of the stages, as they were meanwhile; empty if they changed.")
    off: bool = Field(
        default=False, description="Whether tracing was switched off here, for some of the frames at least."
    )


class FinishedFrames(_Model):
    """Traced frames of one camera that left one hop or ended there: all of the range, or those with the smallest hashes."""

    camera: str
    hop: str
    left: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    below: int | None = Field(
        None,
        ge=0,
        lt=1 << _BITS,
        description="Only frames whose hash is below it are named, and of those all; null: all.",
    )


class LedgerWindow(_Model):
    """A range of the frames' own time."""

    start: Count = Field(description="Seconds since 1970.")
    end: Count = Field(description="Seconds since 1970, not included.")
    forgotten: Count = Field(0, description="Of frames older than that, in seconds since 1970, not all are known.")
    buckets: tuple[LedgerBucket, ...] = ()
    frames: tuple[FinishedFrames, ...] = Field((), description="Empty unless asked for.")


def sample_hash(frame_id: bytes) -> int:
    """Return what frames are sampled by: the low 64 bits of the trace ID, from the frame ID's text."""
    return int.from_bytes(blake2b(frame_id, digest_size=10).digest()[2:], "big")
