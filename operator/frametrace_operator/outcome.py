"""What became of a plan. Values only."""

from dataclasses import dataclass

from frametrace_operator.errors import OperatorError
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
        written: the children that were written.
        deleted: what was deleted.
        refused: those that will be refused again.
        ungrown: volumes that cannot be made larger.
        undeleted: what cannot be deleted.
        untold: how many pods could not be told of their live settings.
        trouble: why the writes were broken off; None if they were not.
    """

    written: tuple[Child, ...] = ()
    deleted: tuple[ChildKey, ...] = ()
    refused: tuple[Refusal, ...] = ()
    ungrown: tuple[Refusal, ...] = ()
    undeleted: tuple[Undeleted, ...] = ()
    untold: int = 0
    trouble: OperatorError | None = None

    @property
    def writes(self) -> int:
        """How many writes were made."""
        return len(self.written) + len(self.deleted)
