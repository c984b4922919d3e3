"""Growth: bytes that a span takes on a managed Jaeger's volume, from what its own metrics say once a window. Pure.

The volume's size alone does not tell: a table comes at a time, tables are merged, and what is too old leaves. So two things are
measured. What Jaeger gives its storage to keep grows with each span and with nothing else: that is a span's weight, before
compression. Which share of it the files have is known as long as the volume is younger than traces are kept, as nothing has left it.
"""

from dataclasses import dataclass
from typing import Final

from frametrace_operator.guard.jaeger.base import Taken

__all__ = ["LEAST_BYTES", "MOST_BYTES", "SHARE", "TABLE_BYTES", "Growth"]

SHARE: Final = 0.37
"""Measured: bytes of badger's files for a byte that it was given, of built-in spans; reckoned with until a volume tells its own."""

TABLE_BYTES: Final = 64 << 20
"""What badger holds in memory at most before it writes a file."""

LEAST_BYTES, MOST_BYTES = 50, 20_000
"""A span that would take less or more says that the metrics mean something else."""

_ENOUGH_SECONDS: Final = 300.0
_ENOUGH_SPANS: Final = 1000
_TABLES: Final = 8


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was told at a time."""

    at: float
    spans: int
    written: int
    stored: int


class Growth:
    """Remembers what it was told of one Jaeger."""

    def __init__(self) -> None:
        self._weight, self._share = _Weight(), _Share()
        self._assumed: float | None = None
        self._bytes: int | None = None

    def told(self, at: float, taken: Taken | None, *, lifetime: float, known: int | None) -> int | None:
        """Take what a Jaeger says; return the bytes of a span, None while they are not known.

        Args:
            at: now, in seconds.
            taken: what it says; None if it did not answer.
            lifetime: seconds that it keeps a trace.
            known: bytes of a span that an operator before this one measured: they are right until the spans change.
        """
        if taken is None or taken.written is None or taken.stored is None:
            return self._bytes
        seen = _Seen(at, taken.spans, taken.written, taken.stored)
        weight, share = self._weight.told(seen), self._share.told(seen, lifetime)
        if weight is None:
            return self._bytes
        if self._assumed is None:
            before = known / weight if known is not None else SHARE
            self._assumed = before if before <= 1 else SHARE
        found = round(weight * (share or self._assumed))
        if LEAST_BYTES <= found <= MOST_BYTES:
            self._bytes = found
        return self._bytes


class _Weight:
    """Bytes of a span before compression. What is told of spans and of bytes is ten seconds apart at most, so of 300 s it is little."""

    def __init__(self) -> None:
        self._mark: _Seen | None = None
        self._weight: float | None = None

    def told(self, seen: _Seen) -> float | None:
        mark = self._mark
        if mark is None or seen.spans < mark.spans or seen.written < mark.written:  # another process
            self._mark = seen
        elif seen.at - mark.at >= _ENOUGH_SECONDS and seen.spans - mark.spans >= _ENOUGH_SPANS:
            self._mark = seen
            self._weight = (seen.written - mark.written) / (seen.spans - mark.spans) or self._weight
        return self._weight


class _Share:
    """The files' share of what was written, between two sizes of a volume that nothing has left yet."""

    def __init__(self) -> None:
        self._empty_at: float | None = None
        self._written = 0
        self._first: _Seen | None = None
        self._last: _Seen | None = None
        self._share: float | None = None

    def told(self, seen: _Seen, lifetime: float) -> float | None:
        if seen.stored == 0:
            self._empty_at = seen.at
        restarted, self._written = seen.written < self._written, seen.written
        if seen.stored == 0 or restarted:  # what a process before had in its memory is not in this one's count
            self._first = self._last = None
        elif self._empty_at is not None and seen.at - self._empty_at <= lifetime:
            self._young(seen)
        return self._share

    def _young(self, seen: _Seen) -> None:
        """Take a size once a larger one follows: while tables are merged, both the old and the new ones are counted."""
        last = self._last
        if last is not None and seen.stored > last.stored:
            self._first = self._first or last
            self._measure(self._first, last)
        if last is None or seen.stored != last.stored:
            self._last = seen

    def _measure(self, first: _Seen, last: _Seen) -> None:
        """A file is seen a minute and a window late, and is of one table: of eight tables and 300 s that is little."""
        written = last.written - first.written
        if written >= _TABLES * TABLE_BYTES and last.at - first.at >= _ENOUGH_SECONDS:
            self._share = (last.stored - first.stored) / written
