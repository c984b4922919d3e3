"""Mounts, bridges and cgroups need root: runs the same command again by sudo where the caller is not root."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import cache_root, state_root

__all__ = ["give_to_caller", "require_root"]

_KEPT = (
    "HOME",
    "PATH",
    "GOPROXY",
    "GOFLAGS",
    "GONOSUMDB",
    "GOTOOLCHAIN",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "SSL_CERT_FILE",
)


def require_root(arguments: list[str]) -> None:
    """Return when root; else replace this process by the same command under sudo.

    Args:
        arguments: What follows ``python``, such as ``["-m", "scripts.cluster", "up"]``.

    Raises:
        ClusterError: Not root, and there is no sudo.
    """
    if os.geteuid() == 0:
        return
    sudo = shutil.which("sudo")
    if sudo is None:
        raise ClusterError("become root", "the cluster needs root and there is no sudo; run this as root")
    kept = [f"{name}={os.environ[name]}" for name in _KEPT if name in os.environ]
    folders = [f"XDG_CACHE_HOME={cache_root().parent}", f"XDG_STATE_HOME={state_root().parent}"]
    os.execv(sudo, [sudo, "env", *kept, *folders, sys.executable, *arguments])  # noqa: S606 - no shell is wanted


def give_to_caller(path: Path) -> None:
    """Let the user who called sudo read a file and reach it; without sudo nothing changes."""
    user, group = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    if user and group:
        for one in (path, *(folder for folder in path.parents if folder.is_relative_to(state_root()))):
            os.chown(one, int(user), int(group))
