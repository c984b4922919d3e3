"""The design card's row "used by": `kubectl apply -f camera.yaml`, and the status in `kubectl get camerapipelines`.

The row's third use, GitOps by Argo CD, is shown by tests/e2e/gitops on a real Argo CD.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from frametrace_operator.shard import SHARD

from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.demo.target import Target
from scripts.demo.waiting import wait_for
from scripts.images.build import build
from scripts.images.load import load
from scripts.upgrade.fleet import namespace
from scripts.upgrade.release import Release

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

_CAMERA = Path(__file__).resolve().parents[2] / "docs" / "examples" / "test-camera.yaml"
_COLUMNS = ["NAME", "READY", "TRACING", "COMPLETE", "CAMERAS", "STAGES", "AGE"]


@pytest.fixture
def installed(kubeconfig: Path, tmp_path: Path) -> Iterator[Release]:
    """An operator for a namespace of its own."""
    assert kubeconfig
    release = Release(Target(), f"card-{uuid.uuid4().hex[:8]}", tmp_path)
    release.target.ask("make it", "apply", "-f", "-", stdin=json.dumps(namespace(release.namespace)))
    images = {name: load(build(name).archive) for name in ("operator", "runtime")}
    release.put({"images": images | {"redis": REDIS_IMAGE, "jaeger": JAEGER_IMAGE}, "shard": release.namespace})
    yield release
    release.target.ask("remove", "-n", release.namespace, "delete", "camerapipelines", "--all")
    release.uninstall()
    release.target.ask("remove it", "delete", "namespace", release.namespace, "--wait=false")


def test_card_used_by_kubectl_apply_and_get_camerapipelines(installed: Release, tmp_path: Path) -> None:
    kubectl = ("-n", installed.namespace)
    labelled = _CAMERA.read_text(encoding="utf-8").replace(
        "  name: try\n", f"  name: try\n  labels: {{{SHARD}: {installed.namespace}}}\n"
    )
    (tmp_path / "camera.yaml").write_text(labelled, encoding="utf-8")

    applied = installed.target.ask("apply", *kubectl, "apply", "-f", str(tmp_path / "camera.yaml"))

    def look() -> tuple[list[str] | None, str]:
        head, row = installed.target.ask("get", *kubectl, "get", "camerapipelines").splitlines()
        assert head.split() == _COLUMNS
        return (row.split() if row.split()[:3] == ["try", "True", "Healthy"] else None), row

    assert "camerapipeline.frametrace.dev/try created" in applied
    row = wait_for("see it Ready", look, seconds=120)
    assert "1/1" in row
