"""Entry point of `frametrace`: runs a command, and turns whatever ends it into one line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

__all__ = ["ended", "main"]

_DEBUG = "FRAMETRACE_DEBUG"
_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run `frametrace`; returns the exit code."""
    try:
        from camera_runtime.cli import app  # noqa: PLC0415 - the extra may be missing
    except ImportError as error:
        sys.stderr.write(f"frametrace: {error.name} is not installed: pip install 'frametrace[cli,capture]'\n")
        return 1
    return ended(lambda: app.run_command(sys.argv[1:] if arguments is None else arguments))


def ended(run: Callable[[], int], program: str = "frametrace") -> int:
    """Run a command line of `program` to its end, whatever that is; returns the exit code."""
    from camera_runtime.cli.output import speaking_as  # noqa: PLC0415 - the extra may be missing

    with speaking_as(program):
        return _ended(run)


def _ended(run: Callable[[], int]) -> int:
    try:
        return run()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # the reader had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:
        if os.environ.get(_DEBUG):
            raise
        from telemetry import describe  # noqa: PLC0415 - the extra may be missing

        from camera_runtime.cli.exits import Exit  # noqa: PLC0415
        from camera_runtime.cli.output import print_error  # noqa: PLC0415

        print_error(f"a fault of Frametrace: {type(error).__name__}: {describe(error)}; {_DEBUG}=1 shows where")
        return int(Exit.FAULT)


if __name__ == "__main__":
    sys.exit(main())
