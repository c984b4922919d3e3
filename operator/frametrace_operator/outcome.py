"""What became of a plan. Values only."""

from dataclasses import dataclass

from frametrace_operator.errors import RetryError
from frametrace_operator.manifests import Child, ChildKey

__all__ = ["Outcome", "Refusal", "Undeleted"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A write that the API server will refuse again, and its words."""

    child: Child
    message: str


@dataclass(frozen=True, slots=True)
class Undeleted:
    """An object that is not wanted any more and that the API server refuses to delete, and its words."""

    key: ChildKey
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written, and what was not.

    Attributes:
        written: how many writes were made.
        refused: those that will be refused again.
        ungrown: volumes that cannot be made larger.
        undeleted: what cannot be deleted.
        untold: how many pods could not be told of their live settings.
        trouble: why the writes were broken off, to be tried again; None if they were not.
    """

    written: int = 0
    refused: tuple[Refusal, ...] = ()
    ungrown: tuple[Refusal, ...] = ()
    undeleted: tuple[Undeleted, ...] = ()
    untold: int = 0
    trouble: RetryError | None = None
