"""The test of a busy API server in its long form: a minute of 429, each asking for 20 s."""

from __future__ import annotations

import json
import os
import subprocess
import sys

__all__ = ["main"]

_TEST = "tests/e2e/operator/test_busy_api_server.py"
_AFTER, _BUSY = 20, 62


def main() -> int:
    """Run the test and repeat what it said."""
    environment = os.environ | {"FRAMETRACE_TEST_RETRY_AFTER": str(_AFTER), "FRAMETRACE_TEST_BUSY": str(_BUSY)}
    command = [sys.executable, "-m", "pytest", _TEST, "-q", "-s", "-n", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr)
    said = [line for line in done.stdout.splitlines() if "refused in" in line or "carried out" in line]
    print(json.dumps({"figure": said, "bar": f"asked again after {_AFTER} s or more", "ok": done.returncode == 0}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
