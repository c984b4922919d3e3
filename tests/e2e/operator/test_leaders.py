"""Two operators: one acts and the other follows, also when the leader is cut off rather than dead; never both."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import Any

import pytest

pytestmark = pytest.mark.cluster

TAKEOVER = 20.0
ALL = {"cam01", "motion", "redis", "jaeger"}


@pytest.fixture
async def pair(
    site: Any, proxy: Any, second_proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any, log_of: Any
) -> Any:
    """The leader and its stand-by, each with the proxy that it goes by; one pipeline has its children."""

    async def leads(name: str) -> bool:
        return '"leading"' in log_of(name)

    leader = start_operator("leader", **by_way_of(proxy.url))
    await eventually(lambda: leads("leader"), bool)
    standby = start_operator("standby", **by_way_of(second_proxy.url))
    await site.apply()
    await eventually(site.deployments, lambda found: found.keys() == ALL)
    await eventually(lambda: site.condition("Stalled"), lambda found: found[0] == "True", seconds=60)
    await asyncio.sleep(3)
    assert second_proxy.writes() == []
    return leader, standby


async def test_a_killed_leader_is_followed_and_nothing_is_done_twice(
    pair: Any, site: Any, second_proxy: Any, eventually: Any
) -> None:
    leader, _ = pair
    leader.send_signal(signal.SIGKILL)
    await site.apply(cameras=[{"id": "next", "source": {"url": "test://"}}])
    began = time.monotonic()
    await eventually(site.deployments, lambda found: "next" in found, seconds=TAKEOVER)
    print(f"a killed leader's work was taken over after {time.monotonic() - began:.1f} s")
    created = [one.path for one in second_proxy.writes() if "/deployments/" in one.path and one.method == "PATCH"]
    assert len(created) == len(set(created)), "a child was written twice"
    assert not any("-redis-" in path or "-jaeger-" in path for path in created), "what was there was written again"


async def test_a_leader_that_is_cut_off_writes_nothing_more_and_ends(
    pair: Any, site: Any, proxy: Any, second_proxy: Any, eventually: Any
) -> None:
    leader, standby = pair
    proxy.open.clear()
    cut = time.monotonic()
    await site.apply(cameras=[{"id": "next", "source": {"url": "test://"}}])
    await eventually(site.deployments, lambda found: "next" in found, seconds=TAKEOVER)
    print(f"a cut-off leader's work was taken over after {time.monotonic() - cut:.1f} s")
    proxy.open.set()
    assert await asyncio.to_thread(leader.wait, 20) == 1
    assert [one for one in proxy.writes() if one.at > cut] == []
    assert second_proxy.writes() != []
    assert standby.poll() is None
