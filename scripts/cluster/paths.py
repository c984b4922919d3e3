"""Where things are: the cache (survives clones), the state of the one cluster, and the machine-wide lock.

Only computes paths and makes folders; never reads or judges what is in them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SOURCE", "Layout", "cache_root", "machine_lock", "state_root"]

SOURCE = Path(__file__).resolve().parent


def _user_folder(variable: str, default: str) -> Path:
    configured = os.environ.get(variable, "")
    base = Path(configured) if configured.startswith("/") else Path.home() / default
    return base / "frametrace"


def cache_root() -> Path:
    """Folder of built binaries and images: ``$XDG_CACHE_HOME/frametrace`` or ``~/.cache/frametrace``."""
    return _user_folder("XDG_CACHE_HOME", ".cache")


def state_root() -> Path:
    """Folder of the cluster's state: ``$XDG_STATE_HOME/frametrace`` or ``~/.local/state/frametrace``."""
    return _user_folder("XDG_STATE_HOME", ".local/state")


def machine_lock() -> Path:
    """The lock file that makes the cluster one a machine, whoever starts it and from whatever clone.

    In a folder of root's own: in one that anybody writes to, a planted owner's note would be obeyed as root.
    """
    return Path("/run/frametrace/cluster.lock")


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one cluster.

    Args:
        root: The cluster's folder; everything the cluster writes is below it.
    """

    root: Path

    @classmethod
    def of_user(cls) -> Layout:
        """The layout below this user's state folder."""
        return cls(state_root() / "cluster")

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, context ``frametrace``."""
        return self.root / "kubeconfig"

    @property
    def pki(self) -> Path:
        """Certificates and keys, new with every fresh cluster."""
        return self.root / "pki"

    @property
    def config(self) -> Path:
        """Rendered configuration of the components."""
        return self.root / "config"

    @property
    def logs(self) -> Path:
        """One log a component; kept after ``down`` until the next fresh start."""
        return self.root / "logs"

    @property
    def audit_log(self) -> Path:
        """The API server's audit log, one JSON event a line."""
        return self.logs / "audit.log"

    @property
    def records(self) -> Path:
        """One record a started process."""
        return self.root / "run"

    @property
    def etcd(self) -> Path:
        """The database; gone with ``down``."""
        return self.root / "etcd"

    @property
    def kubelet(self) -> Path:
        """The kubelet's root, a shared bind mount while the cluster is up."""
        return self.root / "kubelet"

    @property
    def pod_logs(self) -> Path:
        """Log files of the pods' containers."""
        return self.root / "pods"

    @property
    def volumes(self) -> Path:
        """Folders behind the static local volumes."""
        return self.root / "volumes"

    @property
    def cni(self) -> Path:
        """CNI configuration and address leases."""
        return self.root / "cni"

    @property
    def containerd_root(self) -> Path:
        """Image content and snapshots; kept between clusters because importing costs seconds."""
        return self.root / "containerd-root"

    @property
    def containerd_state(self) -> Path:
        """Run-time state of containerd: tasks, network namespaces."""
        return self.root / "containerd-state"

    @property
    def runc(self) -> Path:
        """Run-time state of runc."""
        return self.root / "runc"

    @property
    def containerd_socket(self) -> Path:
        """Socket of our own containerd."""
        return self.root / "containerd.sock"

    @property
    def host(self) -> Path:
        """What the machine looked like before: kernel settings to put back."""
        return self.root / "host.json"

    @property
    def started(self) -> Path:
        """There once a fresh start has come to its end; without it there is nothing worth a repair."""
        return self.root / "started"

    def disposable(self) -> list[Path]:
        """What ``down`` removes: all but images and logs."""
        kept = {self.containerd_root, self.logs}
        return [path for path in sorted(self.root.glob("*")) if path not in kept]
