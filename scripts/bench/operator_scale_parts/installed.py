"""The operator as its image has it: its own locked packages and wheels of this checkout, and none of the developers' tools.

Libraries import what they find: in `.venv`, `kubernetes` finds a validator of the tests and takes 25 MB for it, and `structlog`
finds a painter of tracebacks. No user's operator has them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.cluster.commands import run_logged
from scripts.cluster.digests import digest_of
from scripts.cluster.paths import cache_root
from scripts.prove.results import ROOT
from scripts.release.artifacts import DISTRIBUTIONS, write_wheels

__all__ = ["installed"]

_LOCK = ROOT / "operator/requirements.lock"
_OURS = ("*/pyproject.toml", "*/*/**/*.py", "*/*/**/*.j2")


def installed() -> Path:
    """Return the Python that runs it, made where it was not: that needs a package index, as `scripts/setup.sh` does.

    Raises:
        ClusterError: a package cannot be had; the log is named.
    """
    root = cache_root() / "bench"
    ours = {path for part in _OURS for path in ROOT.glob(part) if path.relative_to(ROOT).parts[0] in DISTRIBUTIONS}
    folder = root / f"operator-{digest_of(path.read_bytes() for path in (_LOCK, *sorted(ours)))}"
    done = folder / "installed"
    if not done.exists():
        _install(folder, root)
        done.touch()
    return folder / "bin" / "python"


def _install(folder: Path, logs: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--no-deps", "--quiet"]
    locked = [*pip, "--require-hashes", "--requirement", str(_LOCK)]
    run_logged("install the operator's packages", locked, logs / "operator-packages.log")
    with TemporaryDirectory(prefix="frametrace-wheels-") as wheels:
        built = write_wheels(Path(wheels), logs)
        run_logged("install the operator", [*pip, "--no-index", *map(str, built)], logs / "operator-wheels.log")
