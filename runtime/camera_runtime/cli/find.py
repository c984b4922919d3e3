"""`frametrace find`: frames by their ID or any part of it."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from frame_tracking import FrameQuery, InvalidFrameQueryError, Journey

from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.output import print_json, printer, styled
from camera_runtime.cli.sources import DEFAULT_SPANS, JaegerOption, SpansOption, note_unreadable, open_source, typed
from camera_runtime.journeys.base import Matches

__all__ = ["EXAMPLES", "find"]

EXAMPLES: Final = (
    "frametrace find 20240315T101530123456_cam01_a7f3c_000123",
    "frametrace find 20240315_cam01_000123 --jaeger http://localhost:16686",
    "frametrace find cam01 --limit 5",
    "frametrace find 2024-03-15T10:15_cam01 --json",
)
"""Shown by --help."""

_STYLES = {"completed": "green", "dropped": "yellow", "dead_lettered": "red"}


def find(
    context: typer.Context,
    frame: Annotated[str, typer.Argument(metavar="FRAME", help="A frame ID, or a part of one.")],
    *,
    spans: SpansOption = DEFAULT_SPANS,
    jaeger: JaegerOption = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most frames that are listed, the newest ones.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of JSON objects.")] = False,
) -> None:
    """Find frames by their ID or a part of it, newest first.

    A part is a time in UTC (20240315, 20240315T1015, 2024-03-15T10:15:30), a camera, a session, a sequence number, or
    several of them joined by underscores. The form 20240315_cam01_000123 lists every frame that it may mean.

    """
    try:
        query = FrameQuery.parse(frame)
    except InvalidFrameQueryError as error:
        raise CommandError(str(error), Exit.USAGE) from None
    source = open_source(spans, jaeger)
    found = source.find(query, limit)
    note_unreadable(source)
    if as_json:
        print_json([_row(journey) for journey in found.journeys])
    else:
        _print(found.journeys)
    if not found.journeys:
        reasons = (*found.caveats(), *((query.hint,) if query.hint else ()))
        raise CommandError("; ".join((f"no frame in {source.name} matches {query.text!r}", *reasons)))
    _note(found, listed=not typed(context, "limit"))


def _note(found: Matches, *, listed: bool) -> None:
    """Say on standard error where other frames may match; that there are more, only to those who did not ask for so many."""
    newest = (f"listed: the newest {len(found.journeys)}; --limit lists more",) if found.more and listed else ()
    looked = found.caveats() if found.cut or found.unasked or found.unnamed else ()
    if said := "; ".join((*newest, *looked)):
        printer(errors=True).print(styled((f"frametrace: {said}", "dim")))


def _print(found: tuple[Journey, ...]) -> None:
    out = printer()
    for journey in found:
        outcome = str(journey.outcome or "under way")
        out.print(
            styled(
                (journey.frame_id, "bold"),
                (f"  {outcome:<13}", _STYLES.get(outcome, "")),
                (f"  {journey.duration_us / 1000:8.1f} ms  {' → '.join(journey.hops)}", ""),
            )
        )


def _row(journey: Journey) -> dict[str, Any]:
    return {
        "frame_id": journey.frame_id,
        "trace_id": journey.trace_id,
        "outcome": journey.outcome,
        "duration_ms": journey.duration_us / 1000,
        "hops": journey.hops,
    }
