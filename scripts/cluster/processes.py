"""Starts the cluster's processes and ends them again; never touches a process that it did not start.

A process is known by its number, the machine's boot and its start time, so that a number given out again is not mistaken.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["MARKER", "ProcessRecord", "boot_id", "end", "is_running", "read_record", "start", "start_ticks"]

# In the environment of every process started here; its value is the state folder of the cluster it belongs to.
MARKER = "FRAMETRACE_CLUSTER"
_POLL_SECONDS = 0.05
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """What is written down of a started process.

    Args:
        name: The component's name.
        pid: Process number.
        ticks: Start time in clock ticks since boot.
        boot: The machine's boot ID when it was started.
        fingerprint: Hash of its command line and configuration.
        started: Wall clock in seconds, for people.
    """

    name: str
    pid: int
    ticks: int
    boot: str
    fingerprint: str
    started: float


def boot_id() -> str:
    """The kernel's ID of this boot."""
    return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def start_ticks(pid: int) -> int | None:
    """Start time of a live process in clock ticks since boot; None when it has ended, collected by its parent or not."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything, spaces and brackets too
    ended = (
        fields[0] in "ZX" and int(fields[17]) <= 1
    )  # with threads left, a dying process still holds its ports and files
    return None if ended else int(fields[19])


def is_running(record: ProcessRecord | None) -> bool:
    """Whether the very process of the record is alive."""
    return record is not None and record.boot == boot_id() and start_ticks(record.pid) == record.ticks


def read_record(folder: Path, name: str) -> ProcessRecord | None:
    """The record of a component; None when there is none, or only a torn one."""
    try:
        return ProcessRecord(**json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write_record(folder: Path, record: ProcessRecord) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = folder / f".{record.name}.{os.getpid()}"
    unfinished.write_text(json.dumps(asdict(record)), encoding="utf-8")
    unfinished.rename(folder / f"{record.name}.json")


def start(
    name: str, command: Sequence[str], *, records: Path, log: Path, environment: Mapping[str, str], fingerprint: str
) -> ProcessRecord:
    """Start a process in a session of its own, output appended to its log, and write it down.

    Raises:
        OSError: The program cannot be executed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    try:
        actions = [
            (os.POSIX_SPAWN_DUP2, nothing, 0),
            (os.POSIX_SPAWN_DUP2, output, 1),
            (os.POSIX_SPAWN_DUP2, output, 2),
        ]
        pid = os.posix_spawn(command[0], list(command), environment, file_actions=actions, setsid=True)
    finally:
        os.close(output)
        os.close(nothing)
    record = ProcessRecord(name, pid, start_ticks(pid) or 0, boot_id(), fingerprint, time.time())
    _write_record(records, record)
    return record


def _signal(pid: int, ticks: int, number: signal.Signals) -> None:
    # The descriptor pins the process: between the check and the signal its number cannot become another's.
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if start_ticks(pid) == ticks:
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return
    finally:
        os.close(descriptor)


def _remaining(processes: Mapping[int, int]) -> dict[int, int]:
    return {pid: ticks for pid, ticks in processes.items() if start_ticks(pid) == ticks}


def _wait_gone(processes: Mapping[int, int], seconds: float) -> dict[int, int]:
    deadline = time.monotonic() + seconds
    left = _remaining(processes)
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        left = _remaining(left)
    return left


def _reap(pids: Iterable[int]) -> None:
    for pid in pids:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            continue  # another process's child: its parent or init reaps it


def end(processes: Mapping[int, int], *, grace: float = 2.0) -> dict[int, int]:
    """End processes given as number → start ticks; return those that even SIGKILL did not end.

    SIGTERM goes out twice: kube-apiserver drains for a minute after the first and leaves at the second.
    """
    left = _remaining(processes)
    for _ in range(2 if grace else 0):
        for pid, ticks in left.items():
            _signal(pid, ticks, signal.SIGTERM)
        left = _wait_gone(left, min(0.3, grace))
    left = _wait_gone(left, max(0.0, grace - 0.6))
    for pid, ticks in left.items():
        _signal(pid, ticks, signal.SIGKILL)
    left = _wait_gone(left, 5.0)
    _reap(processes)
    return left
