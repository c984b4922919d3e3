"""How a command line runs: whatever ends a command early is told in one line, with an exit code."""

from __future__ import annotations

import typer
import typer.main
from frame_tracking.redaction import without_url_users

from camera_runtime.cli.exits import CommandError, Exit
from camera_runtime.cli.output import print_error
from camera_runtime.journeys.base import JaegerUnavailableError, SpanFileError

__all__ = ["examples", "run_typer"]


def examples(commands: tuple[str, ...]) -> str:
    """Return the end of a command's help: its examples, a line each."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


def run_typer(app: typer.Typer, name: str, arguments: list[str]) -> int:
    """Run a command of `app`, which people type as `name`; returns the exit code."""
    command = typer.main.get_command(app)
    try:
        result = command.main(arguments, prog_name=name, standalone_mode=False)
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
        told = _usage(error, name)
        if told is None:
            raise
        return told
    return result if isinstance(result, int) else int(Exit.WELL)


def _usage(error: Exception, name: str) -> int | None:
    """Tell what typer (or the click that it is built on) finds wrong with a call; None, if the error is not theirs."""
    message = getattr(error, "format_message", None)
    if message is None:
        return None
    print_error(f"{message()} ({name} --help, {name} COMMAND --help)")
    return int(getattr(error, "exit_code", Exit.USAGE))
