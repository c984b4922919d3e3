"""Projecting: bytes of traces a day, from the spans that two readings of the ledgers say were exported between them. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from frame_tracking import Ledger

from frametrace_operator.guard.evidence import Projection

__all__ = ["BYTES_A_SPAN", "STEADY_WINDOWS", "Steady", "exported", "projection", "seen_whole"]

BYTES_A_SPAN: Final = 450
"""Measured: what badger keeps of one span on its volume. Other storages are projected by it, too: a budget is a scale."""

STEADY_WINDOWS: Final = 3
"""Windows in a row with spans that say how little is made: one alone may be of cameras that were away."""

_DAY: Final = 86_400
_MOST_OFF: Final = 4.0
_ENOUGH_SPANS: Final = 10_000


def projection(
    before: Iterable[Ledger],
    after: Iterable[Ledger],
    *,
    at: datetime,
    seconds: float,
    ratio: float,
    grown: float | None = None,
) -> Projection | None:
    """Bytes a day at the rate of the last `seconds`.

    Args:
        before: the pods' ledgers then.
        after: the pods' ledgers now.
        at: now.
        seconds: between the two readings.
        ratio: share of frames that was traced all the time between them (`status.tracing.effectiveRatio`).
        grown: bytes by which the trace storage's volume grew meanwhile, where it is known and this pipeline's alone. It
            corrects the size of a span, by a factor of 4 at most: a volume grows in steps, and shrinks when it is compacted.

    Returns:
        None if no time passed, or no frame was to be traced.
    """
    if seconds <= 0 or ratio <= 0:
        return None
    spans = exported(before, after)
    return Projection(at=at, bytes_per_day=spans / seconds * _DAY * _span_bytes(spans, grown), ratio=ratio)


class Steady:
    """Remembers the last projections at one ratio."""

    def __init__(self) -> None:
        self._last: tuple[Projection, ...] = ()

    def told(self, found: Projection | None) -> Projection | None:
        """A projection with the most that the last windows say; one that was told before stays as it is."""
        if found is None or (self._last and found.at <= self._last[-1].at):
            return found
        before = [
            each for each in self._last if each.ratio == found.ratio and found.bytes_per_day and each.bytes_per_day
        ]
        self._last = (*before, found)[-STEADY_WINDOWS:]
        most = max(each.bytes_per_day for each in self._last)
        return replace(found, most=most, steady=len(self._last) == STEADY_WINDOWS)


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


def _span_bytes(spans: int, grown: float | None) -> float:
    if grown is None or spans < _ENOUGH_SPANS:
        return BYTES_A_SPAN
    return min(max(grown / spans, BYTES_A_SPAN / _MOST_OFF), BYTES_A_SPAN * _MOST_OFF)
