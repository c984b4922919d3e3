"""The commands of the trace analyzer. What they share: what is asked, and how what was found is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typer
from rich.progress import Progress

from camera_runtime.analysis import tables
from camera_runtime.analysis.analysis import Findings, analyse
from camera_runtime.analysis.asked import Asked, Place
from camera_runtime.analysis.options import (
    HtmlOption,
    JsonOption,
    NamespaceOption,
    PipelineOption,
    SettleOption,
    SinceOption,
    SpansOption,
    TopOption,
)
from camera_runtime.analysis.selection import Wanted
from camera_runtime.cli import journey as journey_command
from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.output import print_json, print_note, printer, styled
from camera_runtime.cli.running import examples
from camera_runtime.cli.sources import DEFAULT_SPANS, JaegerOption

__all__ = ["EXAMPLES", "app"]

EXAMPLES: Final = (
    "scripts/trace_analyzer.py completeness --jaeger http://localhost:16686 --since 600",
    "scripts/trace_analyzer.py latency --spans frametrace.jsonl",
    "scripts/trace_analyzer.py slowest --jaeger http://localhost:16686 --top 50 --json",
    "scripts/trace_analyzer.py gaps --spans frametrace.jsonl --html report.html",
    "scripts/trace_analyzer.py latency --jaeger http://localhost:16686 --pipeline entrance --namespace cameras",
)
"""Shown by --help."""


_of_journey: Final = tuple(
    each.replace("frametrace ", "scripts/trace_analyzer.py ", 1) for each in journey_command.EXAMPLES
)

app = typer.Typer(
    name="trace_analyzer.py",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Analyses traced frames: completeness, latency, slow frames and gaps, from a Jaeger or a saved file.",
    epilog=examples(EXAMPLES),
)

_WIDEST: Final = 2000
_STEP: Final = 0.002

Show = Callable[[Findings], Iterable[tables.Part]]

app.command(epilog=examples(_of_journey))(journey_command.journey)


def _command(name: str, show: Show, part: Callable[[Findings], Any]) -> None:
    """Make the command that shows one part of what was found; its page and its exit code are those of all."""

    def command(  # noqa: PLR0913 - the options of a command
        *,
        spans: SpansOption = DEFAULT_SPANS,
        jaeger: JaegerOption = "",
        since: SinceOption = 3600.0,
        settle: SettleOption = None,
        pipeline: PipelineOption = "",
        namespace: NamespaceOption = "",
        top: TopOption = 20,
        as_json: JsonOption = False,
        html: HtmlOption = None,
    ) -> None:
        if html is not None:
            _require_place(html)
        of_capture = name != "completeness" and html is None
        place = Place(spans, jaeger)
        found = _analysed(Asked(place, since, settle, pipeline, namespace, of_capture), top)
        if html is not None:
            _write(found, html)
        if as_json:
            print_json({**_as_object(found), name: part(found)})
        else:
            _print(found, show)
        if found.read.shortfall:
            raise CommandError(f"only a part was read: {found.read.shortfall}", Exit.UNAVAILABLE)

    command.__doc__ = show.__doc__
    app.command(name=name, epilog=examples(tuple(each for each in EXAMPLES if f" {name} " in each)))(command)


_command("completeness", tables.completeness, lambda found: asdict(found.completeness))
_command("latency", tables.latency, lambda found: [asdict(each) for each in found.latency])
_command("slowest", tables.slowest, lambda found: [asdict(each) for each in found.slowest])
_command("gaps", tables.gaps, lambda found: [{**asdict(each), "missing": each.missing} for each in found.sessions])


def _analysed(asked: Asked, top: int) -> Findings:
    """Read it all, with a bar on standard error while somebody looks at it."""
    name, topologies = asked.told()
    source, wanted = asked.source(name), asked.wanted(name)
    console = printer(errors=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        found = analyse(source, topologies, top, wanted, _steps(progress))
    if found.read.unreadable:
        print_note(f"{found.read.unreadable} entries of {found.read.source} cannot be read and were passed over")
    if found.read.traces == 0:
        raise _nothing(found, asked.place, wanted)
    return found


def _steps(progress: Progress) -> Callable[[float], None]:
    """Return what moves a bar, some thousand times in all: the share is told with each journey, and a bar takes its time."""
    task = progress.add_task("reading", total=1.0)
    shown = -1.0

    def step(share: float) -> None:
        nonlocal shown
        if share - shown >= _STEP or share >= 1.0:
            shown = share
            progress.update(task, completed=share)

    return step


def _nothing(found: Findings, place: Place, wanted: Wanted) -> CommandError:
    """Say why there is nothing to analyse."""
    whose = f" of pipeline {wanted.pipeline}" if wanted.pipeline else ""
    where = f" in namespace {wanted.namespace}" if wanted.namespace else ""
    when = " that began in that time" if place.jaeger else ""
    others = "".join(f"; {line}" for line in tables.left_out(found.read))
    if found.read.shortfall:
        return CommandError(f"only a part was read: {found.read.shortfall}{others}", Exit.UNAVAILABLE)
    return CommandError(f"{found.read.source} has no journeys{whose}{where}{when}{others}")


def _as_object(found: Findings) -> dict[str, Any]:
    read = found.read
    pipelines = [{**owner._asdict(), "traces": traces} for owner, traces in read.pipelines]
    return {**asdict(read), "pipelines": pipelines}


def _print(found: Findings, show: Show) -> None:
    out = printer()
    out.width = _WIDEST  # a frame ID that is broken in two lines cannot be copied
    for line in tables.read(found.read):
        out.print(styled((line, "dim")))
    for part in show(found):
        out.print(styled((part, "")) if isinstance(part, str) else part)


def _require_place(path: Path) -> None:
    """See that a page can be written before all is read for it, which may take minutes."""
    there = path.exists()
    with _writing(path):
        path.open("ab").close()
        if not there:
            path.unlink()


def _write(found: Findings, path: Path) -> None:
    from camera_runtime.analysis.page import page  # noqa: PLC0415 - most calls want no page

    with _writing(path):
        path.write_text(page(found, datetime.now(UTC)), encoding="utf-8")
    print_note(f"wrote {path}")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CommandError(f"--html: {path} cannot be written: {error.strerror}", Exit.USAGE) from None
