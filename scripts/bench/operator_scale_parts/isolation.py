"""Runs the benchmark in network and process namespaces of its own.

So its control plane meets no other on the machine, every address that a pod is given is answered here, and nothing is
left when it ends, however it ends: the kernel ends the processes with the first one. A word to stop (SIGTERM, Ctrl-C) is
passed on inside, where it unwinds: a process that is the first of its namespace hears no signal that it does not handle, and
`unshare` passes none on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from scripts.cluster.commands import answer
from scripts.cluster.pins import BRIDGE_CIDR
from scripts.cluster.privileges import require_root

__all__ = ["POD_CIDR", "enter"]

POD_CIDR = "10.240.0.0/13"
"""Addresses of the pods: all of them are this machine's own, inside the namespace."""

_INSIDE = "FRAMETRACE_BENCH_INSIDE"
_LAST_SECONDS = 30.0
_STOPPED = 128 + signal.SIGTERM
_COMMAND = (
    "setpriv",
    "--pdeathsig",
    "KILL",
    "unshare",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--",
)


def enter(run: Callable[[], int]) -> int:
    """Run this script once more inside the namespaces, and `run` there; returns its exit code.

    Raises:
        ClusterError: Not root, and there is no sudo; or an address cannot be set.
    """
    require_root(sys.argv)
    if os.environ.get(_INSIDE) != "1":
        return _outside()
    signal.signal(signal.SIGTERM, _leave)
    answer("set loopback up", ["ip", "link", "set", "lo", "up"])
    answer("set the API server's address", ["ip", "address", "add", BRIDGE_CIDR, "dev", "lo"])
    answer("take the pods' addresses", ["ip", "route", "add", "local", POD_CIDR, "dev", "lo"])
    return run()


def _outside() -> int:
    signal.signal(signal.SIGTERM, _leave)
    process = subprocess.Popen([*_COMMAND, sys.executable, *sys.argv], env=os.environ | {_INSIDE: "1"})
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            _pass_on(process)


def _pass_on(process: subprocess.Popen[bytes]) -> None:
    """Tell the first process inside to stop, and end all if it does not."""
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGTERM)
    try:
        process.wait(_LAST_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(_STOPPED)
