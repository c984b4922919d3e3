"""Proof: generated resources are refused by the real API server, or become objects that it takes in a restricted namespace.

Runs the end-to-end test of the same promise with more resources, and counts what became of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]

_TEST = "tests/e2e/api/test_generated_resources.py"


def main() -> int:
    """Run the proof; the last line says how many were refused, how many made, and how many objects the server took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000)
    wanted = parser.parse_args().examples
    with tempfile.TemporaryDirectory(prefix="frametrace-generated-") as folder:
        report = Path(folder) / "report.json"
        own = {"FRAMETRACE_EXAMPLES": str(wanted), "FRAMETRACE_EXAMPLES_REPORT": str(report)}
        command = [sys.executable, "-m", "pytest", _TEST, "-q", "-n", "0", "--timeout", "0"]  # the proof has its own
        passed = subprocess.run(command, env=os.environ | own, check=False).returncode == 0
        figure = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    seen = figure.get("refused", 0) + figure.get("made", 0)
    ok = passed and seen >= wanted and min(figure.get("refused", 0), figure.get("made", 0)) > 0
    print(json.dumps({"figure": figure, "bar": f"{wanted} resources, none of them neither refused nor made", "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
