"""The operator as a process of its own against the local cluster: one namespace a test, one Lease a namespace."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_operator.kube.base import Object
from frametrace_operator.kube.kinds import CHILD_KINDS, KINDS, PIPELINE, POD_MONITOR, SECRET, Kind
from frametrace_operator.kube.real import RealKube
from frametrace_operator.shard import SHARD
from kubernetes.aio.client import ApiClient, CoreV1Api, V1Namespace, V1ObjectMeta
from kubernetes.aio.client.exceptions import NotFoundException

from scripts.cluster import containerd
from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.images.build import build
from tests.real.api_proxy import ApiProxy, proxy_to
from tests.real.cluster import cluster_client
from tests.real.relay import Relay, relay_to

NO_IMAGE = "localhost/frametrace-test/no-such-image:1"
SPEC: Object = {
    "cameras": [{"id": "cam01", "source": {"url": "test://"}}],
    "stages": [{"name": "motion", "handler": "motion"}],
}


@pytest.fixture(scope="session")
def images(kubeconfig: Path) -> dict[str, str]:
    """This checkout's runtime, and the servers' images, on the node."""
    assert kubeconfig
    runtime = containerd.load(build("runtime").archive)
    servers = {"FRAMETRACE_REDIS_IMAGE": REDIS_IMAGE, "FRAMETRACE_JAEGER_IMAGE": JAEGER_IMAGE}
    return servers | {"FRAMETRACE_RUNTIME_IMAGE": runtime}


@pytest.fixture
async def api(kubeconfig: Path) -> AsyncIterator[ApiClient]:
    """A client of the local cluster, which has the resource definition."""
    async with cluster_client(kubeconfig) as client:
        yield client


class Site:
    """A namespace of the cluster, seen and changed as people do."""

    def __init__(self, client: ApiClient, namespace: str, shard: str = "") -> None:
        self.namespace = namespace
        self._shard = shard or namespace
        self.kube = RealKube(client)
        self._dynamic: Any = self.kube._dynamic

    async def apply(self, name: str = "yard", **spec: Any) -> None:
        """A person applies a pipeline."""
        body = {
            "apiVersion": PIPELINE.api_version,
            "kind": PIPELINE.kind,
            "metadata": {"name": name, "namespace": self.namespace, "labels": {SHARD: self._shard}},
        }
        resource = self.kube._resources[PIPELINE]
        await self._dynamic.server_side_apply(
            resource, body=body | {"spec": SPEC | spec}, field_manager="person", force_conflicts=True
        )

    async def edit(self, kind: Kind, name: str, patch: Object) -> None:
        """A person changes an object."""
        content_type = "application/merge-patch+json"
        await self._dynamic.patch(
            self.kube._resources[kind], body=patch, name=name, namespace=self.namespace, content_type=content_type
        )

    async def remove(self, kind: Kind, name: str) -> None:
        """A person deletes an object."""
        await self._dynamic.delete(self.kube._resources[kind], name=name, namespace=self.namespace)

    async def children(self) -> list[Object]:
        """Everything that pipelines of this namespace own."""
        kinds = [kind for kind in (*CHILD_KINDS, SECRET) if kind != POD_MONITOR or await self.kube.serves(POD_MONITOR)]
        labels = {"app.kubernetes.io/part-of": "frametrace"}
        return [body for kind in kinds for body in await self.kube.find(kind, self.namespace, labels)]

    async def deployments(self) -> dict[str, Object]:
        """Deployments by role, and by camera or stage where they have one."""
        bodies = await self.kube.find(KINDS["apps/v1", "Deployment"], self.namespace, {})
        labels = [
            (body["metadata"]["labels"], body)
            for body in bodies
            if "frametrace.dev/role" in body["metadata"].get("labels", {})
        ]
        keys = ("frametrace.dev/camera", "frametrace.dev/stage", "frametrace.dev/role")
        return {next(found[key] for key in keys if key in found): body for found, body in labels}

    async def condition(self, kind: str, name: str = "yard") -> tuple[str, str, str]:
        """Status, reason and message of a condition; empty if there is none."""
        body = await self.kube.get(PIPELINE, self.namespace, name)
        conditions = ((body or {}).get("status") or {}).get("conditions", [])
        return next(((c["status"], c["reason"], c["message"]) for c in conditions if c["type"] == kind), ("", "", ""))

    async def versions(self) -> dict[str, str]:
        """The version of every object: equal versions, no writes."""
        pipelines = await self.kube.find(PIPELINE, self.namespace, {})
        bodies = [*pipelines, *(body for body in await self.children() if body["kind"] != "Deployment")]
        return {f"{body['kind']}/{body['metadata']['name']}": body["metadata"]["resourceVersion"] for body in bodies}


@pytest.fixture
async def site(api: ApiClient) -> AsyncIterator[Site]:
    async with _namespace(api) as name:
        yield Site(api, name)


@pytest.fixture
async def neighbour(api: ApiClient, site: Site) -> AsyncIterator[Site]:
    """Another namespace, for the same operator."""
    async with _namespace(api) as name:
        yield Site(api, name, shard=site.namespace)


@asynccontextmanager
async def _namespace(api: ApiClient) -> AsyncIterator[str]:
    """A namespace that holds its pods to the `restricted` standard."""
    name = f"operator-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    core = CoreV1Api(api)
    await core.create_namespace(V1Namespace(metadata=V1ObjectMeta(name=name, labels=labels)))
    yield name
    with contextlib.suppress(NotFoundException):  # the test has deleted it
        await core.delete_namespace(name)


@pytest.fixture
def start_operator(site: Site, kubeconfig: Path, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start an operator for the site; all that still run are ended after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def start(name: str = "one", module: str = "frametrace_operator", **settings: str) -> subprocess.Popen[bytes]:
        images = {f"FRAMETRACE_{kind}_IMAGE": NO_IMAGE for kind in ("RUNTIME", "REDIS", "JAEGER")}
        own = {
            "KUBECONFIG": str(kubeconfig),
            "FRAMETRACE_NAMESPACE": site.namespace,
            "FRAMETRACE_WATCH_NAMESPACES": site.namespace,
            "FRAMETRACE_SHARD": site.namespace,  # an operator that is installed in the cluster leaves it alone
            "FRAMETRACE_POD_NAME": name,
            "FRAMETRACE_HTTP_PORT": "0",
            "FRAMETRACE_RESYNC_SECONDS": "2",
        }
        log = (tmp_path / f"{name}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                env=os.environ | images | own | settings,
                stdout=log,
                stderr=log,
            )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.fixture
async def relay(api: ApiClient) -> AsyncIterator[Relay]:
    """A TCP relay before the API server."""
    async with relay_to(api.configuration.host) as relay:
        yield relay


@pytest.fixture
async def proxy(api: ApiClient) -> AsyncIterator[ApiProxy]:
    """An HTTP proxy before the API server, with the rights of a cluster's owner."""
    async with proxy_to(api) as proxy:
        yield proxy


