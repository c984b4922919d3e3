"""Times the README's demo as a new user would: a fresh clone, empty caches, cold and then warm.

Caches and state go to folders of this run's own, so that the user's are neither used nor touched. The machine's one
local cluster must be down (`make cluster-down`).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COLD_BAR_SECONDS = 1800
WARM_BAR_SECONDS = 90
_SHARED = ("GOCACHE", "GOMODCACHE", "PIP_CACHE_DIR", "CONTEXT", "KUBECONFIG")


def _timed(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    start = time.monotonic()
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return time.monotonic() - start


def main() -> int:
    """Run the proof; the last line says how long each run took."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was begun is taken down
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory(prefix="ft-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        clone = scratch / "clone"
        subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
        kept = {name: value for name, value in os.environ.items() if name not in _SHARED}
        folders = {"XDG_CACHE_HOME": "cache", "XDG_STATE_HOME": "state", "GOPATH": "go"}
        environment = kept | {name: str(scratch / folder) for name, folder in folders.items()}
        try:
            cold = _timed(["make", "demo"], clone, environment)
            warm = _timed(["make", "demo"], clone, environment)
        finally:
            subprocess.run(["make", "demo-down"], cwd=clone, env=environment, check=False)
            subprocess.run(["chmod", "-R", "u+w", str(scratch / "go")], check=False)
            shutil.rmtree(scratch / "go", ignore_errors=True)
    ok = cold <= COLD_BAR_SECONDS and warm <= WARM_BAR_SECONDS
    figure = {"cold_seconds": round(cold), "warm_seconds": round(warm)}
    print(
        json.dumps(
            {"figure": figure, "bar": {"cold_seconds": COLD_BAR_SECONDS, "warm_seconds": WARM_BAR_SECONDS}, "ok": ok}
        )
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
