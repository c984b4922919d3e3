"""What all tests share: hypothesis profiles and the local cluster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def _cluster(*arguments: str) -> str:
    command = [sys.executable, "-m", "scripts.cluster", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the local cluster: {done.stderr or done.stdout}"
    return done.stdout.strip()


@pytest.fixture(scope="session")
def kubeconfig() -> Path:
    """Path of the local cluster's kubeconfig; the cluster is up."""
    _cluster("up")
    return Path(_cluster("kubeconfig"))
