"""The feeds' seam: one connection to a camera, as its pictures, decoded and encoded again.

Implementations: `local` (in this process), `decoder.feed` (in a process of its own, as pods have it). A feed is for one connection: reconnecting makes a new one. It knows nothing of frame IDs, traces or queues.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from camera_runtime.capture.events import Event

__all__ = ["Feed", "NewFeed"]


class Feed(Protocol):
    """One connection to a camera. One thread opens, reads and closes; `abort` may be called by any other."""

    def open(self) -> None:
        """Connect.

        Raises:
            SourceError: if that fails, takes too long or is aborted.
        """

    def events(self) -> Iterator[Event]:
        """Yield what the stream gives, until it breaks.

        Raises:
            SourceError: always in the end: a camera's stream has no good end. `ENDED`, where a file's was reached.
        """

    def abort(self) -> None:
        """Break an `open` or a read that hangs: it raises soon."""

    def close(self) -> None:
        """Let go of the connection. Never raises."""


class NewFeed(Protocol):
    """Makes the feeds of one camera."""

    def __call__(self) -> Feed:
        """Return the feed of the next connection; does no I/O."""

    def close(self) -> None:
        """Let go of what is kept between connections."""
