"""People and programs edit at the same time: pipelines converge to the last spec, drift goes, and fields of others stay."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from frametrace_operator.kube.kinds import DEPLOYMENT, PIPELINE
from frametrace_operator.kube.real import _Status

pytestmark = pytest.mark.cluster

ROUNDS = 12
ENV = {"name": "SOMEBODYS", "value": "own"}


async def _apply_specs(site: Any) -> None:
    """GitOps applies one spec after the other."""
    for number in range(ROUNDS):
        await site.apply(capture={"framesPerSecond": 1 + number})
        await asyncio.sleep(0.1)


async def _edit_by_hand(site: Any) -> None:
    """Somebody edits the resource itself, as `kubectl edit` and `kubectl annotate` do."""
    for number in range(ROUNDS):
        await site.edit(PIPELINE, "yard", {"metadata": {"annotations": {"somebody/round": str(number)}}})
        await asyncio.sleep(0.07)


async def _edit_children(site: Any, name: str) -> None:
    """Somebody else changes a child: what is the operator's, and what is not."""
    container = {"name": "capture", "image": "somebody/else:1", "env": [ENV]}
    spec = {"replicas": 3, "template": {"spec": {"containers": [container]}}}
    for number in range(ROUNDS):
        await site._dynamic.patch(
            site.kube._resources[DEPLOYMENT],
            body={"metadata": {"annotations": {"somebody/note": str(number)}}, "spec": spec},
            name=name,
            namespace=site.namespace,
            content_type="application/strategic-merge-patch+json",
        )
        await asyncio.sleep(0.09)


async def _prune_status(site: Any) -> None:
    """Something takes the status away, in whole and in part."""
    for number in range(ROUNDS):
        status = {} if number % 2 else {"conditions": [], "cameras": None, "observedGeneration": 99}
        await site._dynamic.patch(
            _Status(site.kube._resources[PIPELINE]),
            body=[{"op": "add", "path": "/status", "value": status}],
            name="yard",
            namespace=site.namespace,
            content_type="application/json-patch+json",
        )
        await asyncio.sleep(0.11)


async def test_all_edit_at_once_and_everything_converges(
    site: Any, proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any, log_of: Any
) -> None:
    start_operator(**by_way_of(proxy.url))
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    name = (await site.deployments())["cam01"]["metadata"]["name"]
    await asyncio.gather(_apply_specs(site), _edit_by_hand(site), _edit_children(site, name), _prune_status(site))

    async def capture() -> Any:
        body = (await site.deployments())["cam01"]
        [container] = body["spec"]["template"]["spec"]["containers"]
        return body["spec"]["replicas"], container["image"].partition("/")[0], ENV in container["env"]

    async def told() -> Any:
        body = await site.kube.get(PIPELINE, site.namespace, "yard")
        status = body.get("status") or {}
        whole = {"conditions", "cameras", "stages", "tracing", "camerasReady"} <= status.keys()
        return body["metadata"]["generation"] == status.get("observedGeneration"), whole

    await eventually(capture, lambda found: found == (1, "localhost", True))
    await eventually(told, lambda found: found == (True, True))
    body = await site.kube.get(PIPELINE, site.namespace, "yard")
    assert (
        body["spec"]["capture"] == {"framesPerSecond": ROUNDS} or body["spec"]["capture"]["framesPerSecond"] == ROUNDS
    )
    assert body["metadata"]["annotations"] == {"somebody/round": str(ROUNDS - 1)}
    child = (await site.deployments())["cam01"]
    assert child["metadata"]["annotations"]["somebody/note"] == str(ROUNDS - 1)
    await asyncio.sleep(3)
    made = len(proxy.writes())
    await asyncio.sleep(3)
    assert [one for one in proxy.writes()[made:] if not one.path.endswith("/status")] == []
    assert "Traceback" not in log_of("one")
