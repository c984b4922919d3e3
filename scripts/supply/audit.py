"""Asks pip-audit for known weaknesses of every locked package: ``python -m scripts.supply.audit``, a part of `make check`.

Its data is at OSV, on the Internet. Where that cannot be reached nothing is known, and it says so by name: nothing fails for it, and nobody
takes silence for a clean bill. pip-audit is locked by hash, and installed into an environment of its own below the cache.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from scripts.cluster.digests import digest_of
from scripts.cluster.paths import cache_root
from scripts.release.version import ROOT

__all__ = ["LOCKS", "SOURCE", "Unknown", "audit", "main", "program", "reach"]

SOURCE = "https://api.osv.dev/v1/query"
LOCKS = ("requirements.lock", "operator/requirements.lock", "runtime/requirements.lock")
_LOCK = ROOT / "scripts" / "supply" / "audit.lock"
_QUESTION = b'{"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "26.0"}'
_REACH_SECONDS, _AUDIT_SECONDS, _INSTALL_SECONDS = 3.0, 300.0, 180.0


class Unknown(Exception):  # noqa: N818 - it is no error: nothing can be said
    """Why nothing can be known, in a sentence."""


def reach(source: str = SOURCE) -> None:
    """Ask the source of known weaknesses one question.

    Raises:
        Unknown: it does not answer.
    """
    try:
        with urlopen(Request(source, data=_QUESTION), timeout=_REACH_SECONDS):  # noqa: S310 - an address of ours
            pass
    except (URLError, OSError, ValueError) as error:
        raise Unknown(f"{source} cannot be reached ({error})") from error


def program() -> Path:
    """Return pip-audit's program, installed where it was not.

    Raises:
        Unknown: the index does not give it.
    """
    folder = cache_root() / "audit" / digest_of([_LOCK.read_bytes()])
    uv, found = Path(sys.executable).with_name("uv"), folder / "bin" / "pip-audit"
    if not found.exists():
        _said([str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
        install = [str(uv), "pip", "install", "--quiet", "--python", str(folder / "bin" / "python")]
        _said([*install, "--require-hashes", "--requirement", str(_LOCK)])
    return found


def _said(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unknown(f"pip-audit was not installed within {_INSTALL_SECONDS:.0f} s") from error
    if done.returncode:
        raise Unknown(f"pip-audit cannot be installed ({(done.stderr.strip().splitlines() or ['no word'])[-1]})")


def audit(reachable: Callable[[], None] = reach, installed: Callable[[], Path] = program) -> int:
    """Audit all lock files; returns the exit code: 1 if a weakness is known, 0 if none is or nothing can be known."""
    try:
        reachable()
        pip_audit = installed()
    except Unknown as why:
        print(f"audit: SKIPPED, known weaknesses of packages were not looked up: {why}")
        return 0
    options = ["--disable-pip", "--require-hashes", "--vulnerability-service", "osv", "--progress-spinner", "off"]
    files = [word for lock in LOCKS for word in ("--requirement", str(ROOT / lock))]
    done = subprocess.run([str(pip_audit), *options, *files], timeout=_AUDIT_SECONDS, check=False)
    print(f"audit: {'no known weakness' if done.returncode == 0 else 'FAILED'} in {', '.join(LOCKS)}")
    return 1 if done.returncode else 0


def main() -> int:
    """Audit; returns the exit code."""
    return audit()


if __name__ == "__main__":
    sys.exit(main())
