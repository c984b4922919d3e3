"""Clears what a cluster leaves on the machine: processes, mounts, links, packet rules, cgroups, sockets, files.

Used by ``down``, and by ``up`` after a dead owner (a kill -9, a reboot, another clone). Only what carries the cluster's own names.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.cluster.commands import answer
from scripts.cluster.errors import ClusterError
from scripts.cluster.firewall import own_rules, remove_rules
from scripts.cluster.host import SHIM_SOCKETS, restore_host
from scripts.cluster.network import own_links, own_tables, remove_network
from scripts.cluster.ownership import cgroup_folders, owned_processes
from scripts.cluster.processes import end

if TYPE_CHECKING:
    from scripts.cluster.paths import Layout

__all__ = ["clear", "own_mounts", "parse_mounts", "remains"]

_CGROUP_SECONDS = 5.0
_POLL_SECONDS = 0.05


def parse_mounts(mountinfo: str, root: Path) -> list[str]:
    """Mount points at or below a folder from the text of /proc/self/mountinfo, the last mounted first."""
    points = [line.split()[4].encode().decode("unicode_escape") for line in mountinfo.splitlines() if line]
    return [point for point in reversed(points) if Path(point).is_relative_to(root)]


def own_mounts(layout: Layout) -> list[str]:
    """Mount points of the cluster, the last mounted first."""
    return parse_mounts(Path("/proc/self/mountinfo").read_text(encoding="utf-8"), layout.root)


def _end_processes(layout: Layout) -> None:
    left = owned_processes(layout)
    for _ in range(3):  # one that is ended may have just started another
        if not left:
            return
        end(left, grace=2.0)
        left = owned_processes(layout)
    if left:
        raise ClusterError("end processes", f"these do not end: {sorted(left)}")


def _unmount(layout: Layout) -> None:
    for point in own_mounts(layout):
        answer(f"unmount {point}", ["umount", "--lazy", point])
    if own_mounts(layout):
        raise ClusterError("unmount", f"still mounted: {own_mounts(layout)}")


def _remove_cgroups() -> None:
    deadline = time.monotonic() + _CGROUP_SECONDS
    while folders := cgroup_folders():
        for folder in folders:
            try:
                folder.rmdir()
            except OSError as error:  # its last process is still leaving
                if time.monotonic() > deadline:
                    raise ClusterError("remove cgroups", f"{folder}: {error.strerror}") from error
        time.sleep(_POLL_SECONDS)


def _remove_shim_sockets(layout: Layout) -> None:
    for address in layout.containerd_state.glob("io.containerd.runtime.v2.task/*/*/address"):
        socket = Path(address.read_text(encoding="utf-8").strip().removeprefix("unix://"))
        if socket.parent == SHIM_SOCKETS:
            socket.unlink(missing_ok=True)


def _remove_files(layout: Layout) -> None:
    for path in layout.disposable():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def clear(layout: Layout, *, files: bool = True) -> None:
    """Leave nothing of the cluster but images and logs.

    Args:
        layout: Whose.
        files: Whether its database, keys and other state go as well.

    Raises:
        ClusterError: Something cannot be removed; it is named.
    """
    _end_processes(layout)
    _remove_shim_sockets(layout)
    _unmount(layout)
    remove_rules()
    remove_network()
    _remove_cgroups()
    restore_host(layout)
    if files:
        _remove_files(layout)


def remains(layout: Layout) -> list[str]:
    """What of the cluster is still on the machine, in words; empty after ``down``."""
    namespaces = layout.containerd_state / "netns"
    return [
        *(f"process {pid}" for pid in sorted(owned_processes(layout)) if pid != os.getpid()),
        *(f"mount {point}" for point in own_mounts(layout)),
        *(f"link {name}" for name in own_links()),
        *(f"nftables table {family} {name}" for family, name in own_tables()),
        *(f"firewall rule in {chain}" for chain in own_rules()),
        *(f"cgroup {folder}" for folder in cgroup_folders()),
        *(f"network namespace {path}" for path in (namespaces.iterdir() if namespaces.is_dir() else ())),
    ]