@pytest.fixture
async def second_proxy(api: ApiClient) -> AsyncIterator[ApiProxy]:
    """Another one."""
    async with proxy_to(api) as proxy:
        yield proxy


@pytest.fixture
def by_way_of(kubeconfig: Path, tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Settings of an operator that reaches the API server at this address."""

    def settings(url: str) -> dict[str, str]:
        config = yaml.safe_load(kubeconfig.read_text())
        config["clusters"][0]["cluster"]["server"] = url
        path = tmp_path / f"{url.rpartition(':')[2]}.kubeconfig"
        path.write_text(yaml.safe_dump(config))
        return {"KUBECONFIG": str(path)}

    return settings


@pytest.fixture
def log_of(tmp_path: Path) -> Callable[[str], str]:
    """What an operator of that name has said."""
    return lambda name: (tmp_path / f"{name}.log").read_text()


@pytest.fixture
def settled(site: Site) -> Callable[..., Awaitable[None]]:
    """Wait until nothing was written for two of the operator's looks."""

    async def wait() -> None:
        before: dict[str, str] = {}
        for _ in range(12):
            now = await site.versions()
            if now == before:
                return
            before = now
            await asyncio.sleep(5)
        raise AssertionError("still writing after a minute")

    return wait


@pytest.fixture
def eventually() -> Callable[..., Awaitable[None]]:
    """Wait until a question is answered with yes; fail with the question's last answer."""

    async def wait(
        question: Callable[[], Awaitable[Any]], expected: Callable[[Any], bool], *, seconds: float = 20.0
    ) -> None:
        end = time.monotonic() + seconds
        while True:
            answer = await question()
            if expected(answer):
                return
            assert time.monotonic() < end, f"after {seconds} s still: {str(answer)[:2000]}"
            await asyncio.sleep(0.1)

    return wait
