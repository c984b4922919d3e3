"""A pod that cannot be replaced: the rollback ends without it and names it, and replaces it when it can."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING

from tests.e2e.operator.test_rollback import BY_HAND, DEPLOYMENT, ask, state, tracing

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]


async def _pause(site: Any, *, paused: bool) -> None:
    """A person pauses the Deployment of cam02's capture: its template may change, and its pod does not."""
    body = (await site.deployments())["cam02"]
    await site.edit(DEPLOYMENT, body["metadata"]["name"], {"spec": {"paused": paused}})


async def _going(site: Any, start_operator: Any, eventually: Any, images: dict[str, str]) -> None:
    """A pipeline that runs, and a rollback of it that cannot replace one capture's pod."""
    start_operator(**images)
    await site.apply(**BY_HAND)
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)
    await _pause(site, paused=True)
    await ask(site, ROLLBACK_TRACING)
    await eventually(lambda: state(site), lambda found: found == "RollingBack", seconds=20)


async def _sdk_disabled(site: Any) -> set[str]:
    """What the templates of captures and stages say."""
    containers = [
        body["spec"]["template"]["spec"]["containers"][0]
        for body in await site.kube.find(DEPLOYMENT, site.namespace, {"frametrace.dev/pipeline": "yard"})
        if body["metadata"]["labels"]["frametrace.dev/role"] in ("capture", "stage")
    ]
    return {env["value"] for one in containers for env in one["env"] if env["name"] == "OTEL_SDK_DISABLED"}


@pytest.mark.prove
async def test_a_rollback_ends_without_a_pod_that_cannot_be_replaced_and_replaces_it_when_it_can(
    site: Any, start_operator: Any, eventually: Any, images: dict[str, str]
) -> None:
    await _going(site, start_operator, eventually, images)
    await eventually(lambda: state(site), lambda found: found == "RolledBack", seconds=340)
    last = (await tracing(site))["lastRollback"]
    assert last["leftBehind"] == ["capture cam02"]
    _, reason, message = await site.condition("TracingRolledBack")
    assert reason == "Requested"
    assert "the pods of capture cam02 could not be replaced" in message
    assert await _sdk_disabled(site) == {"true"}
    await _pause(site, paused=False)

    async def left_behind() -> Any:
        return (await tracing(site))["lastRollback"].get("leftBehind", [])

    await eventually(left_behind, lambda found: not found, seconds=60)
    assert await state(site) == "RolledBack"


async def test_a_person_gets_tracing_back_though_a_pod_cannot_be_replaced(
    site: Any, start_operator: Any, eventually: Any, images: dict[str, str]
) -> None:
    await _going(site, start_operator, eventually, images)
    await asyncio.sleep(5)
    assert await state(site) == "RollingBack"
    await ask(site, REENABLE_TRACING)
    await eventually(lambda: state(site), lambda found: found == "Probation", seconds=120)
    await _pause(site, paused=False)
    await eventually(lambda: state(site), lambda found: found == "Healthy", seconds=180)
    assert await _sdk_disabled(site) == {"false"}
