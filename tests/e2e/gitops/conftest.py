"""A real Argo CD beside the local cluster, a Git repository, and this checkout's images on the node."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_operator.shard import SHARD

from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.images.build import build
from scripts.images.load import load
from scripts.servers.argocd import ArgoCd
from tests.e2e.gitops.repository import Repository
from tests.e2e.gitops.story import PIPELINE, Story

ROOT = Path(__file__).resolve().parents[3]
CRD = ROOT / "crds" / "frametrace.dev_camerapipelines.yaml"
GUARD = {"windowSeconds": 5, "settleSeconds": 1, "recovery": {"mode": "Manual", "stepSeconds": 5}}
SPEC: dict[str, Any] = {
    "cameras": [{"id": "cam01", "source": {"url": "test://?width=320&height=240&fps=50"}}],
    "stages": [{"name": "motion", "handler": "motion"}],
    "tracing": {"guard": GUARD},
}


@pytest.fixture
def names() -> tuple[str, str]:
    """Namespaces of the operator and of the pipelines, of this test alone."""
    mark = uuid.uuid4().hex[:8]
    return f"frametrace-{mark}", f"cameras-{mark}"


@pytest.fixture
def argo(kubeconfig: Path, tmp_path: Path) -> Iterator[ArgoCd]:
    """Argo CD as it comes."""
    folder = tmp_path / "argocd"
    folder.mkdir()
    argo = ArgoCd(folder, kubeconfig, f"argocd-{uuid.uuid4().hex[:8]}")
    yield argo
    argo.stop()


@pytest.fixture
def repository(tmp_path: Path, names: tuple[str, str]) -> Repository:
    """The repository, with one pipeline and its namespace."""
    system, cameras = names
    repository = Repository(tmp_path / "cameras")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": cameras, "labels": labels}}
    repository.write("pipelines/namespace.yaml", namespace)
    repository.write("pipelines/entrance.yaml", pipeline(system, cameras))
    repository.commit("A pipeline")
    return repository


def pipeline(system: str, cameras: str, **spec: Any) -> dict[str, Any]:
    """The pipeline as it stands in Git; its operator is the one of this shard."""
    metadata = {"name": PIPELINE, "namespace": cameras, "labels": {SHARD: system}}
    body = {"apiVersion": "frametrace.dev/v1alpha1", "kind": "CameraPipeline", "metadata": metadata}
    return body | {"spec": SPEC | spec}


@pytest.fixture
def application(argo: ArgoCd, repository: Repository, names: tuple[str, str], tmp_path: Path) -> Path:
    """The Application of the documentation, with this test's repository, namespaces and images in it, as a file."""
    body: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "gitops" / "argocd" / "application.yaml").read_text())
    body["metadata"]["namespace"] = argo.namespace
    body["spec"]["destination"]["namespace"] = names[0]
    for source in body["spec"]["sources"]:
        source["repoURL"] = repository.url
    own = {name: load(build(name).archive) for name in ("operator", "runtime")}
    images = own | {"redis": REDIS_IMAGE, "jaeger": JAEGER_IMAGE}
    body["spec"]["sources"][0]["helm"]["valuesObject"] |= {"images": images, "shard": names[0]}
    file = tmp_path / "application.yaml"
    file.write_text(yaml.safe_dump(body), encoding="utf-8")
    return file


@pytest.fixture
def story(argo: ArgoCd, names: tuple[str, str], application: Path) -> Iterator[Story]:
    """The story; what it leaves in the cluster when it ends early is deleted."""
    yield Story(argo, names[1], application)
    argo.kubectl("delete", "namespace", *names, "--ignore-not-found", "--wait=false")
    roles = argo.kubectl("get", _CLUSTER_KINDS, "-l", "app.kubernetes.io/part-of=frametrace", "-o", "name").split()
    left = [role for role in roles if role.partition("/")[2].startswith(names[0])]
    if left:
        argo.kubectl("delete", *left)
    argo.kubectl("annotate", "crd", "camerapipelines.frametrace.dev", *(f"{note}-" for note in _NOTES))
    argo.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(CRD))


_CLUSTER_KINDS = "clusterroles,clusterrolebindings"
_NOTES = (
    "argocd.argoproj.io/tracking-id",
    "argocd.argoproj.io/sync-wave",
    "argocd.argoproj.io/sync-options",
    "helm.sh/resource-policy",
)
