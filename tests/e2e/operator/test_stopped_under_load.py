"""SIGTERM while 30 pipelines are being made: the operator is out in time, and the next one finds nothing half-done."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from typing import Any

import pytest
from frametrace_operator.kube.kinds import LEASE, PIPELINE

from tests.real.cluster import WITHOUT_PODS

pytestmark = pytest.mark.cluster

PIPELINES = 30
OUT_WITHIN = 10.0


async def test_a_stop_under_load_is_quick_and_leaves_nothing_half_done(
    site: Any, proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any, log_of: Any
) -> None:
    async def made() -> Counter[str]:
        await asyncio.sleep(1)  # counting is work, too, and the proxy lives in this process
        return Counter(body["metadata"]["labels"]["frametrace.dev/pipeline"] for body in await site.children())

    async def writes() -> int:
        return len(proxy.writes())

    first = start_operator("first", **by_way_of(proxy.url))
    names = [f"p{number:02}" for number in range(PIPELINES)]
    await asyncio.gather(*(site.apply(name, **WITHOUT_PODS) for name in names))
    await eventually(writes, lambda found: found > 2 * PIPELINES)
    began = time.monotonic()
    first.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(first.wait, OUT_WITHIN) == 0
    print(f"out {time.monotonic() - began:.1f} s after SIGTERM, {len(proxy.writes())} writes made")
    assert len(proxy.writes()) < PIPELINES * 10, "the load was over before the signal came"
    assert all(one.status < 300 for one in proxy.writes())
    lease = await site.kube.get(LEASE, site.namespace, "frametrace-operator")
    assert lease["spec"].get("holderIdentity", "") == ""
    assert "Traceback" not in log_of("first")

    started = time.monotonic()
    start_operator("second", **by_way_of(proxy.url))
    await eventually(made, lambda found: len(found) == PIPELINES and len(set(found.values())) == 1, seconds=150)
    print(f"the next operator had all {PIPELINES} pipelines whole {time.monotonic() - started:.1f} s after its start")
    written = Counter(one.path for one in proxy.writes() if not one.path.endswith("/status"))
    assert [path for path, times in written.items() if times > 1] == [], "what had been made was made again"
    for name in names:
        status = (await site.kube.get(PIPELINE, site.namespace, name))["status"]
        assert status["observedGeneration"] in (0, 1)
