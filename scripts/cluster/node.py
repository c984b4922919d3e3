"""Prepares the machine as a node: bridge, cgroup, shared mount, configuration files, keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scripts.cluster.certificates import ensure_certificates, write_private
from scripts.cluster.commands import answer, succeeds
from scripts.cluster.components import configuration
from scripts.cluster.errors import ClusterError
from scripts.cluster.firewall import ensure_accepted
from scripts.cluster.host import remember_host
from scripts.cluster.network import ensure_bridge, own_links, require_free_network
from scripts.cluster.pins import CGROUP
from scripts.cluster.rendering import write_kubeconfigs

if TYPE_CHECKING:
    from scripts.cluster.paths import Layout

__all__ = ["prepare_node"]

_CGROUPS = Path("/sys/fs/cgroup")
_CONTROLLERS = {"cpu", "cpuset", "memory", "pids", "hugetlb", "io"}
_SOCKET_LIMIT = 107  # bytes the kernel takes for a socket's path


def _one_hierarchy(root: Path) -> None:
    available = set((root / "cgroup.controllers").read_text(encoding="ascii").split())
    enabled = " ".join(f"+{name}" for name in sorted(available & _CONTROLLERS))
    (root / "cgroup.subtree_control").write_text(enabled, encoding="ascii")
    (root / CGROUP).mkdir(exist_ok=True)


def _many_hierarchies() -> None:
    for hierarchy in _CGROUPS.iterdir():
        if not hierarchy.is_dir() or hierarchy.is_symlink() or not (hierarchy / "cgroup.procs").exists():
            continue
        own = hierarchy / CGROUP
        own.mkdir(exist_ok=True)
        for name in ("cpuset.cpus", "cpuset.mems"):  # a new cpuset is empty, and would take no process
            if (own / name).exists():
                (own / name).write_text((hierarchy / name).read_text(encoding="ascii"), encoding="ascii")


def _make_cgroups() -> None:
    if (_CGROUPS / "cgroup.controllers").exists():
        _one_hierarchy(_CGROUPS)
    else:
        _many_hierarchies()


def _share_kubelet_folder(layout: Layout) -> None:
    folder = str(layout.kubelet)
    layout.kubelet.mkdir(parents=True, exist_ok=True, mode=0o750)
    if not succeeds(["mountpoint", "--quiet", folder]):
        answer("mount the kubelet's folder", ["mount", "--bind", folder, folder])
        answer("share the kubelet's folder", ["mount", "--make-rshared", folder])


def prepare_node(layout: Layout, pause: str) -> None:
    """Make all that the components find when they start; what is there already stays.

    Raises:
        ClusterError: The state folder's path is too long for sockets, or another network is in the way.
    """
    if len(str(layout.containerd_state / "io.containerd.grpc.v1.cri.socket")) > _SOCKET_LIMIT:
        raise ClusterError(
            "prepare the node", f"{layout.root} is too long a path for sockets; set XDG_STATE_HOME to a shorter one"
        )
    layout.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not own_links():
        require_free_network()
    remember_host(layout)
    ensure_certificates(layout.pki)
    for files in configuration(layout, pause).values():
        for path, text in files.items():
            write_private(path, text.encode())
    write_kubeconfigs(layout)
    ensure_bridge()
    ensure_accepted()
    _make_cgroups()
    _share_kubelet_folder(layout)
    for folder in (layout.pod_logs, layout.logs, layout.cni):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
