"""A feed that decodes in this process: for tests and measurements. A hostile or wedged stream takes it down."""

from __future__ import annotations

from collections.abc import Iterator

from camera_runtime.capture.base import Source
from camera_runtime.capture.events import Event
from camera_runtime.capture.taker import PictureTaker

__all__ = ["LocalFeed"]


class LocalFeed:
    """One connection.

    Args:
        source: gives its packets.
        taker: makes pictures of them.
    """

    def __init__(self, source: Source, taker: PictureTaker) -> None:
        self._source = source
        self._taker = taker

    def open(self) -> None:
        """See `Feed.open`."""
        self._source.open()

    def events(self) -> Iterator[Event]:
        """See `Feed.events`."""
        self._taker.begin()
        for packet in self._source.packets():
            yield from self._taker.take(packet)

    def abort(self) -> None:
        """See `Feed.abort`."""
        self._source.abort()

    def close(self) -> None:
        """See `Feed.close`."""
        self._source.close()
