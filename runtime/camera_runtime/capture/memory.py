"""A source that plays what it is given, for tests: packets, then the error that ends the connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import av

from camera_runtime.capture.events import Received
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["MemoryPacket", "MemorySource"]


@dataclass(frozen=True, slots=True)
class MemoryPacket:
    """A packet whose pictures are there already; `damaged` makes `decode` fail."""

    received_ns: int
    pictures: Sequence[av.VideoFrame] = ()
    keyframe: bool = True
    damaged: bool = False
    pts: int | None = None

    @property
    def received(self) -> Received:
        """The same time by both clocks."""
        return Received(self.received_ns, self.received_ns)

    def decode(self) -> Sequence[av.VideoFrame]:
        """Return the pictures.

        Raises:
            SourceError: `INVALID_STREAM`, if the packet is damaged.
        """
        if self.damaged:
            raise SourceError(Problem.INVALID_STREAM, "a picture could not be decoded")
        return self.pictures


@dataclass
class MemorySource:
    """One connection.

    Attributes:
        refusal: what `open` raises, if anything.
        end: what `packets` raises in the end.
        calls: the names of the methods that were called.
    """

    sent: Sequence[MemoryPacket] = ()
    refusal: SourceError | None = None
    end: SourceError = field(default_factory=lambda: SourceError(Problem.CLOSED, "the camera closed the connection"))
    calls: list[str] = field(default_factory=list)

    def open(self) -> None:
        """See `Source.open`."""
        self.calls.append("open")
        if self.refusal:
            raise self.refusal

    def packets(self) -> Iterator[MemoryPacket]:
        """See `Source.packets`.

        Raises:
            RuntimeError: if the source is not open.
        """
        if "open" not in self.calls or "close" in self.calls:
            raise RuntimeError("packets() comes between open() and close()")
        yield from self.sent
        raise self.end

    def abort(self) -> None:
        """See `Source.abort`."""
        self.calls.append("abort")

    def close(self) -> None:
        """See `Source.close`."""
        self.calls.append("close")
