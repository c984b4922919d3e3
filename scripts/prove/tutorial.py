"""Follows the tutorial literally: every command of docs/tutorial.md, in one shell, in a fresh clone of this repository.

Caches are the user's: how long a first build takes is another proof's business. What the demo put up is taken down in the end, also
after a failure.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.prove.pages import Page
from scripts.prove.results import ROOT

__all__ = ["expected", "expected_of_cluster", "main", "missing"]

_OWN = ("PYTHONPATH", "VIRTUAL_ENV", "CONTEXT", "KUBECONFIG", "JAEGER_QUERY_URL", "FRAMETRACE_SPANS")
_LIMIT_SECONDS = 3000.0

expected = (
    "frames captured",
    "complete: every hop, no orphan, one outcome a branch",
    "20 completed, 0 dropped, 10 dead-lettered",
    "I do not like this one",
    "journeys are complete (100 %)",
    "process_frame  [verify]",
)
"""What its commands are to print on this machine, beside ending well."""
expected_of_cluster = (
    "complete: every hop, no orphan, one outcome a branch",
    "all pods run without instrumentation",
    "a person asked for it",
)
"""What they are to print from where the cluster is put up."""
_CLUSTER = "+ make demo\n"


def missing(said: str) -> list[str]:
    """Return what should have been printed and was not."""
    local, _, cluster = said.partition(_CLUSTER)
    lacks = [text for text in expected if text not in local]
    return lacks + [f"{text} (on the cluster)" for text in expected_of_cluster if text not in cluster]


def main() -> int:
    """Follow it; the last line says how many blocks of commands there were and how long they took."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was begun is taken down
    with tempfile.TemporaryDirectory(prefix="ft-", ignore_cleanup_errors=True) as name:
        clone = Path(name) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        blocks = Page(clone / "docs" / "tutorial.md").blocks("sh")
        said = Path(name) / "said"
        environment = {name: value for name, value in os.environ.items() if name not in _OWN}
        begun = time.monotonic()
        try:
            with said.open("wb") as out:
                done = subprocess.run(
                    ["bash", "-exuo", "pipefail", "-c", "\n".join(blocks)],
                    cwd=clone,
                    env=environment,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    check=False,
                    timeout=_LIMIT_SECONDS,
                )
        finally:
            seconds = round(time.monotonic() - begun)
            subprocess.run(["make", "demo-down"], cwd=clone, env=environment, check=False)
            print(said.read_text(encoding="utf-8", errors="replace"))
        lacks = missing(said.read_text(encoding="utf-8", errors="replace"))
    figure = {
        "blocks": len(blocks),
        "seconds": seconds,
        "code": done.returncode,
        "lacks": lacks,
    }
    ok = done.returncode == 0 and not lacks
    print(json.dumps({"figure": figure, "bar": "every command ends well and prints what it should", "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
