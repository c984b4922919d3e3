"""What the operator asks of a pipeline's pods. Must not know HTTP."""

from dataclasses import dataclass
from typing import Protocol

from frame_tracking import Ledger

__all__ = ["LedgerUnreadableError", "Ledgers", "Target"]


class LedgerUnreadableError(Exception):
    """A pod gave no ledger. The text is one line: why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A running pod that has a ledger: its name, its UID and its IP address."""

    pod: str
    uid: str
    ip: str


class Ledgers(Protocol):
    """Reads ledgers."""

    async def read(self, target: Target) -> Ledger:
        """The pod's ledger now.

        Raises:
            LedgerUnreadableError: if there is no answer in time, or one that is no ledger.
        """
