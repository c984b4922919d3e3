"""The commands of `kubectl frametrace`, and how their errors are told. What a command does is in its own module."""

from importlib.metadata import version
from typing import Annotated

import typer
import typer.main

from frametrace_operator.errors import ActionNeededError, OperatorError
from frametrace_operator.plugin.commands import cameras, journey, logs, report, status, steer, ui
from frametrace_operator.plugin.exits import CommandError, Exit
from frametrace_operator.plugin.options import in_cluster
from frametrace_operator.plugin.output import print_error
from frametrace_operator.plugin.session import Connect
from frametrace_operator.redaction import redacted

__all__ = ["NAME", "app", "run_command"]

NAME = "kubectl-frametrace"

app = typer.Typer(
    name=NAME,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="See and steer camera pipelines: all through the API server, with your own rights.",
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands a callback its value
    if wanted:
        typer.echo(f"{NAME} {version('frametrace-operator')}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    *,
    show_version: Annotated[  # noqa: ARG001 - its callback has done all
        bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """See and steer camera pipelines: all through the API server, with your own rights."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(int(Exit.USAGE))


def _examples(commands: tuple[str, ...]) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


app.command(epilog=_examples(status.EXAMPLES))(in_cluster(status.status))
app.command(epilog=_examples(cameras.EXAMPLES))(in_cluster(cameras.cameras))
app.command(epilog=_examples(journey.EXAMPLES))(in_cluster(journey.journey))
app.command(epilog=_examples(ui.EXAMPLES))(in_cluster(ui.ui))
app.command(epilog=_examples(logs.EXAMPLES))(in_cluster(logs.logs))
app.command(epilog=_examples(report.EXAMPLES))(in_cluster(report.report))
app.command(epilog=_examples(steer.ROLLBACK_EXAMPLES))(in_cluster(steer.rollback))
app.command(epilog=_examples(steer.HOLD_EXAMPLES))(in_cluster(steer.hold))
app.command(epilog=_examples(steer.REENABLE_EXAMPLES))(in_cluster(steer.reenable))
app.command(epilog=_examples(steer.SUSPEND_EXAMPLES))(in_cluster(steer.suspend))
app.command(epilog=_examples(steer.RESUME_EXAMPLES))(in_cluster(steer.resume))


def run_command(arguments: list[str], connect: Connect) -> int:
    """Run a command; what is wrong with it is told in one line."""
    command = typer.main.get_command(app)
    try:
        result = command.main(arguments, prog_name=NAME, standalone_mode=False, obj=connect)
    except CommandError as error:
        print_error(redacted(str(error)))
        return int(error.code)
    except ActionNeededError as error:
        print_error(str(error))
        return int(Exit.REFUSED)
    except OperatorError as error:
        print_error(str(error))
        return int(Exit.UNAVAILABLE)
    except typer.Abort:  # Ctrl-C, as typer has it
        return int(Exit.INTERRUPTED)
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
    print_error(f"{message()} (kubectl frametrace --help, kubectl frametrace COMMAND --help)")
    return int(getattr(error, "exit_code", Exit.USAGE))
