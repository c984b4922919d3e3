"""A namespace of the local cluster, an operator of its own for it, and pipelines in it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from frametrace_api.group import GROUP, ROLLBACK_TRACING
from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT, PIPELINE, POD
from frametrace_operator.kube.real import RealKube
from frametrace_operator.kube.resources import resource_of
from kubernetes.aio import config
from kubernetes.aio.client import ApiClient, Configuration, CoreV1Api, V1Namespace, V1ObjectMeta
from kubernetes.aio.client.exceptions import NotFoundException
from kubernetes.aio.dynamic import DynamicClient

from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.cluster.paths import Layout
from scripts.images.build import build
from scripts.images.load import load
from scripts.prove.results import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

__all__ = ["Place", "place", "until"]

_CRD = ROOT / "crds/frametrace.dev_camerapipelines.yaml"


class Place:
    """The namespace `name`; `start` begins an operator for it, `end` ends it."""

    def __init__(self, client: ApiClient, name: str, log: Path, images: dict[str, str]) -> None:
        self.name, self.log = name, log
        self.kube = RealKube(client)
        self.operator: subprocess.Popen[bytes] | None = None
        self._dynamic: Any = DynamicClient(client)  # type: ignore[no-untyped-call]  # the library is not annotated
        self._images = images

    def start(self, **settings: str) -> None:
        """Begin an operator; its predecessor must have ended."""
        own = {
            "KUBECONFIG": str(Layout.of_user().kubeconfig),
            "FRAMETRACE_NAMESPACE": self.name,
            "FRAMETRACE_WATCH_NAMESPACES": self.name,
            "FRAMETRACE_SHARD": self.name,
            "FRAMETRACE_HTTP_PORT": "0",
            "FRAMETRACE_LEASE_NAME": f"operator-{uuid.uuid4().hex[:8]}",  # a killed one's Lease need not be waited for
        }
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "frametrace_operator"]
            environment = os.environ | self._images | own | settings
            self.operator = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the operator."""
        if self.operator is not None and self.operator.poll() is None:
            self.operator.send_signal(number)
            await asyncio.to_thread(self.operator.wait)

    async def apply(self, name: str, spec: dict[str, Any]) -> None:
        """Apply a pipeline as its owner does."""
        labels = {f"{GROUP}/shard": self.name}
        metadata = {"name": name, "namespace": self.name, "labels": labels}
        body = {"apiVersion": PIPELINE.api_version, "kind": PIPELINE.kind, "metadata": metadata, "spec": spec}
        resource = resource_of(PIPELINE, self._dynamic)
        await self._dynamic.server_side_apply(resource, body=body, field_manager="person", force_conflicts=True)

    async def delete(self, name: str) -> None:
        """Delete a pipeline and wait until its pods are gone."""
        await self._dynamic.delete(resource_of(PIPELINE, self._dynamic), name=name, namespace=self.name)

        async def gone() -> bool:
            return not await self.kube.find(POD, self.name, {f"{GROUP}/pipeline": name})

        await until(gone, f"{name} without pods", 90)

    async def annotate(self, name: str, annotation: str = ROLLBACK_TRACING) -> float:
        """Ask for a rollback, or another thing, as a person does; when, in seconds since 1970."""
        body = await self.kube.get(PIPELINE, self.name, name)
        assert body is not None
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        asked = time.time()
        await self.kube.annotate(
            PIPELINE, self.name, name, uid=body["metadata"]["uid"], annotations={annotation: stamp}
        )
        return asked

    async def status(self, name: str) -> dict[str, Any]:
        """`status.tracing` of a pipeline; empty while there is none."""
        body = await self.kube.get(PIPELINE, self.name, name) or {}
        return dict((body.get("status") or {}).get("tracing") or {})

    async def ready(self, name: str) -> bool:
        """Whether its frames flow."""
        body = await self.kube.get(PIPELINE, self.name, name) or {}
        conditions = (body.get("status") or {}).get("conditions", ())
        return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)

    async def reports(self, name: str) -> list[dict[str, Any]]:
        """The reports of its rollbacks."""
        return await self.kube.find(CONFIG_MAP, self.name, {f"{GROUP}/pipeline": name, f"{GROUP}/role": "report"})

    async def lives(self, name: str) -> dict[str, tuple[str, int]]:
        """Of each pod of a pipeline its UID and restarts: equal lives, nobody touched them."""
        pods = await self.kube.find(POD, self.name, {f"{GROUP}/pipeline": name})
        counts = {
            pod["metadata"]["name"]: sum(each["restartCount"] for each in pod["status"].get("containerStatuses", ()))
            for pod in pods
        }
        return {pod["metadata"]["name"]: (pod["metadata"]["uid"], counts[pod["metadata"]["name"]]) for pod in pods}

    async def deployments(self, name: str) -> list[dict[str, Any]]:
        """Its Deployments."""
        return await self.kube.find(DEPLOYMENT, self.name, {f"{GROUP}/pipeline": name})


@asynccontextmanager
async def place(log: Path) -> AsyncIterator[Place]:
    """A namespace on the local cluster with this checkout's images and definitions; all is gone in the end."""
    images = {"RUNTIME": load(build("runtime").archive), "REDIS": REDIS_IMAGE, "JAEGER": JAEGER_IMAGE}
    settings = Configuration()
    await config.load_kube_config(  # type: ignore[no-untyped-call]  # the library is not annotated
        config_file=str(Layout.of_user().kubeconfig), client_configuration=settings
    )
    name = f"rollback-{uuid.uuid4().hex[:8]}"
    async with ApiClient(settings) as client:
        await _define(client)
        core = CoreV1Api(client)
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        await core.create_namespace(V1Namespace(metadata=V1ObjectMeta(name=name, labels=labels)))
        here = Place(client, name, log, {f"FRAMETRACE_{kind}_IMAGE": image for kind, image in images.items()})
        try:
            yield here
        finally:
            await here.end(signal.SIGKILL)
            with suppress(NotFoundException):
                await core.delete_namespace(name)


async def _define(client: ApiClient) -> None:
    """Let the cluster know this checkout's CameraPipelines."""
    definition = yaml.safe_load(await asyncio.to_thread(_CRD.read_text))
    dynamic: Any = DynamicClient(client)  # type: ignore[no-untyped-call]  # the library is not annotated
    async with dynamic:
        kind = await dynamic.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
        await dynamic.server_side_apply(kind, body=definition, field_manager="tests", force_conflicts=True)


async def until(ready: Callable[[], Awaitable[Any]], what: str, seconds: float) -> None:
    """Wait until it is so.

    Raises:
        TimeoutError: if it is not in time; the message names it.
    """
    end = time.monotonic() + seconds
    while not await ready():
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds:g} s not yet: {what}")
        await asyncio.sleep(0.2)
