"""Ledgers in memory, by pod. It ships for tests; refuses to answer for a pod that it was not given."""

from collections.abc import Callable

from frame_tracking import Ledger, LedgerWindow

from frametrace_operator.pods.base import Asked, LedgerUnreadableError, Target

__all__ = ["MemoryLedgers"]


class MemoryLedgers:
    """`Ledgers` of what `put` was told."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self._ledgers: dict[str, Ledger] = {}
        self._windows: dict[str, Callable[[Asked], LedgerWindow]] = {}

    async def read(self, target: Target, asked: Asked | None = None) -> Ledger:
        """The pod's ledger now, with what it has of the range that was asked for."""
        self.reads.append(target.pod)
        try:
            ledger = self._ledgers[target.ip]
        except KeyError:
            raise LedgerUnreadableError(f"no answer from {target.ip}") from None
        if asked is None:
            return ledger.model_copy(update={"window": None})
        window = self._windows[target.ip](asked) if target.ip in self._windows else ledger.window
        return ledger.model_copy(update={"window": window})

    def answer_windows(self, ip: str, windows: Callable[[Asked], LedgerWindow]) -> None:
        """Let the pod with this address answer so when it is asked for a range."""
        self._windows[ip] = windows

    def put(self, ip: str, ledger: Ledger) -> None:
        """Let the pod with this address answer so from now on."""
        self._ledgers[ip] = ledger

    def silence(self, ip: str) -> None:
        """Let the pod with this address answer no more."""
        self._ledgers.pop(ip, None)
