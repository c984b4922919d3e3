"""Verdict: a condition without its times. A value only."""

from dataclasses import dataclass

from frametrace_api.conditions import ConditionType
from frametrace_api.status import ConditionStatus

__all__ = ["Verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A condition's type, status, reason and message."""

    type: ConditionType
    status: ConditionStatus
    reason: str
    message: str

    @property
    def holds(self) -> bool:
        """Whether its status is True."""
        return self.status is ConditionStatus.TRUE
