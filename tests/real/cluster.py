"""A client of the local cluster for tests of the operator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration, CustomObjectsApi
from kubernetes.aio.client.exceptions import NotFoundException
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
        await _served(CustomObjectsApi(client), body["spec"])
        yield client


async def _served(api: CustomObjectsApi, definition: Any) -> None:
    """Wait until the API server serves the resource: on a fresh cluster it answers 404 for a moment after the definition."""
    group, plural = definition["group"], definition["names"]["plural"]
    async with asyncio.timeout(30):
        while True:
            try:
                await api.list_cluster_custom_object(group, definition["versions"][0]["name"], plural, limit=1)
            except NotFoundException:
                await asyncio.sleep(0.1)
            else:
                return
