"""Rollbacks by hand with real pods: nothing is lost by the live switch, cameras pause once, and neighbours are left alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from frame_tracking import CAPTURE_HOP, TracingNow
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_operator.kube.kinds import CONFIG_MAP, KINDS, PIPELINE

from scripts.bench.rollback_parts.watch import Watch

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

DEPLOYMENT = KINDS["apps/v1", "Deployment"]
RATE = 10
CAMERAS = [{"id": f"cam0{number}", "source": {"url": f"test://?width=320&height=180&fps={RATE}"}} for number in (1, 2)]
SPEC: dict[str, Any] = {
    "cameras": CAMERAS,
    "stages": [{"name": "motion", "handler": "motion"}],
    "tracing": {"guard": {"windowSeconds": 5, "settleSeconds": 2, "recovery": {"mode": "Manual", "stepSeconds": 5}}},
}
BY_HAND: dict[str, Any] = SPEC | {"tracing": {"guard": SPEC["tracing"]["guard"] | {"rollback": "AlarmOnly"}}}
"""Only a person takes tracing out: an operator outside of the cluster cannot resolve the managed Jaeger's name."""
RUNTIME = {"capture", "stage"}


async def ask(site: Any, annotation: str, name: str = "yard") -> None:
    """A person asks the guard for something."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{time.time_ns() % 1_000_000_000:09}Z"
    await site.edit(PIPELINE, name, {"metadata": {"annotations": {annotation: stamp}}})


async def tracing(site: Any, name: str = "yard") -> dict[str, Any]:
    """`status.tracing`."""
    body = await site.kube.get(PIPELINE, site.namespace, name)
    return dict((body.get("status") or {}).get("tracing") or {})


async def state(site: Any, name: str = "yard") -> str:
    return str((await tracing(site, name)).get("state", ""))


async def pause(site: Any, *, paused: bool) -> None:
    """A person pauses the Deployments of captures and stages: their templates may change, and no pod does."""
    for body in (await site.deployments()).values():
        if body["metadata"]["labels"]["frametrace.dev/role"] in RUNTIME:
            await site.edit(DEPLOYMENT, body["metadata"]["name"], {"spec": {"paused": paused}})


@pytest.fixture
async def watch(site: Any) -> AsyncIterator[Watch]:
    """The pods of the pipeline `yard`, looked at ten times a second."""
    watch = Watch(site.kube, site.namespace, "yard", 1 / RATE)
    task = asyncio.ensure_future(watch.run())
    yield watch
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def running(site: Any, start_operator: Any, eventually: Any, images: dict[str, str], watch: Watch) -> Watch:
    """A pipeline whose frames flow, traced, under this checkout's operator."""
    start_operator(**images)
    await site.apply(**BY_HAND)
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=120)
    await eventually(says(watch, TracingNow.ON), bool, seconds=30)
    return watch


def says(watch: Watch, *states: TracingNow) -> Any:
    async def ask_pods() -> bool:
        return watch.all_say(*states)

    return ask_pods


def in_flight(watch: Watch) -> dict[tuple[str, str], int]:
    """Frames that left a capture's session and did not end in the stage, by camera and session; by one look at each."""
    left: dict[tuple[str, str], int] = {}
    for life in watch.running():
        for hop in life.ledger.hops if life.ledger else ():
            key = (hop.camera, hop.session)
            change = hop.left if hop.hop == CAPTURE_HOP else -sum(hop.ended.values())
            left[key] = left.get(key, 0) + change
    return left


def dropped(watch: Watch) -> dict[tuple[str, str, str], int]:
    """Frames that did not end well, by hop, session and outcome."""
    hops = [hop for life in watch.running() for hop in (life.ledger.hops if life.ledger else ())]
    return {
        (hop.hop, hop.session, outcome): count
        for hop in hops
        for outcome, count in hop.ended.items()
        if not outcome.startswith("completed")
    }


