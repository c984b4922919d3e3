"""What the kernel says of a process: its processor time and its resident memory."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

__all__ = ["peak_mebibytes", "processor_seconds", "resident_mebibytes"]

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far, of all its threads, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mebibytes(pid: int) -> float:
    """Memory that a process has now."""
    return _status(pid, "VmRSS")


def peak_mebibytes(pid: int) -> float:
    """Most memory that a process ever had."""
    return _status(pid, "VmHWM")


def _status(pid: int, field: str) -> float:
    found = re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    if found is None:
        raise ProcessLookupError(f"process {pid} has ended")
    return int(found[1]) / 1024
