"""The commands of `frametrace`. What a command does is in its own module."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from camera_runtime.cli import doctor, find, journey, run
from camera_runtime.cli.exits import Exit
from camera_runtime.cli.running import examples, run_typer

__all__ = ["app", "run_command"]

app = typer.Typer(
    name="frametrace",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Traced camera pipelines without a cluster, and the journey of any frame.",
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands a callback its value
    if wanted:
        typer.echo(f"frametrace {version('frametrace')}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    *,
    show_version: Annotated[  # noqa: ARG001 - its callback has done all
        bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Traced camera pipelines without a cluster, and the journey of any frame."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(int(Exit.USAGE))


app.command(epilog=examples(doctor.EXAMPLES))(doctor.doctor)
app.command(epilog=examples(run.EXAMPLES))(run.run)
app.command(epilog=examples(find.EXAMPLES))(find.find)
app.command(epilog=examples(journey.EXAMPLES))(journey.journey)


def run_command(arguments: list[str]) -> int:
    """Run a command of `frametrace`."""
    return run_typer(app, "frametrace", arguments)
