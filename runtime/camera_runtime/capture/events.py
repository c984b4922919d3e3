"""What a camera's stream gives, once decoded: plain values that can go from one process to another. Pure.

Light on purpose: the decoder's process imports it, and must start fast. It knows nothing of frame IDs or traces.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from camera_runtime.capture.problem import Problem

__all__ = ["Event", "Lost", "LostReason", "Noted", "Passed", "Received", "TakenPicture"]


@dataclass(frozen=True, slots=True)
class Received:
    """When a packet was received, in nanoseconds: since 1970, and by the machine's monotonic clock."""

    wall_ns: int
    monotonic_ns: int


@dataclass(frozen=True, slots=True)
class TakenPicture:
    """A picture to publish, and when what happened to it.

    Attributes:
        received: of the packet that holds it.
        decode_ns: begin and end of decoding, since 1970.
        process_ns: begin and end of scaling and encoding, since 1970.
        camera_size: width and height as the camera sent it.
        size: width and height of `data`.
        encoding: what `FrameMetadata.encoding` says of `data`.
        data: the encoded picture.
        pts: presentation time stamp in units of `time_base`.
        corrupt: whether the decoder calls it damaged.
        mark: a fingerprint, once a second.
    """

    received: Received
    decode_ns: tuple[int, int]
    process_ns: tuple[int, int]
    camera_size: tuple[int, int]
    size: tuple[int, int]
    encoding: str
    data: bytes | memoryview
    keyframe: bool = True
    pts: int | None = None
    time_base: Fraction | None = None
    corrupt: bool = False
    mark: int | None = None


class LostReason(StrEnum):
    """Why something that was received gives no frame."""

    MALFORMED = "malformed"
    """It could not be decoded, or not be encoded again."""
    OVERFLOW = "overflow"
    """Nobody took the pictures before it in time."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Packets or pictures that were received and give no frame.

    Attributes:
        received: when; of several, the last one.
        detail: one line for people.
        count: how many.
    """

    received: Received
    reason: LostReason
    detail: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Passed:
    """Pictures that were decoded and passed over, to keep to the frame rate: the stream moves.

    Attributes:
        received: of the last one.
        count: how many.
        corrupt: how many of them the decoder calls damaged.
        mark: a fingerprint, once a second.
    """

    received: Received
    count: int
    corrupt: int = 0
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """The stream had a fault that cost no picture by itself, so many times."""

    problem: Problem
    count: int


Event = TakenPicture | Lost | Passed | Noted