async def test_the_live_switch_loses_no_frame_and_a_rollout_that_sticks_is_told(
    site: Any, running: Watch, eventually: Any
) -> None:
    await pause(site, paused=True)
    pods = {uid for uid, life in running.lives.items() if not life.ended}
    before, began = dropped(running), time.time()  # frames of the first seconds may have met no broker yet
    await ask(site, ROLLBACK_TRACING)

    await eventually(says(running, TracingNow.OFF), bool, seconds=10)

    last = (await tracing(site))["lastRollback"]
    took = (running.off_at(began) or 0.0) - began
    print(f"off in all {len(pods)} running pods {took:.2f} s after a person asked")
    assert took <= 2.0 + 1.0  # the person's word has a way of its own to go
    assert last["trigger"] == "Requested"

    async def nothing_lost() -> Any:
        flight = in_flight(running)
        return len(flight), set(flight.values())

    await eventually(nothing_lost, lambda found: found == (len(CAMERAS), {0}), seconds=20)
    for life in running.running():
        for hop in life.ledger.hops if life.ledger else ():
            assert hop.hop != CAPTURE_HOP or hop.entered in (hop.last_sequence, hop.last_sequence + 1), hop
    assert dropped(running) == before
    assert {uid for uid, life in running.lives.items() if not life.ended} == pods

    async def stuck() -> str:
        return str((await site.condition("TracingRolledBack"))[2]) + str((await site.condition("Reconciling"))[2])

    await eventually(stuck, lambda found: "pods are replaced" in found, seconds=60)
    await pause(site, paused=False)
    await eventually(lambda: state(site), lambda found: found == "RolledBack", seconds=90)
    await eventually(says(running, TracingNow.DISABLED), bool, seconds=30)


async def test_tracing_goes_by_hand_and_comes_back_and_a_neighbour_is_not_touched(
    site: Any, running: Watch, eventually: Any
) -> None:
    await site.apply("other", **BY_HAND | {"cameras": CAMERAS[:1]})
    await eventually(lambda: site.condition("Ready", "other"), lambda found: found[0] == "True", seconds=120)
    neighbour = Watch(site.kube, site.namespace, "other", 1 / RATE)
    async with aiohttp.ClientSession() as session:
        await neighbour.look(session)
        before = {uid: life.pod.restarts for uid, life in neighbour.lives.items()}
        began = time.time()
        await ask(site, ROLLBACK_TRACING)
        await eventually(lambda: state(site), lambda found: found == "RolledBack", seconds=120)
        print(f"rolled back {time.time() - began:.1f} s after a person asked")
        await neighbour.look(session)
    assert {uid: life.pod.restarts for uid, life in neighbour.lives.items()} == before
    assert neighbour.all_say(TracingNow.ON)

    await eventually(says(running, TracingNow.DISABLED), bool, seconds=20)
    await eventually(lambda: site.condition("Ready"), lambda found: found[0] == "True", seconds=180)
    print(f"gaps of the cameras: { {camera['id']: running.gap(camera['id']) for camera in CAMERAS} }")
    assert [len(running.captures(camera["id"])) for camera in CAMERAS] == [2, 2], "one pause a camera, and no more"

    found = await tracing(site)
    assert found["hold"] == "Requested"
    report = await site.kube.get(CONFIG_MAP, site.namespace, found["lastRollback"]["reportName"])
    assert "a person asked for it" in report["data"]["report.txt"]
    await eventually(lambda: purged(site), lambda stands: stands == ("Done", "1"), seconds=60)

    await ask(site, REENABLE_TRACING)
    await eventually(says(running, TracingNow.ON), bool, seconds=120)
    await eventually(lambda: state(site), lambda found: found == "Healthy", seconds=60)
    print(f"gaps at the return: { {camera['id']: running.gap(camera['id']) for camera in CAMERAS} }")
    assert [len(running.captures(camera["id"])) for camera in CAMERAS] == [3, 3], "and one for the return"
    reports = await site.kube.find(CONFIG_MAP, site.namespace, {"frametrace.dev/role": "report"})
    assert len(reports) == 1


async def purged(site: Any) -> tuple[str, str]:
    """How the purge stands, and what the managed Jaeger's pods were told."""
    last = (await tracing(site))["lastRollback"]
    labels = {"frametrace.dev/role": "jaeger", "frametrace.dev/pipeline": "yard"}
    [jaeger] = await site.kube.find(DEPLOYMENT, site.namespace, labels)
    annotations = jaeger["spec"]["template"]["metadata"]["annotations"]
    return last["purge"], annotations.get("frametrace.dev/purge-generation", "")
