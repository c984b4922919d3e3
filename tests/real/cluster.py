"""A client of the local cluster for tests of the operator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration
from kubernetes.aio.dynamic import DynamicClient

__all__ = ["CRD", "WITHOUT_PODS", "cluster_client"]

CRD = Path(__file__).resolve().parents[2] / "crds" / "frametrace.dev_camerapipelines.yaml"

WITHOUT_PODS = {
    "mode": "Suspended",
    "broker": {"external": {"urlSecretRef": {"name": "broker", "key": "url"}}},
    "tracing": {"backend": {"external": {"otlpEndpoint": "http://jaeger:4318", "queryUrl": "http://jaeger:16686"}}},
}
"""Parts of a spec whose children are all but pods: there can be many, and nothing of the node disturbs them."""


@asynccontextmanager
async def cluster_client(kubeconfig: Path) -> AsyncIterator[ApiClient]:
    """A client of the cluster, which has this checkout's resource definition."""
    settings = Configuration()
    await config.load_kube_config(config_file=str(kubeconfig), client_configuration=settings)
    async with ApiClient(settings) as client, DynamicClient(client) as dynamic:
        definitions = await dynamic.resources.get(
            api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition"
        )
        body = yaml.safe_load(CRD.read_text())
        await dynamic.server_side_apply(definitions, body=body, field_manager="tests", force_conflicts=True)
        yield client
