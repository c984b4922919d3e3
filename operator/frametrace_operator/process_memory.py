"""Process memory: what one pod told last, when, and what of that nobody can know any more. Pure."""

from dataclasses import dataclass, field
from typing import Final

from frame_tracking import Ledger
from frame_tracking.ledger import BrokerState

from frametrace_operator.growth import What
from frametrace_operator.pace import Hands

__all__ = ["BROKER_SECONDS", "SILENT_SECONDS", "ProcessMemory"]

BROKER_SECONDS: Final = 5.0
"""A process that has no broker for less is connecting, as every process does when it starts."""

SILENT_SECONDS: Final = 4.0
"""A pod that gave no ledger for less may give the next one: one reading that failed is no news, however long the next takes."""

_TWICE: Final = 2

_READING_LASTS: Final = 8.0
"""Seconds: readings are five apart, and those of a pass begin within three if the event loop is not late. What is later is our own fault."""


@dataclass(slots=True)
class ProcessMemory:
    """What one pod told last, and when each of its counts last grew."""

    ledger: Ledger | None = None
    asked_at: float = 0.0
    read_at: float = 0.0
    trouble: str = ""
    trouble_since: float = 0.0
    failed: int = 0
    no_broker_since: float | None = None
    grew: dict[What, float] = field(default_factory=dict)
    hands: dict[str, Hands] = field(default_factory=dict)

    def unreadable(self, now: float) -> bool:
        """Whether nothing is known of it: it never gave a ledger, or has given none for a while."""
        return bool(self.trouble) and (self.ledger is None or self._silent(now))

    def age(self, grew_at: float, now: float) -> float:
        """Seconds since a count grew, as far as anybody asked: an operator too busy to ask again must not call a camera frozen."""
        until = now if self.trouble else min(now, self.read_at + _READING_LASTS)
        return until - grew_at

    def young(self, now: float) -> bool:
        """Whether it has told nothing yet, and may do so at the next reading."""
        return bool(self.trouble) and self.ledger is None and not self._silent(now)

    def _silent(self, now: float) -> bool:
        return self.failed >= _TWICE and now - self.trouble_since >= SILENT_SECONDS

    def answered(self, ledger: Ledger, asked: float, now: float) -> None:
        """A reading that was asked for then came now."""
        self.trouble, self.failed = "", 0
        self.ledger, self.asked_at, self.read_at = ledger, asked, now
        if ledger.broker is None or ledger.broker.connected:
            self.no_broker_since = None
        elif self.no_broker_since is None:
            self.no_broker_since = now

    def failed_with(self, trouble: str, now: float) -> None:
        """A reading failed, for this reason."""
        self.trouble_since = self.trouble_since if self.trouble else now
        self.trouble = trouble
        self.failed += 1

    def broker_trouble(self, now: float) -> BrokerState | None:
        """What it says of a broker that it has been without for long; None if it has one, or a moment ago had."""
        since = self.no_broker_since
        if since is None or now - since < BROKER_SECONDS or self.ledger is None:
            return None
        return self.ledger.broker
