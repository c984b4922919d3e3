"""With the operator gone, a pipeline and a namespace can be deleted, and all that was made for them goes."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import pytest
from frametrace_operator.kube.kinds import PIPELINE, POD
from kubernetes.aio.client import CoreV1Api
from kubernetes.aio.client.exceptions import NotFoundException

from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE

pytestmark = pytest.mark.cluster

REAL = {"FRAMETRACE_REDIS_IMAGE": REDIS_IMAGE, "FRAMETRACE_JAEGER_IMAGE": JAEGER_IMAGE}
GONE_WITHIN = 60.0


async def _phase(core: CoreV1Api, namespace: str) -> str:
    try:
        return str((await core.read_namespace(namespace)).status.phase)
    except NotFoundException:
        return "gone"


async def test_a_pipeline_and_then_its_namespace_go_without_an_operator(
    site: Any, api: Any, start_operator: Any, eventually: Any
) -> None:
    async def running() -> int:
        pods = await site.kube.find(POD, site.namespace, {})
        return sum(pod["status"].get("phase") == "Running" for pod in pods)

    async def left() -> list[str]:
        children = [body["metadata"]["name"] for body in await site.children()]
        return children + [pod["metadata"]["name"] for pod in await site.kube.find(POD, site.namespace, {})]

    operator = start_operator(**REAL)
    await site.apply("one")
    await eventually(running, lambda found: found == 2, seconds=60)
    operator.send_signal(signal.SIGKILL)
    await asyncio.to_thread(operator.wait)
    began = time.monotonic()
    await site.remove(PIPELINE, "one")
    await eventually(left, lambda found: found == [], seconds=GONE_WITHIN)
    print(f"a pipeline with two running pods was gone {time.monotonic() - began:.1f} s after its deletion")

    operator = start_operator("two", FRAMETRACE_LEASE_NAME="two", **REAL)
    await site.apply("two")
    await eventually(running, lambda found: found == 2, seconds=60)
    operator.send_signal(signal.SIGKILL)
    await asyncio.to_thread(operator.wait)
    core = CoreV1Api(api)
    began = time.monotonic()
    await core.delete_namespace(site.namespace)
    await eventually(lambda: _phase(core, site.namespace), lambda found: found == "gone", seconds=GONE_WITHIN)
    print(f"a namespace with a pipeline was gone {time.monotonic() - began:.1f} s after its deletion")
