"""Ledgers in memory, by pod. It ships for tests; refuses to answer for a pod that it was not given."""

from frame_tracking import Ledger

from frametrace_operator.pods.base import LedgerUnreadableError, Target

__all__ = ["MemoryLedgers"]


class MemoryLedgers:
    """`Ledgers` of what `put` was told."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self._ledgers: dict[str, Ledger] = {}

    async def read(self, target: Target) -> Ledger:
        """The pod's ledger now."""
        self.reads.append(target.pod)
        try:
            return self._ledgers[target.ip]
        except KeyError:
            raise LedgerUnreadableError(f"no answer from {target.ip}") from None

    def put(self, ip: str, ledger: Ledger) -> None:
        """Let the pod with this address answer so from now on."""
        self._ledgers[ip] = ledger

    def silence(self, ip: str) -> None:
        """Let the pod with this address answer no more."""
        self._ledgers.pop(ip, None)
