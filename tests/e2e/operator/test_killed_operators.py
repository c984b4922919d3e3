"""An operator is killed at named points of its writes: the next one brings about the same, once, and leaves nothing over."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections import Counter
from typing import Any, NamedTuple

import pytest
from frametrace_operator.kube.kinds import CONFIG_MAP, PIPELINE

from tests.real.api_proxy import Asked

pytestmark = pytest.mark.cluster

ONE = [{"id": "cam01", "source": {"url": "test://"}}]
TWO = [*ONE, {"id": "cam02", "source": {"url": "test://"}}]


def _applies(asked: Asked) -> bool:
    return asked.method == "PATCH" and "/deployments/" in asked.path


def _deletes(asked: Asked) -> bool:
    return asked.method == "DELETE" and "/deployments/" in asked.path


def _tells(asked: Asked) -> bool:
    return asked.method == "PATCH" and asked.path.endswith("/status")


class Point(NamedTuple):
    """Where an operator is killed, and the change of spec that brings it there from the point before."""

    name: str
    change: dict[str, Any]
    fits: Any
    after: bool


POINTS = (
    Point("before a create", {"cameras": TWO}, _applies, after=False),
    Point("before a delete", {"cameras": ONE}, _deletes, after=False),
    Point("after a create", {"cameras": TWO}, _applies, after=True),
    Point("after a delete", {"cameras": ONE}, _deletes, after=True),
    Point("before an update", {"cameras": ONE, "capture": {"framesPerSecond": 7}}, _applies, after=False),
    Point("after an update", {"cameras": ONE, "capture": {"framesPerSecond": 9}}, _applies, after=True),
    Point("before the status is written", {"cameras": TWO}, _tells, after=False),
    Point("after the status was written", {"cameras": ONE}, _tells, after=True),
)


async def test_killed_at_each_point_the_next_operator_ends_where_an_undisturbed_one_would(
    site: Any, proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any
) -> None:
    numbers = itertools.count()

    def start() -> Any:  # with a Lease of its own: the time until a Lease is free is another test's
        name = f"op{next(numbers)}"
        return start_operator(name, FRAMETRACE_LEASE_NAME=name, **by_way_of(proxy.url))

    operator = start()
    await site.apply(cameras=ONE)
    await _brought_about(site, eventually, ONE)
    undisturbed = Counter(map(_place, await site.children()))
    second = Counter({("Deployment", "capture", "cam02", ""): 1})
    for point in POINTS:
        gate = proxy.stop_at(point.fits, after=point.after)
        await site.apply(**point.change)
        async with asyncio.timeout(20):
            await gate.reached.wait()
        operator.send_signal(signal.SIGKILL)
        await asyncio.to_thread(operator.wait)
        operator = start()
        await _brought_about(site, eventually, point.change["cameras"])
        await _holds(site, proxy, point)
        expected = undisturbed + second if point.change["cameras"] is TWO else undisturbed
        assert Counter(map(_place, await site.children())) == expected, point.name
        print(f"killed {point.name}: the next operator brought the same about")


async def _brought_about(site: Any, eventually: Any, cameras: list[Any]) -> None:
    async def told() -> Any:
        body = await site.kube.get(PIPELINE, site.namespace, "yard")
        status = body.get("status") or {}
        ids = {camera["id"] for camera in status.get("cameras", [])}
        return body["metadata"]["generation"] == status.get("observedGeneration"), ids, set(await site.deployments())

    ids = {camera["id"] for camera in cameras}
    await eventually(told, lambda found: found == (True, ids, ids | {"motion", "redis", "jaeger"}), seconds=30)


async def _holds(site: Any, proxy: Any, point: Point) -> None:
    """Nothing is left to write and nothing is orphaned: what is there is what a pass wants."""
    await asyncio.sleep(2.5)  # the looks that follow a pass with writes
    made = len(proxy.writes())
    await asyncio.sleep(2.5)  # more than a whole resync
    assert [one for one in proxy.writes()[made:] if not _tells(one)] == [], point.name
    owner = (await site.kube.get(PIPELINE, site.namespace, "yard"))["metadata"]["uid"]
    owners = [[one["uid"] for one in body["metadata"]["ownerReferences"]] for body in await site.children()]
    assert owners == [[owner]] * len(owners), point.name
    rate = str(point.change.get("capture", {}).get("framesPerSecond", ""))
    configs = await site.kube.find(CONFIG_MAP, site.namespace, {})
    assert any(f'"frames_per_second": "{rate}"' in str(body.get("data")) for body in configs), point.name


def _place(body: dict[str, Any]) -> tuple[str, ...]:
    """What a child is: its kind, role, camera and stage."""
    labels = body["metadata"]["labels"]
    return (body["kind"], *(labels.get(f"frametrace.dev/{key}", "") for key in ("role", "camera", "stage")))
