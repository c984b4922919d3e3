"""The one error that people see: which step failed, why, and where the log is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ClusterError"]


class ClusterError(Exception):
    """A step of the cluster's tooling failed for a reason that a person can act on.

    Args:
        step: What was being done, as people would name it ("build etcd").
        reason: Why it failed, one sentence; says what to do where that is known.
        log: The file with the whole output, where there is one.
    """

    def __init__(self, step: str, reason: str, log: Path | None = None) -> None:
        super().__init__(step, reason, log)
        self.step = step
        self.reason = reason
        self.log = log

    def __str__(self) -> str:
        where = f"\n  log: {self.log}" if self.log else ""
        return f"{self.step} failed: {self.reason}{where}"
