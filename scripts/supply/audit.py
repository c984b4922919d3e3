"""Asks pip-audit for known weaknesses of every locked package: ``python -m scripts.supply.audit``, a part of `make check`.

Its data is at OSV, on the Internet. Where that cannot be reached nothing is known, and it says so by name: nothing fails for it, and nobody
takes silence for a clean bill. pip-audit is locked by hash, and installed into an environment of its own below the cache.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
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
    except (OSError, ValueError, HTTPException) as error:  # that of a portal is no HTTP, or breaks off
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


def audit(
    reachable: Callable[[], None] = reach,
    installed: Callable[[], Path] = program,
    seconds: float = _AUDIT_SECONDS,
) -> int:
    """Audit all lock files; returns the exit code: 1 if a weakness is known, 0 if none is or nothing can be known."""
    try:
        reachable()
        found = _weaknesses(installed(), seconds)
    except Unknown as why:
        print(f"audit: SKIPPED, known weaknesses of packages were not looked up: {why}")
        return 0
    for weakness in found:
        print(f"audit: {weakness}")
    print(f"audit: {'FAILED' if found else 'no known weakness'} in {', '.join(LOCKS)}")
    return 1 if found else 0


def _weaknesses(pip_audit: Path, seconds: float) -> list[str]:
    """Ask for those of all lock files. Its exit code is 1 for a weakness and for a lost connection; it writes its report for the first alone."""
    options = ["--disable-pip", "--require-hashes", "--vulnerability-service", "osv", "--progress-spinner", "off"]
    files = [word for lock in LOCKS for word in ("--requirement", str(ROOT / lock))]
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [str(pip_audit), *options, "--format", "json", "--output", str(report), *files]
        try:
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired as error:
            raise Unknown(f"pip-audit did not end within {seconds:g} s") from error
        try:
            packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
        except (OSError, ValueError) as error:
            word = " ".join(done.stderr.split()) or "without a word"
            raise Unknown(f"pip-audit ended with {done.returncode}: {word[-500:]}") from error
    return [
        f"{package['name']} {package['version']}: {weakness['id']}, mended in {' or '.join(weakness['fix_versions']) or 'no version'}"
        for package in packages
        for weakness in package.get("vulns", ())
    ]


def main() -> int:
    """Audit; returns the exit code."""
    return audit()


if __name__ == "__main__":
    sys.exit(main())
