"""Findings as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from frame_tracking.terminal_text import clean
from rich.table import Table

from camera_runtime.analysis.analysis import Findings
from camera_runtime.analysis.gaps import SessionGaps
from camera_runtime.analysis.times import JOURNEY

__all__ = ["completeness", "gaps", "latency", "percent", "slowest"]

_GAPS_SHOWN = 8

Part = Table | str


def completeness(found: Findings) -> Iterator[Part]:
    """How many journeys are complete, hop by hop, and what is wrong with the others."""
    judged = found.completeness
    yield f"{judged.complete} of {judged.frames} journeys are complete ({percent(judged.complete, judged.frames)})"
    if judged.partial:
        yield f"{judged.partial} begin in the middle: sampling had left them out, and they were kept for failing or being slow"
    if judged.unjudged:
        yield f"{judged.unjudged} are not judged: the stages of their revision are not known (--pipeline FILE tells them)"
    if judged.inferred:
        yield "The stages were inferred from the journeys: a stage that never has a span is not missed (--pipeline FILE tells them)"
    table = _table("hop", "journeys", "without its span", "complete")
    for hop in judged.hops:
        there = hop.expected - hop.missing
        table.add_row(clean(hop.hop), str(hop.expected), str(hop.missing), percent(there, hop.expected))
    yield table
    if judged.problems:
        table = _table("what is wrong", "journeys", "such as")
        for problem in judged.problems:
            table.add_row(clean(problem.what), str(problem.frames), clean(", ".join(problem.examples[:2])))
        yield table


def latency(found: Findings) -> Iterator[Part]:
    """Percentiles of each hop's work and of the wait in the queue before it, in milliseconds."""
    table = _table("hop", "time", "frames", "p50", "p90", "p95", "p99", "most")
    for spread in found.latency:
        times = (spread.p50, spread.p90, spread.p95, spread.p99, spread.most)
        whole = spread.kind == JOURNEY
        hop, kind = ("(whole journey)", "") if whole else (clean(spread.hop), spread.kind)
        table.add_row(hop, kind, str(spread.frames), *(f"{time:.2f}" for time in times))
    yield table
    yield "Milliseconds. Queue time is by the broker's clock where it told, else between two processes' clocks."


def slowest(found: Findings) -> Iterator[Part]:
    """The slowest frames, and what took longest in each."""
    table = _table("frame", "ms", "most of it", "ms")
    for slow in found.slowest:
        name = clean(slow.frame_id or f"trace {slow.trace_id}")
        table.add_row(
            name, f"{slow.milliseconds:.1f}", f"{clean(slow.hop)} {slow.kind}", f"{slow.part_milliseconds:.1f}"
        )
    yield table


def gaps(found: Findings) -> Iterator[Part]:
    """Missing sequence numbers of each camera's session."""
    table = _table("camera", "session", "numbers", "seen", "missing", "which")
    for session in found.sessions:
        numbers = f"{session.first}-{session.last}"
        table.add_row(session.camera, session.session, numbers, str(session.seen), _missing(session), _which(session))
    yield table
    if any(not session.sampled for session in found.sessions):
        yield "Where a part of the frames is sampled, a number without a journey says nothing."


def percent(part: int, whole: int) -> str:
    """Return a share for people: never 100 % while anything is missing."""
    if whole == 0:
        return "-"
    share = 100 * part / whole
    return "100 %" if part == whole else f"{min(share, 99.99):.2f} %"


def _missing(session: SessionGaps) -> str:
    return str(session.missing) if session.sampled else "not told"


def _which(session: SessionGaps) -> str:
    if not session.sampled:
        return ""
    named = [
        str(gap.first) if gap.first == gap.last else f"{gap.first}-{gap.last}" for gap in session.gaps[:_GAPS_SHOWN]
    ]
    more = len(session.gaps) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", justify="left" if number == 0 or column in _TEXTS else "right")
    return table


_TEXTS = {"time", "such as", "most of it", "session", "which"}
