"""The operator, the simulated camera and this checkout's images on the local cluster."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.demo.install import install_camera, install_chart
from scripts.demo.places import state
from scripts.demo.target import Target
from scripts.demo.up import cluster_and_images


@pytest.fixture(scope="session")
def installed(kubeconfig: Path) -> Target:
    """The local cluster with the chart of this checkout and the simulated camera."""
    target = Target()
    state().mkdir(parents=True, exist_ok=True)
    images = cluster_and_images(target)
    install_camera(target, images)
    install_chart(target, images)
    return target


@pytest.fixture
def namespace(installed: Target) -> Iterator[str]:
    """A namespace of the test's own that holds its pods to the `restricted` standard."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    installed.ask("make the namespace", "apply", "-f", "-", stdin=json.dumps(manifest))
    yield name
    installed.ask("remove the namespace", "delete", "namespace", name, "--wait=false")
