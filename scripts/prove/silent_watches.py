"""The test of silent watches in its long form: the operator's own settings, 10 operators at once, 5 silences each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]

_TEST = "tests/e2e/operator/test_silent_watches.py"
_LANES, _ROUNDS = 10, 5
_SILENCE = 70  # the operator's own setting
_BAR = 80.0


def main() -> int:
    """Run the test and say how many silences were noticed in time, and the slowest."""
    with tempfile.TemporaryDirectory() as folder:
        long = {"LANES": _LANES, "ROUNDS": _ROUNDS, "SILENCE": _SILENCE, "FIGURES": folder}
        environment = os.environ | {f"FRAMETRACE_TEST_{name}": str(value) for name, value in long.items()}
        command = [sys.executable, "-m", "pytest", _TEST, "-q", "-n", str(_LANES), "--dist", "load"]
        passed = subprocess.run(command, env=environment, check=False).returncode == 0
        seconds = sorted(float(path.read_text()) for path in Path(folder).iterdir())
    in_time = sum(value <= _BAR for value in seconds)
    figure = {"in time": in_time, "slowest s": max(seconds, default=None), "median s": _median(seconds)}
    bar = {"in time": _LANES * _ROUNDS, "slowest s": _BAR}
    print(json.dumps({"figure": figure, "bar": bar, "ok": passed and in_time == _LANES * _ROUNDS}))
    return 0


def _median(values: list[float]) -> float | None:
    return values[len(values) // 2] if values else None


if __name__ == "__main__":
    sys.exit(main())
