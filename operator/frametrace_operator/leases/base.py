"""What an election needs of the cluster: one record that only one candidate at a time can write."""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Lease", "Leases"]


@dataclass(frozen=True, slots=True)
class Lease:
    """The record: who holds it, for how many seconds after each writing, and which writing this is.

    `version` is the server's and changes with every writing; `transitions` counts the holders; `acquired` is when the
    holder got it, as the record has it.
    """

    holder: str
    seconds: int
    version: str = ""
    transitions: int = 0
    acquired: str = ""


class Leases(Protocol):
    """One Lease."""

    async def read(self) -> Lease | None:
        """The record; None if there is none yet.

        Raises:
            OperatorError: if the cluster does not answer.
        """

    async def write(self, lease: Lease) -> bool:
        """Write over the record of that version, or make it if the version is empty. False if somebody else wrote first.

        Raises:
            OperatorError: if the cluster does not answer.
        """
