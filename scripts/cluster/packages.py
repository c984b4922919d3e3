"""Installs the Debian packages that are missing, without letting apt start a service or stop one of the user's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.cluster.commands import run_logged
from scripts.cluster.console import step
from scripts.cluster.errors import ClusterError
from scripts.cluster.paths import cache_root
from scripts.cluster.pins import BASE_SUITE, DEBIAN_PACKAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ensure_packages", "is_debian", "missing_packages"]

_POLICY = Path("/usr/sbin/policy-rc.d")
_SIGNATURE = "# Written by Frametrace's local cluster for the time of one installation."
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def _present(wanted: str) -> bool:
    if wanted.startswith("/"):
        return any(Path("/").glob(wanted[1:]))
    return shutil.which(wanted, path=_SYSTEM_PATH) is not None


def missing_packages() -> list[str]:
    """Debian packages whose command or file is not on this machine, sorted."""
    return sorted({package for wanted, package in DEBIAN_PACKAGES.items() if not _present(wanted)})


def is_debian(os_release: str, suite: str) -> bool:
    """Whether the text of /etc/os-release is of this Debian suite."""
    fields = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    values = {key: value.strip().strip('"') for key, value in fields.items()}
    return values.get("ID") == "debian" and values.get("VERSION_CODENAME") == suite


@contextmanager
def _services_stay_as_they_are() -> Iterator[None]:
    # Debian's maintainer scripts ask policy-rc.d before they start, stop or restart anything: 101 forbids it.
    if _POLICY.exists() and _SIGNATURE not in _POLICY.read_text(encoding="utf-8", errors="replace"):
        yield  # the owner's own policy decides
        return
    with tempfile.NamedTemporaryFile("w", prefix=".policy-rc.d.", dir=_POLICY.parent, delete=False) as file:
        file.write(f"#!/bin/sh\n{_SIGNATURE}\nexit 101\n")
    Path(file.name).chmod(0o755)
    Path(file.name).rename(_POLICY)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


def _apt_get(arguments: list[str], name: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments]
    log = cache_root() / "logs" / f"apt-{name}.log"
    with step(f"apt-get {name}", log):
        run_logged(f"apt-get {name}", command, log, environment=environment)


def ensure_packages() -> None:
    """Install what is missing.

    Raises:
        ClusterError: The machine is not Debian 12, this process is not root, or apt-get failed.
    """
    missing = missing_packages()
    if not missing:
        return
    names = " ".join(missing)
    release = Path("/etc/os-release")
    if not is_debian(release.read_text(encoding="utf-8") if release.exists() else "", BASE_SUITE):
        raise ClusterError(
            "install packages", f"this is not Debian 12 ({BASE_SUITE}), which the local cluster needs; missing: {names}"
        )
    if os.geteuid() != 0:
        raise ClusterError("install packages", f"root is needed to install: {names}")
    with _services_stay_as_they_are():
        _apt_get(["update", "--quiet"], "update")
        _apt_get(["install", "--yes", "--no-install-recommends", *missing], "install")
    still = subprocess.list2cmdline(missing_packages())
    if still:
        raise ClusterError("install packages", f"installed, but still not found: {still}")
