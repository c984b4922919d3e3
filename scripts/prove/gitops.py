"""Proof: the GitOps story end to end on a real Argo CD. Runs the end-to-end test of it, and tells its timings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]

_TEST = "tests/e2e/gitops/test_argocd.py"
_BAR = "every step of the story, in its order; nothing is out of sync but what Git changed or a person edited"


def main() -> int:
    """Run the test; the last line has the seconds of each step."""
    with tempfile.TemporaryDirectory(prefix="frametrace-gitops-") as folder:
        report = Path(folder) / "laps.json"
        command = [sys.executable, "-m", "pytest", _TEST, "-q", "-n", "0"]
        environment = os.environ | {"FRAMETRACE_GITOPS_REPORT": str(report)}
        passed = subprocess.run(command, env=environment, check=False).returncode == 0
        figure = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    ok = passed and bool(figure)
    print(json.dumps({"figure": {f"{what} (s)": seconds for what, seconds in figure.items()}, "bar": _BAR, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
