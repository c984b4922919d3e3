"""Times what the README has a new user type: a fresh clone, empty caches; its commands as they stand, the demo again, and all tests.

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
from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.prove.pages import Page

__all__ = ["BARS", "commands", "main", "timed", "verdict"]

#: Seconds at most; what else is timed has only to end well.
BARS = {"demo_cold": 1800, "demo_warm": 90}
_DEMO = "make demo\n"
_SHARED = ("GOCACHE", "GOMODCACHE", "PIP_CACHE_DIR", "CONTEXT", "KUBECONFIG")


def commands(readme: Path) -> dict[str, str]:
    """Return what is typed, in this order: the README's own blocks, the first without a cluster, and then what it says of tests.

    Raises:
        ValueError: the README has other commands than these two blocks.
    """
    blocks = Page(readme).blocks("sh")
    if len(blocks) != 2 or blocks[1] != _DEMO:  # noqa: PLR2004 - one without a cluster, one with
        raise ValueError(
            f"{readme} has other commands than one block without a cluster and {_DEMO.strip()!r}: {blocks}"
        )
    demo = {"demo_cold": _DEMO, "demo_warm": _DEMO, "demo_down": "make demo-down\n"}
    return {"without_a_cluster": blocks[0], **demo, "test": "make test\n"}


def timed(typed: Mapping[str, str], run: Callable[[str], int], clock: Callable[[], float]) -> dict[str, int | str]:
    """Run them until one fails; returns the seconds of each, and of the one that failed that it did."""
    found: dict[str, int | str] = {}
    for name, text in typed.items():
        start = clock()
        code = run(text)
        seconds = round(clock() - start)
        found[name] = f"failed with {code} after {seconds} s" if code else seconds
        if code:
            break
    return found


def verdict(typed: Mapping[str, str], figure: Mapping[str, int | str]) -> dict[str, object]:
    """Return what the proof says: whether all ended well, and within their bars."""
    ended = [
        name for name, seconds in figure.items() if isinstance(seconds, int) and seconds <= BARS.get(name, seconds)
    ]
    return {"figure": dict(figure), "bar": BARS, "ok": ended == list(typed)}


def main() -> int:
    """Run the proof; the last line says how long each command took."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was begun is taken down
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory(prefix="ft-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        clone = scratch / "clone"
        subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
        typed = commands(clone / "README.md")
        kept = {name: value for name, value in os.environ.items() if name not in _SHARED}
        folders = {"XDG_CACHE_HOME": "cache", "XDG_STATE_HOME": "state", "GOPATH": "go"}
        environment = kept | {name: str(scratch / folder) for name, folder in folders.items()}

        def run(text: str) -> int:
            shell = ["bash", "-exuo", "pipefail", "-c", text]
            return subprocess.run(shell, cwd=clone, env=environment, check=False).returncode

        try:
            figure = timed(typed, run, time.monotonic)
        finally:
            run("make demo-down")
            subprocess.run(["chmod", "-R", "u+w", str(scratch / "go")], check=False)
            shutil.rmtree(scratch / "go", ignore_errors=True)
    said = verdict(typed, figure)
    print(json.dumps(said))
    return 0 if said["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
