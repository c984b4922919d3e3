"""Processor time of processes and their children, read from the kernel in nanoseconds."""

from __future__ import annotations

from pathlib import Path

__all__ = ["children_of", "processor_seconds"]


def children_of(pid: int) -> list[int]:
    """Return a process and all that it started, and those."""
    found, unseen = [], [pid]
    while unseen:
        found.append(unseen.pop())
        for task in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            unseen += [int(child) for child in task.read_text().split()]
    return found


def processor_seconds(pid: int) -> float:
    """Return what a process, all its threads and its children that live have used so far."""
    threads = [file for each in children_of(pid) for file in Path(f"/proc/{each}/task").glob("*/schedstat")]
    return sum(map(_of_thread, threads)) / 1e9


def _of_thread(file: Path) -> int:
    try:
        return int(file.read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended meanwhile
