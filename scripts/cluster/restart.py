"""The local cluster's API server and etcd, ended and started again. Needs root, as the cluster does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts.cluster.paths import Layout
from scripts.cluster.processes import end, read_record

__all__ = ["restart_api_server"]

_ROOT = Path(__file__).resolve().parents[2]


def restart_api_server() -> None:
    """End the API server and then etcd, and bring both back as `make cluster-up` does."""
    layout = Layout.of_user()
    for name in ("kube-apiserver", "etcd"):
        record = read_record(layout.records, name)
        assert record is not None, f"{name} does not run"
        assert not end({record.pid: record.ticks}), f"{name} did not end"
    done = subprocess.run(
        [sys.executable, "-m", "scripts.cluster", "up"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
