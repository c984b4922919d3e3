"""Clusters for the contract of the seam to Kubernetes: the one in memory, and the real one. And servers that answer as Jaegers."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from frametrace_operator.kube.base import Kube
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.kube.real import RealKube
from kubernetes.aio.client import ApiClient, CoreV1Api, V1Namespace, V1ObjectMeta

from tests.contract.operator.serving import Serve, serving
from tests.real.cluster import cluster_client


@pytest.fixture
async def api(kubeconfig: Path) -> AsyncIterator[ApiClient]:
    """A client of the local cluster, which has the resource definition."""
    async with cluster_client(kubeconfig) as client:
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


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
async def http(session: aiohttp.ClientSession) -> AsyncIterator[Serve]:
    """Serves a handler as a Jaeger: the Jaegers to ask, and where it is."""
    async with serving(session) as serve:
        yield serve
