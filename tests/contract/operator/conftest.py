"""Clusters for the contract of the seam to Kubernetes: the one in memory, and the real one."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from frametrace_operator.kube.base import Kube
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.kube.real import RealKube
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration, CoreV1Api, V1Namespace, V1ObjectMeta
from kubernetes.aio.dynamic import DynamicClient

CRD = Path(__file__).resolve().parents[3] / "crds" / "frametrace.dev_camerapipelines.yaml"


@pytest.fixture
async def api(kubeconfig: Path) -> AsyncIterator[ApiClient]:
    """A client of the local cluster, which has the resource definition."""
    settings = Configuration()
    await config.load_kube_config(config_file=str(kubeconfig), client_configuration=settings)
    async with ApiClient(settings) as client, DynamicClient(client) as dynamic:
        definitions = await dynamic.resources.get(
            api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition"
        )
        body = yaml.safe_load(CRD.read_text())
        await dynamic.server_side_apply(definitions, body=body, field_manager="tests", force_conflicts=True)
        yield client


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.cluster)])
def kube(request: pytest.FixtureRequest) -> Kube:
    return MemoryKube() if request.param == "memory" else RealKube(request.getfixturevalue("api"))


@pytest.fixture
async def namespace(kube: Kube) -> AsyncIterator[str]:
    name = f"contract-{uuid.uuid4().hex[:8]}"
    if not isinstance(kube, RealKube):
        yield name
        return
    core = CoreV1Api(kube._client)
    await core.create_namespace(V1Namespace(metadata=V1ObjectMeta(name=name)))
    yield name
    await core.delete_namespace(name)
