"""Finds every process of a cluster, recorded or not: by its environment's marker, its shim's socket, or its cgroup.

Only looks; `processes` ends them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scripts.cluster.pins import CGROUP
from scripts.cluster.processes import MARKER, start_ticks

if TYPE_CHECKING:
    from scripts.cluster.paths import Layout

__all__ = ["belongs", "cgroup_folders", "container_processes", "owned_processes"]

_CGROUPS = Path("/sys/fs/cgroup")


def belongs(environment: bytes, command: bytes, root: Path, socket: Path) -> bool:
    """Whether a process with this environment and command line, as /proc has them, is of the cluster at ``root``."""
    if f"{MARKER}={root}".encode() in environment.split(b"\0"):
        return True
    words = command.split(b"\0")
    return b"containerd-shim" in words[0] and str(socket).encode() in words


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # the process ended, or is a kernel thread
        return b""


def cgroup_folders() -> list[Path]:
    """The cluster's own cgroups in every hierarchy, the deepest first."""
    roots = [_CGROUPS / CGROUP, *(folder / CGROUP for folder in _CGROUPS.glob("*") if folder.is_dir())]
    found = [path for root in roots if root.is_dir() for path in (root, *root.rglob("*")) if path.is_dir()]
    return sorted(set(found), key=lambda path: len(path.parts), reverse=True)


def container_processes() -> dict[int, int]:
    """Processes inside the pods: number → start ticks."""
    numbers = {int(word) for folder in cgroup_folders() for word in _read(folder / "cgroup.procs").split()}
    return {pid: ticks for pid in numbers if (ticks := start_ticks(pid)) is not None}


def owned_processes(layout: Layout) -> dict[int, int]:
    """All live processes of the cluster: number → start ticks."""
    found = container_processes()
    for folder in Path("/proc").glob("[0-9]*"):
        if belongs(_read(folder / "environ"), _read(folder / "cmdline"), layout.root, layout.containerd_socket):
            ticks = start_ticks(int(folder.name))
            if ticks is not None:
                found[int(folder.name)] = ticks
    return found
