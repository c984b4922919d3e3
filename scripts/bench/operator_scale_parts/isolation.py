"""Runs the benchmark in network and process namespaces of its own.

So its control plane meets no other on the machine, every address that a pod is given is answered here, and nothing is
left when it ends, however it ends: the kernel ends the processes with the first one.
"""

from __future__ import annotations

import os
import sys

from scripts.cluster.commands import answer
from scripts.cluster.pins import BRIDGE_CIDR
from scripts.cluster.privileges import require_root

__all__ = ["POD_CIDR", "enter"]

POD_CIDR = "10.240.0.0/13"
"""Addresses of the pods: all of them are this machine's own, inside the namespace."""

_INSIDE = "FRAMETRACE_BENCH_INSIDE"


def enter() -> None:
    """Return inside the namespaces; the process that was started by hand is replaced.

    Raises:
        ClusterError: Not root, and there is no sudo; or an address cannot be set.
    """
    require_root(sys.argv)
    if os.environ.get(_INSIDE) != "1":
        os.environ[_INSIDE] = "1"
        command = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--", sys.executable]
        os.execvp(command[0], [*command, *sys.argv])  # noqa: S606 - no shell is wanted
    answer("set loopback up", ["ip", "link", "set", "lo", "up"])
    answer("set the API server's address", ["ip", "address", "add", BRIDGE_CIDR, "dev", "lo"])
    answer("take the pods' addresses", ["ip", "route", "add", "local", POD_CIDR, "dev", "lo"])
