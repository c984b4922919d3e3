"""A pipeline of real pods is suspended with a backlog: nothing of it is lost, then nothing runs, and it comes back."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from frame_tracking import Ledger
from frametrace_operator.kube.kinds import KINDS, POD

pytestmark = pytest.mark.cluster

DEPLOYMENT = KINDS["apps/v1", "Deployment"]
STAGES = [
    {"name": "motion", "handler": "motion"},
    {
        "name": "keep",
        "input": "motion",
        "handler": "archive",
        "env": [{"name": "ARCHIVE_DIRECTORY", "value": "/data/frames"}],
        "podSettings": {"volumes": [{"mountPath": "/data", "emptyDir": {"sizeLimit": "64Mi"}}]},
    },
]


async def ledgers(site: Any) -> dict[str, Ledger]:
    """What the pods say, by hop."""
    pods = await site.kube.find(POD, site.namespace, {"frametrace.dev/runtime": "true"})
    addresses = [body["status"]["podIP"] for body in pods if body["status"].get("podIP")]
    found = {}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        for address in addresses:
            try:
                async with session.get(f"http://{address}:8080/ledger") as answer:
                    ledger = Ledger.model_validate_json(await answer.read())
            except (aiohttp.ClientError, TimeoutError):
                continue
            found[ledger.service] = ledger
    return found


async def watch(site: Any, seen: dict[str, Ledger], ended: Callable[[], bool]) -> None:
    """Remember the last word of every pod, and that Redis is there as long as a stage is."""
    while not ended():
        seen |= await ledgers(site)
        bodies = await site.deployments()
        running = {item for item, body in bodies.items() if body["status"].get("replicas")}
        assert "redis" in running or not {"motion", "keep"} & running
        await asyncio.sleep(0.3)


def total(ledger: Ledger) -> tuple[int, int, int]:
    """Frames that entered, left and ended well."""
    return (
        sum(hop.entered for hop in ledger.hops),
        sum(hop.left for hop in ledger.hops),
        sum(hop.ended.get("completed", 0) for hop in ledger.hops),
    )


async def test_a_backlog_is_handled_before_the_pods_go(
    site: Any, start_operator: Any, eventually: Any, images: dict[str, str]
) -> None:
    start_operator(**images)
    await site.apply(stages=STAGES, capture={"framesPerSecond": 5})
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)
    keep = (await site.deployments())["keep"]["metadata"]["name"]
    await site.edit(DEPLOYMENT, keep, {"spec": {"replicas": 0}})
    await asyncio.sleep(8)
    await site.apply(stages=STAGES, capture={"framesPerSecond": 5}, mode="Suspended")
    seen: dict[str, Ledger] = {}
    over = False
    watching = asyncio.ensure_future(watch(site, seen, lambda: over))
    await eventually(site.deployments, lambda found: not found["cam01"]["status"].get("replicas"), seconds=60)
    assert await site.condition("Ready") >= ("False", "Suspended")
    await site.edit(DEPLOYMENT, keep, {"spec": {"replicas": 1}})
    await eventually(
        site.deployments,
        lambda found: not any(body["status"].get("replicas") or body["spec"]["replicas"] for body in found.values()),
        seconds=90,
    )
    over = True
    await watching
    assert total(seen["keep"])[0] == total(seen["keep"])[2] > 8 * 5 / 2
    assert sum(seen["keep"].waiting.values()) == 0
    assert await site.condition("Reconciling") == ("False", "UpToDate", "Everything is as the spec says.")
    await site.apply(stages=STAGES, capture={"framesPerSecond": 5}, mode="Running")
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)
