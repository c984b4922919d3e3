"""CPU time of this process and of the children that it has, as Linux's /proc tells it: what tracing's own is compared with."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

__all__ = ["process_cpu_seconds"]

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def process_cpu_seconds() -> float:
    """Return user and system time of the process, its ended children and its living ones, in seconds."""
    ended = os.times()
    return time.process_time() + ended.children_user + ended.children_system + sum(map(_of, _children()))


def _children() -> list[int]:
    children: list[int] = []
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            children += map(int, task.read_text().split())
        except OSError:  # the thread has ended meanwhile
            continue
    return children


def _of(child: int) -> float:
    """Return a living child's time; nothing of one that has ended meanwhile: then it is among the ended ones."""
    try:
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS
