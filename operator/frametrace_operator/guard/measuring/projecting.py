"""Projecting: bytes of traces a day, from the spans that two readings of the ledgers say were exported between them. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from frame_tracking import Ledger

from frametrace_operator.guard.evidence import BYTES_A_SPAN, Projection

__all__ = ["STEADY_WINDOWS", "Steady", "exported", "projection", "seen_whole"]

STEADY_WINDOWS: Final = 3
"""Windows in a row with spans that say how little is made: one alone may be of cameras that were away."""

_DAY: Final = 86_400


def projection(
    before: Iterable[Ledger],
    after: Iterable[Ledger],
    *,
    at: datetime,
    seconds: float,
    ratio: float,
    bytes_per_span: int | None = None,
) -> Projection | None:
    """Bytes a day at the rate of the last `seconds`.

    Args:
        before: the pods' ledgers then.
        after: the pods' ledgers now.
        at: now.
        seconds: between the two readings.
        ratio: share of frames that was traced all the time between them (`status.tracing.effectiveRatio`).
        bytes_per_span: as measured on the pipeline's own volume (`status.tracing.bytesPerSpan`); None for the constant.

    Returns:
        None if no time passed, or no frame was to be traced.
    """
    if seconds <= 0 or ratio <= 0:
        return None
    bytes_per_day = exported(before, after) / seconds * _DAY * (bytes_per_span or BYTES_A_SPAN)
    return Projection(at=at, bytes_per_day=bytes_per_day, ratio=ratio, bytes_per_span=bytes_per_span)


class Steady:
    """Remembers the last projections at one ratio and one size of a span."""

    def __init__(self) -> None:
        self._last: tuple[Projection, ...] = ()

    def told(self, found: Projection | None) -> Projection | None:
        """A projection with the most that the last windows say; one that was told before stays as it is."""
        if found is None or (self._last and found.at <= self._last[-1].at):
            return found
        before = [each for each in self._last if _alike(each, found) and found.bytes_per_day and each.bytes_per_day]
        self._last = (*before, found)[-STEADY_WINDOWS:]
        most = max(each.bytes_per_day for each in self._last)
        return replace(found, most=most, steady=len(self._last) == STEADY_WINDOWS)


def _alike(one: Projection, other: Projection) -> bool:
    return (one.ratio, one.bytes_per_span) == (other.ratio, other.bytes_per_span)


def exported(before: Iterable[Ledger], after: Iterable[Ledger]) -> int:
    """Spans that the processes of `after` exported since `before`; what a process exported before it was first seen is not known."""
    known = {(ledger.pod, ledger.started): ledger.spans.exported for ledger in before}
    grown = (ledger.spans.exported - known.get((ledger.pod, ledger.started), ledger.spans.exported) for ledger in after)
    return sum(max(0, spans) for spans in grown)


def seen_whole(before: Iterable[Ledger], after: Iterable[Ledger]) -> bool:
    """Whether the same processes told both times; if not, some of what was exported between them is not known."""
    return _processes(before) == _processes(after)


def _processes(ledgers: Iterable[Ledger]) -> set[tuple[str, float]]:
    return {(ledger.pod, ledger.started) for ledger in ledgers}
