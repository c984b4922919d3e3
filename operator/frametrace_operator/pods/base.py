"""What the operator asks of a pipeline's pods. Must not know HTTP."""

from dataclasses import dataclass
from typing import Protocol

from frame_tracking import Ledger

__all__ = ["Asked", "LedgerUnreadableError", "Ledgers", "Target"]


class LedgerUnreadableError(Exception):
    """A pod gave no ledger. The text is one line: why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A running pod that has a ledger: its name, its UID and its IP address.

    Attributes:
        hop: that the pod is, by its role; empty if whoever asks need not know.
        camera: whose capture it is; empty for stages.
    """

    pod: str
    uid: str
    ip: str
    hop: str = ""
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A range of the frames' own time that a ledger is asked for: seconds since 1970, `end` not included.

    Attributes:
        frames: most frames a camera and hop that are to be named.
    """

    start: int
    end: int
    frames: int = 0


class Ledgers(Protocol):
    """Reads ledgers."""

    async def read(self, target: Target, asked: Asked | None = None) -> Ledger:
        """The pod's ledger now, with `window` if a range was asked for and its runtime knows such.

        Raises:
            LedgerUnreadableError: if there is no answer in time, or one that is no ledger.
        """
