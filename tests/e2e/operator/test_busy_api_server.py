"""An API server that answers 429 with Retry-After to all and everything: it gets the time it asked for.

The proxy that answers in its place asks for 5 s during 16 s; `make prove` has it ask for longer, during a minute.
"""

from __future__ import annotations

import asyncio
import os
import time
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web

from tests.real.api_proxy import Asked

pytestmark = pytest.mark.cluster

AFTER = int(os.environ.get("FRAMETRACE_TEST_RETRY_AFTER", "5"))
BUSY = float(os.environ.get("FRAMETRACE_TEST_BUSY", "16"))
AT_ONCE = 0.05  # such as for a Secret that both pipelines name: the second was on its way before the first was refused
ROUNDING = 0.02  # the client's clock and the proxy's are read at different moments


def _gaps(refused: list[Asked]) -> list[float]:
    """Seconds between two equal questions, for each that was refused more than once; two at once are two pipelines' same one."""
    kinds = {(one.method, one.path, one.watches) for one in refused}
    times = [[one.at for one in refused if (one.method, one.path, one.watches) == kind] for kind in kinds]
    apart = [[asked[0], *(later for earlier, later in pairwise(asked) if later - earlier > AT_ONCE)] for asked in times]
    return [later - earlier for asked in apart for earlier, later in pairwise(asked)]


async def test_a_server_that_asks_for_time_gets_it_and_no_change_is_missed(
    site: Any, proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any
) -> None:
    operator = start_operator(FRAMETRACE_WATCH_SILENCE_SECONDS="2", **by_way_of(proxy.url))
    for name in ("one", "two"):
        await site.apply(name)
        await eventually(
            lambda name=name: site.condition("Stalled", name), lambda found: found[0] == "True", seconds=90
        )

    proxy.refuse = lambda _asked: web.Response(status=429, headers={"Retry-After": str(AFTER)})
    began = len(proxy.asked)
    await asyncio.sleep(0.5)
    for name in ("one", "two"):
        await site.apply(name, cameras=[{"id": f"new-{name}", "source": {"url": "test://"}}])
    await asyncio.sleep(BUSY)
    proxy.refuse = lambda _asked: None
    free = time.monotonic()

    refused = [one for one in proxy.asked[began:] if one.status == 429]
    gaps = _gaps(refused)
    assert any(one.watches for one in refused)
    assert any("/leases/" in one.path for one in refused)
    assert any("/secrets/" in one.path for one in refused), "no pass asked for anything"
    assert gaps, "nothing was asked twice"
    assert min(gaps) >= AFTER - ROUNDING
    assert max(gaps) - min(gaps) > AFTER / 100, "all came back at once"
    await eventually(site.deployments, lambda found: {"new-one", "new-two"} <= found.keys(), seconds=AFTER * 1.2 + 10)
    print(f"{len(refused)} requests refused in {BUSY:.0f} s, asked again after {min(gaps):.2f} to {max(gaps):.2f} s")
    print(f"all changes carried out {time.monotonic() - free:.1f} s after the last refusal")
    assert operator.poll() is None
