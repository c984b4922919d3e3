"""What a decoder's process may use; set from outside, read back, so that they hold whatever the process does.

A stream can ask a decoder for any amount of memory and time. Beyond these limits its process fails or is killed; the
pod's other process says why and starts another one.
"""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from camera_runtime.capture.decoder.ring import MOST_BYTES

__all__ = ["DecoderLimits"]

_MEMORY: Final = 1 << 30
_SHARE: Final = 0.6
_LEAST: Final = 128 << 20
_LIBRARIES: Final = 512 << 20
_CPU_SECONDS: Final = 6
_FILES: Final = 64
_CGROUP_FILES: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class DecoderLimits:
    """Limits of one process.

    Attributes:
        memory_bytes: of what it allocates.
        cpu_seconds: that it may use without giving a sign of progress.
    """

    memory_bytes: int = _MEMORY
    cpu_seconds: int = _CPU_SECONDS

    @classmethod
    def of_container(cls) -> Self:
        """Return limits that keep within this container's memory, so that a stream never ends the whole pod."""
        for file in _CGROUP_FILES:
            limit = file.read_text().strip() if file.exists() else ""
            if limit.isdecimal():
                return cls(min(_MEMORY, max(_LEAST, int(int(limit) * _SHARE))))
        return cls()

    def apply(self, pid: int) -> None:
        """Set them for a process of this user.

        Raises:
            OSError: if one of them does not take effect.
        """
        most = resource.RLIM_INFINITY
        self._set(pid, resource.RLIMIT_DATA, (self.memory_bytes, self.memory_bytes))
        whole = self.memory_bytes + MOST_BYTES + _LIBRARIES
        self._set(pid, resource.RLIMIT_AS, (whole, whole))
        self._set(pid, resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
        self._set(pid, resource.RLIMIT_NOFILE, (_FILES, _FILES))
        self._set(pid, resource.RLIMIT_CORE, (0, 0))
        self._set(pid, resource.RLIMIT_CPU, (self.cpu_seconds, most))

    def renew_cpu(self, pid: int) -> None:
        """Count CPU time anew: the process gave a sign of progress. Without effect once it has ended."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            used = (int(fields[11]) + int(fields[12])) // _TICKS
            resource.prlimit(pid, resource.RLIMIT_CPU, (used + 1 + self.cpu_seconds, resource.RLIM_INFINITY))
        except (FileNotFoundError, ProcessLookupError):
            return

    @staticmethod
    def _set(pid: int, which: int, limit: tuple[int, int]) -> None:
        _, hardest = resource.prlimit(pid, which)
        wanted = limit if hardest == resource.RLIM_INFINITY else (_least(limit[0], hardest), _least(limit[1], hardest))
        resource.prlimit(pid, which, wanted)
        if resource.prlimit(pid, which) != wanted:
            raise OSError(f"limit {which} of the decoder's process did not take effect")


def _least(wanted: int, hardest: int) -> int:
    return hardest if wanted == resource.RLIM_INFINITY else min(wanted, hardest)
