"""A release of this checkout's chart in a namespace of its own, beside whatever else is installed in the cluster."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from frametrace_operator.shard import SHARD

from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.demo.target import Target
from scripts.images.build import build
from scripts.images.load import load
from scripts.upgrade.fleet import namespace
from scripts.upgrade.release import Release


@pytest.fixture
def space(kubeconfig: Path) -> Iterator[str]:
    """A namespace that holds its pods to the `restricted` standard."""
    name = f"chart-{uuid.uuid4().hex[:8]}"
    target = Target()
    target.ask("make the namespace", "apply", "-f", "-", stdin=json.dumps(namespace(name)))
    yield name
    target.ask("remove the namespace", "delete", "namespace", name, "--wait=false", "--ignore-not-found")


@pytest.fixture
def release(space: str, tmp_path: Path) -> Iterator[Release]:
    """A release that is not installed yet."""
    release = Release(Target(), space, tmp_path)
    yield release
    release.uninstall()


@pytest.fixture
def values(space: str) -> dict[str, Any]:
    """Values with this checkout's images; the release looks after a shard of its own."""
    names = ("operator", "runtime")
    images = {name: load(build(name).archive) for name in names} | {"redis": REDIS_IMAGE, "jaeger": JAEGER_IMAGE}
    return {"images": images, "shard": space}


@pytest.fixture
def pipeline(space: str) -> dict[str, Any]:
    """A camera and a stage, of the release's shard."""
    spec = {
        "cameras": [{"id": "cam01", "source": {"url": "test://?width=320&height=240&fps=5"}}],
        "stages": [{"name": "motion", "handler": "motion"}],
    }
    metadata = {"name": "first", "namespace": space, "labels": {SHARD: space}}
    return {"apiVersion": "frametrace.dev/v1alpha1", "kind": "CameraPipeline", "metadata": metadata, "spec": spec}
