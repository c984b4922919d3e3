"""The commands of the trace analyzer. What they share: where journeys come from, and how what was found is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import typer
from frame_tracking import Topology, now
from rich.progress import Progress

from camera_runtime.analysis import tables
from camera_runtime.analysis.analysis import Findings, Journeys, analyse
from camera_runtime.analysis.options import HtmlOption, JsonOption, PipelineOption, SinceOption, SpansOption, TopOption
from camera_runtime.analysis.pages import StoredJourneys
from camera_runtime.analysis.spool import SavedJourneys
from camera_runtime.cli import journey as journey_command
from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.output import print_json, printer, styled
from camera_runtime.cli.running import examples
from camera_runtime.cli.sources import DEFAULT_SPANS, JaegerOption, valid_url
from camera_runtime.run_record import RunRecord

__all__ = ["EXAMPLES", "app"]

EXAMPLES: Final = (
    "scripts/trace_analyzer.py completeness --jaeger http://localhost:16686 --since 600",
    "scripts/trace_analyzer.py latency --spans frametrace.jsonl",
    "scripts/trace_analyzer.py slowest --jaeger http://localhost:16686 --top 50 --json",
    "scripts/trace_analyzer.py gaps --spans frametrace.jsonl --html report.html",
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

Show = Callable[[Findings], Iterable[tables.Part]]

app.command(epilog=examples(_of_journey))(journey_command.journey)


def _command(name: str, show: Show, part: Callable[[Findings], Any]) -> None:
    """Make the command that shows one part of what was found; its page and its exit code are those of all."""

    def command(
        *,
        spans: SpansOption = DEFAULT_SPANS,
        jaeger: JaegerOption = "",
        since: SinceOption = 3600.0,
        pipeline: PipelineOption = None,
        top: TopOption = 20,
        as_json: JsonOption = False,
        html: HtmlOption = None,
    ) -> None:
        source = _source(spans, jaeger, since, of_capture=name != "completeness" and html is None)
        found = _analysed(source, _topologies(spans, jaeger, pipeline), top)
        if html is not None:
            _write(found, html)
        if as_json:
            read = {
                "source": found.source,
                "traces": found.traces,
                "spans": found.spans,
                "unreadable": found.unreadable,
            }
            print_json({**read, name: part(found)})
        else:
            _print(found, show)

    command.__doc__ = show.__doc__
    app.command(name=name, epilog=examples(tuple(each for each in EXAMPLES if f" {name} " in each)))(command)


_command("completeness", tables.completeness, lambda found: asdict(found.completeness))
_command("latency", tables.latency, lambda found: [asdict(each) for each in found.latency])
_command("slowest", tables.slowest, lambda found: [asdict(each) for each in found.slowest])
_command("gaps", tables.gaps, lambda found: [{**asdict(each), "missing": each.missing} for each in found.sessions])


def _source(spans: Path, jaeger: str, since: float, *, of_capture: bool) -> Journeys:
    if not jaeger:
        return SavedJourneys(spans)
    from camera_runtime.journeys.jaeger import Jaeger  # noqa: PLC0415 - a file is read sooner without

    end: datetime = now()
    return StoredJourneys(
        Jaeger(valid_url(jaeger, "--jaeger")), end - timedelta(seconds=since), end, of_capture=of_capture
    )


def _topologies(spans: Path, jaeger: str, pipeline: Path | None) -> dict[str, Topology]:
    if pipeline is None:
        return {} if jaeger else RunRecord.read(spans).topologies
    from camera_runtime.cli.resource import read_pipeline  # noqa: PLC0415 - the models take their time

    spec = read_pipeline(pipeline).pipeline.spec
    topology = Topology.of((stage.name, stage.input) for stage in spec.stages)
    return {topology.revision: topology}


def _analysed(source: Journeys, topologies: dict[str, Topology], top: int) -> Findings:
    """Read it all, with a bar on standard error while somebody looks at it."""
    console = printer(errors=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading", total=1.0)
        found = analyse(source, topologies, top, lambda share: progress.update(task, completed=share))
    if found.unreadable:
        text = f"{found.unreadable} lines of {found.source} cannot be read and were passed over"
        console.print(styled((f"trace_analyzer: {text}", "yellow")))
    if found.traces == 0:
        raise CommandError(
            f"{found.source} has no journeys"
            + (" that began in that time" if isinstance(source, StoredJourneys) else "")
        )
    return found


def _print(found: Findings, show: Show) -> None:
    out = printer()
    out.width = _WIDEST  # a frame ID that is broken in two lines cannot be copied
    out.print(styled((f"{found.source}: {found.traces} journeys, {found.spans} spans", "dim")))
    for part in show(found):
        out.print(styled((part, "")) if isinstance(part, str) else part)


def _write(found: Findings, path: Path) -> None:
    from camera_runtime.analysis.page import page  # noqa: PLC0415 - most calls want no page

    try:
        path.write_text(page(found, datetime.now(UTC)), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--html: {path} cannot be written: {error.strerror}", Exit.USAGE) from None
    sys.stderr.write(f"trace_analyzer: wrote {path}\n")
