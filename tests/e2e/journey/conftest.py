"""The operator, the simulated camera and this checkout's images on the local cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.demo.target import Target


@pytest.fixture(scope="session")
def target(kubeconfig: Path) -> Target:
    return Target()
