"""Rollbacks that are disturbed: the operator killed at each of its writes, the status lost, the API server restarted."""

from __future__ import annotations

import asyncio
import itertools
import signal
from typing import Any, NamedTuple

import pytest
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_operator.kube.kinds import CONFIG_MAP, PIPELINE

from scripts.cluster.restart import restart_api_server
from tests.e2e.operator.test_rollback import BY_HAND, DEPLOYMENT, RUNTIME, ask, state, tracing
from tests.real.api_proxy import Asked

pytestmark = pytest.mark.cluster


def _status(asked: Asked) -> bool:
    return asked.method == "PATCH" and asked.path.endswith("/status")


def _config_map(asked: Asked) -> bool:
    return asked.method == "PATCH" and "/configmaps/" in asked.path


def _pod(asked: Asked) -> bool:
    return asked.method == "PATCH" and "/pods/" in asked.path


def _deployment(asked: Asked) -> bool:
    return asked.method == "PATCH" and "/deployments/" in asked.path


class Point(NamedTuple):
    """Where an operator is killed."""

    name: str
    fits: Any
    after: bool


POINTS = (
    Point("before the decision is written", _status, after=False),
    Point("after the decision was written", _status, after=True),
    Point("before the live switch", _config_map, after=False),
    Point("after the live switch, before the pods are told", _config_map, after=True),
    Point("while the pods are told", _pod, after=True),
    Point("before the pods are replaced", _deployment, after=False),
    Point("while the pods are replaced", _deployment, after=True),
)


async def _out(site: Any) -> dict[str, str]:
    """What the Deployments of captures and stages say of the SDK."""
    found = {}
    for name, body in (await site.deployments()).items():
        if body["metadata"]["labels"]["frametrace.dev/role"] in RUNTIME:
            [container] = body["spec"]["template"]["spec"]["containers"]
            env = {each["name"]: each.get("value", "") for each in container["env"]}
            found[name] = env["OTEL_SDK_DISABLED"]
    return found


@pytest.mark.timeout(1200)
async def test_killed_at_each_write_the_next_operator_completes_the_one_rollback(
    site: Any, proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any, images: dict[str, str]
) -> None:
    numbers = itertools.count()

    def start() -> Any:
        name = f"op{next(numbers)}"
        return start_operator(name, FRAMETRACE_LEASE_NAME=name, **images, **by_way_of(proxy.url))

    operator = start()
    await site.apply(**BY_HAND)
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)
    for count, point in enumerate(POINTS, start=1):
        gate = proxy.stop_at(point.fits, after=point.after)
        await ask(site, ROLLBACK_TRACING)
        async with asyncio.timeout(40):
            await gate.reached.wait()
        operator.send_signal(signal.SIGKILL)
        await asyncio.to_thread(operator.wait)
        operator = start()
        await eventually(lambda: state(site), lambda found: found == "RolledBack", seconds=120)
        assert set((await _out(site)).values()) == {"true"}, point.name
        reports = await site.kube.find(CONFIG_MAP, site.namespace, {"frametrace.dev/role": "report"})
        assert len(reports) == min(count, 5), point.name
        assert (await tracing(site))["lastRollback"]["trigger"] == "Requested", point.name
        print(f"killed {point.name}: the next operator completed the rollback")
        await ask(site, REENABLE_TRACING)
        await eventually(lambda: _out(site), lambda found: set(found.values()) == {"false"}, seconds=60)
        await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)


async def test_a_status_that_is_lost_midway_is_inferred_from_what_is_there(
    site: Any, start_operator: Any, eventually: Any, images: dict[str, str]
) -> None:
    operator = start_operator(**images)
    await site.apply(**BY_HAND)
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)
    await ask(site, ROLLBACK_TRACING)
    await eventually(lambda: _out(site), lambda found: "true" in found.values(), seconds=60)
    operator.send_signal(signal.SIGKILL)
    await asyncio.to_thread(operator.wait)
    before = (await tracing(site))["lastRollback"]["id"]
    body = await site.kube.get(PIPELINE, site.namespace, "yard")
    await site.kube.replace_status(PIPELINE, site.namespace, "yard", uid=body["metadata"]["uid"], status={})

    start_operator("two", FRAMETRACE_LEASE_NAME="two", **images)

    await eventually(lambda: state(site), lambda found: found == "RolledBack", seconds=120)
    assert set((await _out(site)).values()) == {"true"}
    after = (await tracing(site))["lastRollback"]
    assert (after["id"], after["trigger"]) == (before, "Requested")
    reports = await site.kube.find(CONFIG_MAP, site.namespace, {"frametrace.dev/role": "report"})
    assert len(reports) == 1


async def test_the_api_server_restarts_midway(
    site: Any, start_operator: Any, eventually: Any, images: dict[str, str]
) -> None:
    start_operator(**images)
    await site.apply(**BY_HAND)
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)
    await ask(site, ROLLBACK_TRACING)
    await eventually(lambda: state(site), lambda found: found == "RollingBack", seconds=20)

    await asyncio.to_thread(restart_api_server)

    await eventually(lambda: state(site), lambda found: found == "RolledBack", seconds=120)
    assert set((await _out(site)).values()) == {"true"}
    body = await site.kube.find(DEPLOYMENT, site.namespace, {"frametrace.dev/pipeline": "yard"})
    assert len(body) == 5
