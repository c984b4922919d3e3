"""What became of a plan. Values only."""

from dataclasses import dataclass

from frametrace_operator.manifests import Child

__all__ = ["Outcome", "Refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A write that the API server will refuse again, and its words."""

    child: Child
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many writes were made, and those that were refused; `ungrown` are volumes that cannot be made larger."""

    written: int = 0
    refused: tuple[Refusal, ...] = ()
    ungrown: tuple[Refusal, ...] = ()
