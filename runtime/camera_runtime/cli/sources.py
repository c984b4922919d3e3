"""Where commands look journeys up: the options that all of them have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.output import print_note
from camera_runtime.journeys.base import JourneySource
from camera_runtime.journeys.files import FileJourneys

__all__ = [
    "DEFAULT_SPANS",
    "JaegerOption",
    "SpansOption",
    "note_unreadable",
    "one_place",
    "open_source",
    "typed",
    "valid_url",
]

DEFAULT_SPANS: Final = Path("frametrace.jsonl")


def one_place(context: typer.Context, value: Path) -> Path:
    """Refuse to look in two places; called with what --spans has.

    Raises:
        CommandError: if --jaeger was typed as well.
    """
    if typed(context, "spans") and typed(context, "jaeger"):
        raise CommandError("--spans and --jaeger name two places to look; give one of them", Exit.USAGE)
    return value


def _unless_spans(context: typer.Context, value: str) -> str:
    """Return the Jaeger to look in; none, if a file was typed: that wins over a variable, and has been read before it."""
    one_place(context, DEFAULT_SPANS)
    return "" if typed(context, "spans") else value


def typed(context: typer.Context, name: str) -> bool:
    """Tell whether an option was typed, and is neither the default nor from the environment."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


SpansOption = Annotated[
    Path,
    typer.Option(
        "--spans",
        metavar="FILE",
        envvar="FRAMETRACE_SPANS",
        callback=one_place,
        help="Span file that `frametrace run` wrote, or a saved answer of Jaeger's.",
    ),
]
JaegerOption = Annotated[
    str,
    typer.Option(
        "--jaeger",
        metavar="URL",
        envvar="JAEGER_QUERY_URL",
        callback=_unless_spans,
        help="Look it up in this Jaeger instead, such as http://localhost:16686.",
    ),
]


def open_source(spans: Path, jaeger: str) -> JourneySource:
    """Return where to look: the Jaeger, if one is named, else the span file.

    Raises:
        SpanFileError: if there is no such file.
        CommandError: if the URL is none.
    """
    if not jaeger:
        return FileJourneys(spans)
    from camera_runtime.journeys.jaeger import Jaeger  # noqa: PLC0415 - a file is read sooner without
    from camera_runtime.journeys.stored import JaegerJourneys  # noqa: PLC0415

    return JaegerJourneys(Jaeger(valid_url(jaeger, "--jaeger")))


def note_unreadable(source: JourneySource) -> None:
    """Say on standard error that lines were passed over, such as one that a killed process left half written."""
    if source.unreadable:
        print_note(f"{source.unreadable} lines of {source.name} cannot be read and were passed over")


def valid_url(url: str, option: str) -> str:
    """Return an http URL as it is.

    Raises:
        CommandError: if it is none.
    """
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"{option} takes a URL that begins with http:// or https://", Exit.USAGE)
    return url
