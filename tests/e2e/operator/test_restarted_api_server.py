"""The API server and etcd end and come back: the operator goes on, lists once, misses nothing, and no pod restarts."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from frametrace_operator.kube.kinds import POD

from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.cluster.restart import restart_api_server

pytestmark = pytest.mark.cluster

REAL = {"FRAMETRACE_REDIS_IMAGE": REDIS_IMAGE, "FRAMETRACE_JAEGER_IMAGE": JAEGER_IMAGE}
ALONE = {"FRAMETRACE_RESYNC_SECONDS": "3600"}


async def _restarts(site: Any) -> dict[str, int]:
    """How often each running pod's container was started again, by the pod's UID."""
    pods = await site.kube.find(POD, site.namespace, {})
    running = [pod for pod in pods if pod["status"].get("phase") == "Running"]
    return {pod["metadata"]["uid"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in running}


async def test_the_api_server_and_etcd_restart_and_the_operator_goes_on(
    site: Any, proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any, log_of: Any
) -> None:
    operator = start_operator(**by_way_of(proxy.url), **REAL, **ALONE)
    await site.apply()
    await eventually(lambda: _restarts(site), lambda found: len(found) == 2, seconds=60)
    await eventually(lambda: site.condition("Stalled"), lambda found: found[0] == "True", seconds=60)
    before = await _restarts(site)
    began = len(proxy.asked)

    await asyncio.to_thread(restart_api_server)
    back = time.monotonic()
    await site.apply(cameras=[{"id": "after", "source": {"url": "test://"}}])

    await eventually(site.deployments, lambda found: "after" in found, seconds=30 - (time.monotonic() - back))
    print(f"resumed {time.monotonic() - back:.1f} s after the API server's return")
    await asyncio.sleep(max(0.0, 12 - (time.monotonic() - back)))  # every watch has come back by then
    lists = _lists(proxy.asked[began:])
    print(f"lists by watched path after the return: {sorted(lists.values())}")
    assert max(lists.values(), default=0) <= 1, lists
    assert before.items() <= (await _restarts(site)).items()
    assert operator.poll() is None
    assert log_of("one").count('"leading"') == 1


def _lists(asked: list[Any]) -> dict[str, int]:
    """How often each path was listed, by the first page of each list."""
    found = [one.path for one in asked if one.method == "GET" and _is_list(one) and one.status == 200]
    return {path: found.count(path) for path in found}


def _is_list(one: Any) -> bool:
    return "labelSelector=" in one.query and not one.watches and "continue=" not in one.query
