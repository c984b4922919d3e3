"""Entry points of the plugin: run a command, or complete its words for kubectl; whatever ends them is one line and a code."""

import os
import sys
from contextlib import AbstractAsyncContextManager

from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.session import Session

__all__ = ["complete", "main"]

_DEBUG = "FRAMETRACE_DEBUG"
_INTERRUPTED = 130
_MISSING = "kubectl frametrace: {} is not installed: pip install 'frametrace-operator[plugin]'\n"


def main(arguments: list[str] | None = None) -> int:
    """Run `kubectl frametrace`; returns the exit code."""
    try:
        from frametrace_operator.plugin import app  # noqa: PLC0415 - the extra may be missing
    except ImportError as error:
        sys.stderr.write(_MISSING.format(error.name))
        return 1
    try:
        return app.run_command(sys.argv[1:] if arguments is None else arguments, _connect)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # the reader had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:
        if os.environ.get(_DEBUG):
            raise
        from frametrace_operator.plugin.exits import Exit  # noqa: PLC0415 - as above
        from frametrace_operator.plugin.output import print_error  # noqa: PLC0415
        from frametrace_operator.redaction import redacted  # noqa: PLC0415

        print_error(f"a fault of Frametrace: {type(error).__name__}: {redacted(str(error))}; {_DEBUG}=1 shows where")
        return int(Exit.FAULT)


def complete(arguments: list[str] | None = None) -> int:
    """Answer kubectl's question for words; returns the exit code."""
    try:
        from frametrace_operator.plugin.completion import complete_for_kubectl  # noqa: PLC0415 - the extra may be missing
    except ImportError as error:
        sys.stderr.write(_MISSING.format(error.name))
        return 1
    return complete_for_kubectl(sys.argv[1:] if arguments is None else arguments, main)


def _connect(connection: Connection) -> AbstractAsyncContextManager[Session]:
    """Connect by the real client, which takes its time to be read: a usage error and --help do without."""
    from frametrace_operator.plugin.connect import connect  # noqa: PLC0415

    return connect(connection)


if __name__ == "__main__":
    sys.exit(main())
