"""A Lease in memory, for several candidates of one process. It ships for tests; refuses writes over another version."""

from dataclasses import replace

from frametrace_operator.errors import OperatorError
from frametrace_operator.leases.base import Lease

__all__ = ["MemoryLeases"]


class MemoryLeases:
    """`Leases` in a variable. While `trouble` is set, every request raises it."""

    def __init__(self) -> None:
        self.trouble: OperatorError | None = None
        self._lease: Lease | None = None
        self._count = 0

    async def read(self) -> Lease | None:
        """The record; None if there is none yet."""
        self._answer()
        return self._lease

    async def write(self, lease: Lease) -> bool:
        """Write over the record of that version, or make it if the version is empty."""
        self._answer()
        if lease.version != (self._lease.version if self._lease else ""):
            return False
        self._count += 1
        self._lease = replace(lease, version=str(self._count))
        return True

    def _answer(self) -> None:
        if self.trouble is not None:
            raise self.trouble
