"""How commands end: every error is one line, without credentials, and an exit code of this list."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["CommandError", "Exit"]


class Exit(IntEnum):
    """Exit codes."""

    WELL = 0
    """All is well."""
    MISSING = 1
    """What was asked for is not there: no such frame, no picture of a camera, something that `doctor` needs, frames or spans that were lost."""
    USAGE = 2
    """The command was called wrongly."""
    UNAVAILABLE = 69
    """A Jaeger or a broker does not answer, or not as it should."""
    FAULT = 70
    """A fault of Frametrace itself."""
    INVALID = 78
    """A file cannot be used: the pipeline, a handler, a span file."""

    @property
    def meaning(self) -> str:
        """What the code tells."""
        return _MEANINGS[self]


_MEANINGS = {
    Exit.WELL: "All is well.",
    Exit.MISSING: "What was asked for is not there: no such frame, no picture of a camera, something that `doctor` needs, frames or spans that were lost.",
    Exit.USAGE: "The command was called wrongly.",
    Exit.UNAVAILABLE: "A Jaeger or a broker does not answer, or not as it should.",
    Exit.FAULT: "A fault of Frametrace itself.",
    Exit.INVALID: "A file cannot be used: the pipeline, a handler, a span file.",
}


class CommandError(Exception):
    """Ends a command with one line on standard error and an exit code."""

    def __init__(self, message: str, code: Exit = Exit.MISSING) -> None:
        super().__init__(message)
        self.code = code
