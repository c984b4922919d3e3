"""What `frametrace doctor` finds, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Check", "State"]


class State(StrEnum):
    """What a check found."""

    WELL = "ok"
    MISSING = "missing"
    NOT_NEEDED = "not needed"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        found: what is there, or what is wrong.
        mend: what to do about it; empty when all is well.
    """

    name: str
    state: State
    found: str
    mend: str = ""
