"""Findings as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from frame_tracking.terminal_text import clean
from rich.table import Table

from camera_runtime.analysis.analysis import Findings, Read
from camera_runtime.analysis.gaps import SessionGaps
from camera_runtime.analysis.shapes import Completed
from camera_runtime.analysis.times import JOURNEY

__all__ = ["completeness", "gaps", "latency", "left_out", "percent", "read", "slowest", "which"]

_GAPS_SHOWN = 8
_PIPELINES_SHOWN = 10

Part = Table | str


def read(found: Read) -> Iterator[str]:
    """What was read, and what of it does not count."""
    yield f"{found.source}: {found.traces} journeys, {found.spans} spans"
    yield from left_out(found)
    if len(found.pipelines) > 1:
        named = ", ".join(f"{owner} ({traces})" for owner, traces in found.pipelines[:_PIPELINES_SHOWN])
        more = len(found.pipelines) - _PIPELINES_SHOWN
        yield (
            f"{len(found.pipelines)} pipelines are added up: {named}{f' and {more} more' if more > 0 else ''}"
            " (--pipeline NAME, --namespace NAME take one)"
        )


def left_out(found: Read) -> Iterator[str]:
    """What does not count, and why."""
    if number := found.left_out.under_way:
        yield f"{number} journeys that began lately are left out, since they may be under way (--settle SECONDS)"
    if number := found.left_out.other_pipelines:
        yield f"{number} journeys of other pipelines are left out"
    if number := found.left_out.no_frame:
        yield f"{number} traces of other programs are left out: no span of them has a frame ID"


def completeness(found: Findings) -> Iterator[Part]:
    """How many journeys are complete, hop by hop, and what is wrong with the others."""
    judged = found.completeness
    yield f"{judged.complete} of {judged.frames} journeys are complete ({percent(judged.complete, judged.frames)})"
    if judged.partial:
        yield f"{judged.partial} begin in the middle: sampling had left them out, and they were kept for failing or being slow"
    if judged.unjudged:
        yield f"{judged.unjudged} are not judged: the stages of their revision are not known (--pipeline FILE tells them)"
    if judged.inferred:
        yield f"The stages {_of_how_many(judged)}were inferred from the journeys: a stage that never has a span is not missed (--pipeline FILE tells them)"
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
        table.add_row(session.camera, session.session, numbers, str(session.seen), _missing(session), which(session))
    yield table
    if any(session.gaps for session in found.sessions):
        yield "A missing number: the frame was not captured to its end, its trace was lost, or it was captured while tracing was off."
    if any(not session.sampled for session in found.sessions):
        yield "Where not every frame is sampled, a number without a journey says nothing."


def percent(part: int, whole: int) -> str:
    """Return a share for people: never 100 % while anything is missing."""
    if whole == 0:
        return "-"
    share = 100 * part / whole
    return "100 %" if part == whole else f"{min(share, 99.99):.2f} %"


def _of_how_many(judged: Completed) -> str:
    return "" if judged.inferred == judged.frames else f"of {judged.inferred} of them "


def _missing(session: SessionGaps) -> str:
    return "not told" if session.missing is None else str(session.missing)


def which(session: SessionGaps, shown: int = _GAPS_SHOWN) -> str:
    """Return the numbers that are missing, the first `shown` gaps of them."""
    named = [str(gap.first) if gap.first == gap.last else f"{gap.first}-{gap.last}" for gap in session.gaps[:shown]]
    more = len(session.gaps) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", justify="left" if number == 0 or column in _TEXTS else "right")
    return table


_TEXTS = {"time", "such as", "most of it", "session", "which"}
