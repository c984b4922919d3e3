"""What an error means to the operator: a person must act, a known wait, or try again. Must not know where errors come from.

Seams raise these and nothing else; `reconcile` maps them to a condition, a wait or a retry in one place.
"""

__all__ = ["ActionNeededError", "GoneError", "LeadershipLostError", "OperatorError", "RetryError", "WaitingError"]


class OperatorError(Exception):
    """Anything that a seam may raise. The text is one line for people, without credentials."""


class ActionNeededError(OperatorError):
    """A person must act: the same request would be refused again. `reason` is CamelCase, as in a condition."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class WaitingError(OperatorError):
    """Nothing is wrong, something has to happen first; look again after so many seconds."""

    def __init__(self, message: str, *, check_after: float) -> None:
        super().__init__(message)
        self.check_after = check_after


class RetryError(OperatorError):
    """Passing trouble: try again with back-off, at the earliest after `after` seconds if the server said so."""

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class GoneError(OperatorError):
    """The object that was to be written is not there any more, or is another one of the same name."""


class LeadershipLostError(OperatorError):
    """Another replica leads; the process must end."""
