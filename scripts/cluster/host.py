"""Machine settings and folders outside the state folder that the cluster's parts change: put back when it goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.cluster.certificates import write_private

if TYPE_CHECKING:
    from scripts.cluster.paths import Layout

__all__ = ["SHIM_SOCKETS", "remember_host", "restore_host"]

# Written by the kubelet, kube-proxy and the bridge plug-in as they start.
_SETTINGS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/route_localnet",
    "net/netfilter/nf_conntrack_max",
    "net/netfilter/nf_conntrack_tcp_timeout_established",
    "net/netfilter/nf_conntrack_tcp_timeout_close_wait",
)
# Paths that the kubelet and the shims have compiled in.
_DEVICE_PLUGINS = Path("/var/lib/kubelet/device-plugins")
_CONTAINER_LINKS = Path("/var/log/containers")
_CNI_RESULTS = Path("/var/lib/cni/results")
SHIM_SOCKETS = Path("/run/containerd/s")
_OUTSIDE = (
    _DEVICE_PLUGINS,
    _DEVICE_PLUGINS.parent,
    _CONTAINER_LINKS,
    _CNI_RESULTS,
    _CNI_RESULTS.parent,
    SHIM_SOCKETS,
    SHIM_SOCKETS.parent,
)


def _setting(name: str) -> Path:
    return Path("/proc/sys") / name


def remember_host(layout: Layout) -> None:
    """Note the settings and which outside folders exist, unless noted since the cluster was last down."""
    if layout.host.exists():
        return
    settings = {name: _setting(name).read_text(encoding="ascii") for name in _SETTINGS if _setting(name).exists()}
    existing = [str(folder) for folder in _OUTSIDE if folder.exists()]
    write_private(layout.host, json.dumps({"settings": settings, "folders": existing}).encode())


def _remove_outside(layout: Layout, existing: list[str]) -> None:
    for link in _CONTAINER_LINKS.glob("*.log"):
        if link.is_symlink() and link.readlink().is_relative_to(layout.pod_logs):
            link.unlink()
    for result in _CNI_RESULTS.glob("*"):
        if str(layout.containerd_state) in result.read_text(encoding="utf-8"):  # names the pod's network namespace
            result.unlink()
    if str(_DEVICE_PLUGINS) not in existing:
        for left in ("kubelet.sock", "DEPRECATION", "kubelet_internal_checkpoint"):
            (_DEVICE_PLUGINS / left).unlink(missing_ok=True)
    for folder in _OUTSIDE:
        if str(folder) not in existing and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def restore_host(layout: Layout) -> None:
    """Put back what `remember_host` noted; without a note, nothing is known to be ours."""
    if not layout.host.exists():
        return
    noted = json.loads(layout.host.read_text(encoding="utf-8"))
    for name, value in noted["settings"].items():
        if _setting(name).exists() and _setting(name).read_text(encoding="ascii") != value:
            _setting(name).write_text(value, encoding="ascii")
    _remove_outside(layout, noted["folders"])
    layout.host.unlink()
