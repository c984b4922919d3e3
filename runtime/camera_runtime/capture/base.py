"""The sources' seam: where a camera's packets come from. Implementations: `synthetic`, `rtsp`.

A source is opened for one connection: reconnecting makes a new one. It knows nothing of frame IDs, traces or queues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import av

__all__ = ["NewSource", "Packet", "Source"]


class Packet(Protocol):
    """One access unit of the stream, not decoded yet."""

    @property
    def received_ns(self) -> int:
        """When it was received, nanoseconds since 1970."""

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
            SourceError: always in the end: a camera's stream has no good end.
        """

    def abort(self) -> None:
        """Break an `open` or a read that hangs: it raises soon."""

    def close(self) -> None:
        """Let go of the connection. Never raises."""


NewSource = Callable[[], Source]
"""Makes a source for the next connection; does no I/O."""
