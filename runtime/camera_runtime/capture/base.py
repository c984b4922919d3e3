"""The sources' seam: where a stream's packets come from. Implementations: `media` (cameras, files), `synthetic`, `memory`.

Lives where pictures are decoded. A source is opened for one connection: reconnecting makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import av

from camera_runtime.capture.events import Received

__all__ = ["Packet", "Source"]


class Packet(Protocol):
    """One access unit of the stream, not decoded yet."""

    @property
    def received(self) -> Received:
        """When it was received."""

    @property
    def pts(self) -> int | None:
        """Its picture's presentation time stamp, as the picture will have it."""

    @property
    def keyframe(self) -> bool:
        """Whether decoding can begin here."""

    def decode(self) -> Sequence[av.VideoFrame]:
        """Decode; most packets give one picture, the first ones may give none.

        Raises:
            SourceError: `INVALID_STREAM`, if this packet is damaged; the next ones may be well.
        """


class Source(Protocol):
    """One connection to a camera. One thread opens, reads and closes; `abort` may be called by any other."""

    def open(self) -> None:
        """Connect.

        Raises:
            SourceError: if that fails, takes too long or is aborted.
        """

    def packets(self) -> Iterator[Packet]:
        """Yield packets as they come, until the stream breaks.

        Raises:
            SourceError: always in the end. `ENDED`, where a file's was reached.
        """

    def abort(self) -> None:
        """Break an `open` or a read that hangs: it raises soon."""

    def close(self) -> None:
        """Let go of the connection. Never raises."""
