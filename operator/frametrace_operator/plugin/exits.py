"""How commands end: every error is one line, without credentials, and an exit code of this list."""

from enum import IntEnum
from typing import Self

__all__ = ["CommandError", "Exit"]


class Exit(IntEnum):
    """Exit codes, the same as those of `frametrace` where both have them."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        """Make a code that knows what it means."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    WELL = 0, "All is well."
    MISSING = 1, "What was asked for is not there: no such pipeline, frame, pod or report."
    USAGE = 2, "The command was called wrongly."
    UNAVAILABLE = 69, "The API server, a pod or a Jaeger does not answer, or not as it should."
    FAULT = 70, "A fault of Frametrace itself."
    REFUSED = 77, "The API server refused it: a right is missing, or the change is not valid."
    INVALID = 78, "The kubeconfig cannot be used."
    INTERRUPTED = 130, "Ctrl-C ended it."


class CommandError(Exception):
    """Ends a command with one line on standard error and an exit code."""

    def __init__(self, message: str, code: Exit = Exit.MISSING) -> None:
        super().__init__(message)
        self.code = code
