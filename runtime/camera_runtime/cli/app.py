"""The commands of `frametrace`, and how their errors are told. What a command does is in its own module."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer
import typer.main
from frame_tracking.redaction import without_url_users

from camera_runtime.cli import doctor, find, journey, run
from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.output import print_error
from camera_runtime.journeys.base import JaegerUnavailableError, SpanFileError

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


def _examples(commands: tuple[str, ...]) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


app.command(epilog=_examples(doctor.EXAMPLES))(doctor.doctor)
app.command(epilog=_examples(run.EXAMPLES))(run.run)
app.command(epilog=_examples(find.EXAMPLES))(find.find)
app.command(epilog=_examples(journey.EXAMPLES))(journey.journey)


def run_command(arguments: list[str]) -> int:
    """Run a command; what is wrong with it is told in one line."""
    command = typer.main.get_command(app)
    try:
        result = command.main(arguments, prog_name="frametrace", standalone_mode=False)
    except CommandError as error:
        print_error(without_url_users(str(error)))
        return int(error.code)
    except JaegerUnavailableError as error:
        print_error(without_url_users(str(error)))
        return int(Exit.UNAVAILABLE)
    except SpanFileError as error:
        print_error(without_url_users(str(error)))
        return int(Exit.INVALID)
    except typer.Abort:
        return int(Exit.MISSING)
    except Exception as error:
        told = _usage(error)
        if told is None:
            raise
        return told
    return result if isinstance(result, int) else int(Exit.WELL)


def _usage(error: Exception) -> int | None:
    """Tell what typer (or the click that it is built on) finds wrong with a call; None, if the error is not theirs."""
    message = getattr(error, "format_message", None)
    if message is None:
        return None
    print_error(f"{message()} (frametrace --help, frametrace COMMAND --help)")
    return int(getattr(error, "exit_code", Exit.USAGE))
