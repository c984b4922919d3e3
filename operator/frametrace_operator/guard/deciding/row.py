"""A row of the guard's table. A value only."""

from collections.abc import Callable
from dataclasses import dataclass

from frametrace_api.status_tracing import GuardState, TracingStatus

from frametrace_operator.guard.deciding.situation import Situation

__all__ = ["Transition"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: from one of some states to another (or a step within it), when, and what it does.

    Attributes:
        why: the reason, as the docs have it.
    """

    sources: tuple[GuardState, ...]
    target: GuardState
    why: str
    when: Callable[[Situation], bool]
    then: Callable[[Situation], TracingStatus]
