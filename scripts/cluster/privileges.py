"""Mounts, bridges and cgroups need root: runs the same command again by sudo where the caller is not root.

``python -m scripts.cluster.privileges -m MODULE …`` runs any of this repository's Python programs as root, in the same environment.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.cluster.commands import with_system_folders
from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import cache_root, state_root

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["as_root", "give_to_caller", "require_root"]

_PROXIES = ("http_proxy", "https_proxy", "no_proxy")
_GO = ("CACHE", "FLAGS", "MODCACHE", "NOPROXY", "NOSUMDB", "PATH", "PRIVATE", "PROXY", "SUMDB", "TOOLCHAIN")
_KEPT = frozenset(
    [
        *("CI", "CONTEXT", "HOME", "KUBECONFIG", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE"),
        *_PROXIES,
        *(name.upper() for name in _PROXIES),
        *(f"GO{name}" for name in _GO),
    ]
)
_CALLERS_FOLDERS = ("bin", "clips", "locks", "logs")


def as_root(arguments: list[str], environment: Mapping[str, str]) -> list[str]:
    """The command line that runs Python as root with the caller's settings and folders, by sudo.

    Raises:
        ClusterError: There is no sudo.
    """
    sudo = shutil.which("sudo")
    if sudo is None:
        raise ClusterError("become root", "the cluster needs root and there is no sudo; run this as root")
    settings = {
        name: value
        for name, value in with_system_folders(environment).items()
        if name in _KEPT or name.startswith("PIP_")
    }
    settings |= {"XDG_CACHE_HOME": str(cache_root().parent), "XDG_STATE_HOME": str(state_root().parent)}
    settings["PYTHONDONTWRITEBYTECODE"] = "1"  # root's files in the caller's clone could not be removed with it
    return [sudo, "env", *(f"{name}={value}" for name, value in sorted(settings.items())), sys.executable, *arguments]


def require_root(arguments: list[str]) -> None:
    """Return when root; else replace this process by the same command under sudo.

    Args:
        arguments: What follows ``python``, such as ``["-m", "scripts.cluster", "up"]``.

    Raises:
        ClusterError: Not root, and there is no sudo.
    """
    if os.geteuid() == 0:
        return
    command = as_root(arguments, os.environ)
    for name in _CALLERS_FOLDERS:  # made by root, the caller could not write to them later
        (cache_root() / name).mkdir(parents=True, exist_ok=True)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def give_to_caller(path: Path) -> None:
    """Let the user who called sudo read a file and reach it; without sudo nothing changes."""
    user, group = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    if user and group:
        for one in (path, *(folder for folder in path.parents if folder.is_relative_to(state_root()))):
            os.chown(one, int(user), int(group))


if __name__ == "__main__":
    try:
        require_root(sys.argv[1:])
    except ClusterError as error:
        sys.exit(str(error))
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])  # noqa: S606 - no shell is wanted
