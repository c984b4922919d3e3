"""A pod that cannot go, as on a node that is gone: the rollback ends without it and names it, and replaces it when it can."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_api.group import LABEL_CAMERA, REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_operator.kube.kinds import POD

from tests.e2e.operator.test_rollback import BY_HAND, DEPLOYMENT, ask, state, tracing

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

HELD = {"metadata": {"finalizers": ["frametrace.dev/held-by-a-test"]}}
FREE: dict[str, Any] = {"metadata": {"finalizers": None}}


async def _captures(site: Any) -> list[dict[str, Any]]:
    """The pods of cam02's capture."""
    return list(await site.kube.find(POD, site.namespace, {LABEL_CAMERA: "cam02"}))


async def _held(site: Any, start_operator: Any, eventually: Any, images: dict[str, str]) -> str:
    """A pipeline that runs, with a capture whose pod will never go by itself; the pod's name."""
    start_operator(**images)
    await site.apply(**BY_HAND)
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)
    [pod] = await _captures(site)
    name = str(pod["metadata"]["name"])
    await site.edit(POD, name, HELD)
    await ask(site, ROLLBACK_TRACING)
    return name


async def _sdk_disabled(site: Any) -> set[str]:
    """What the templates of captures and stages say."""
    containers = [
        body["spec"]["template"]["spec"]["containers"][0]
        for body in await site.kube.find(DEPLOYMENT, site.namespace, {"frametrace.dev/pipeline": "yard"})
        if body["metadata"]["labels"]["frametrace.dev/role"] in ("capture", "stage")
    ]
    return {env["value"] for one in containers for env in one["env"] if env["name"] == "OTEL_SDK_DISABLED"}


async def test_a_rollback_ends_without_a_pod_that_cannot_go_and_replaces_it_when_it_can(
    site: Any, start_operator: Any, eventually: Any, images: dict[str, str]
) -> None:
    name = await _held(site, start_operator, eventually, images)
    try:
        await eventually(lambda: state(site), lambda found: found == "RolledBack", seconds=340)
        last = (await tracing(site))["lastRollback"]
        assert last["leftBehind"] == ["capture cam02"]
        _, reason, message = await site.condition("TracingRolledBack")
        assert reason == "Requested"
        assert "the pods of capture cam02 could not be replaced" in message
        assert await _sdk_disabled(site) == {"true"}
    finally:
        await site.edit(POD, name, FREE)

    async def left_behind() -> Any:
        return (await tracing(site))["lastRollback"].get("leftBehind", [])

    await eventually(left_behind, lambda found: not found, seconds=60)
    assert await state(site) == "RolledBack"


async def test_a_person_gets_tracing_back_though_a_pod_cannot_go(
    site: Any, start_operator: Any, eventually: Any, images: dict[str, str]
) -> None:
    name = await _held(site, start_operator, eventually, images)
    try:
        await eventually(lambda: state(site), lambda found: found == "RollingBack", seconds=20)
        await ask(site, REENABLE_TRACING)
        await eventually(lambda: state(site), lambda found: found == "Probation", seconds=120)
    finally:
        await site.edit(POD, name, FREE)
    await eventually(lambda: state(site), lambda found: found == "Healthy", seconds=180)
    assert await _sdk_disabled(site) == {"false"}
