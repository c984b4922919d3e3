"""Watches that die without a word: a TCP relay between operator and API server stops passing packets, and tells nobody.

With the operator's own setting of 70 s this takes a minute and more, so `make test` has it noticed after 8 s; `make prove`
runs the same test with the operator's own setting, 50 times.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest
from frametrace_operator.kube.kinds import CONFIG_MAP, KINDS

from tests.real.cluster import WITHOUT_PODS

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

SERVICE = KINDS["v1", "Service"]
SILENCE = float(os.environ.get("FRAMETRACE_TEST_SILENCE", "8"))
ROUNDS = int(os.environ.get("FRAMETRACE_TEST_ROUNDS", "1"))
LANES = int(os.environ.get("FRAMETRACE_TEST_LANES", "1"))
FIGURES = os.environ.get("FRAMETRACE_TEST_FIGURES")
ALONE = {"FRAMETRACE_RESYNC_SECONDS": "3600"}
"""Watches are all that tells of changes: there are no pods whose ledgers could."""
NOTICED_WITHIN = 10.0  # after the silence: the bar of 80 s for the operator's own 70 s


async def _named(site: Any, kind: Any, pipeline: str) -> list[Any]:
    bodies = await site.kube.find(kind, site.namespace, {"frametrace.dev/pipeline": pipeline})
    return [body for body in bodies if body["kind"] == kind.kind]


async def _drift(site: Any, number: int) -> Any:
    """Change a pipeline's spec, a child of another, and delete one of a third; return what tells that all was seen."""
    cameras = [{"id": f"cam{number:02}", "source": {"url": "test://"}}]
    await site.apply("one", **WITHOUT_PODS, cameras=cameras)
    edited = (await _named(site, CONFIG_MAP, "two"))[0]["metadata"]["name"]
    before = (await site.kube.get(CONFIG_MAP, site.namespace, edited))["data"]
    await site.edit(CONFIG_MAP, edited, {"data": dict.fromkeys(before, "changed")})
    deleted = (await _named(site, SERVICE, "three"))[0]["metadata"]
    await site.remove(SERVICE, deleted["name"])

    async def repaired() -> list[bool]:
        service = await site.kube.get(SERVICE, site.namespace, deleted["name"])
        return [
            cameras[0]["id"] in await site.deployments(),
            (await site.kube.get(CONFIG_MAP, site.namespace, edited))["data"] == before,
            service is not None and service["metadata"]["uid"] != deleted["uid"],
        ]

    return repaired


@pytest.mark.parametrize("lane", range(LANES))
async def test_silent_watches_are_noticed_and_no_change_is_missed(
    lane: int, site: Any, relay: Any, start_operator: Any, by_way_of: Any, eventually: Any
) -> None:
    through = by_way_of(f"https://127.0.0.1:{relay.port}")
    operator = start_operator(FRAMETRACE_WATCH_SILENCE_SECONDS=str(SILENCE), **through, **ALONE)
    # a Secret that is missing would be looked for every 15 s, and each look would find the changes without any watch
    metadata = {"name": "broker", "namespace": site.namespace}
    await site.kube.create(
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"url": "redis://a"}}
    )
    for name in ("one", "two", "three"):
        await site.apply(name, **WITHOUT_PODS)
        await eventually(lambda name=name: _named(site, SERVICE, name), bool, seconds=30)
    for number in range(2, 2 + ROUNDS):
        await asyncio.sleep(3)  # passes and requests of the former round have ended
        relay.silence()
        silent = time.monotonic()
        repaired = await _drift(site, number)
        await asyncio.sleep(min(3.0, SILENCE / 3))
        assert await repaired() == [False] * 3, "the relay does not hold the packets back"
        await eventually(repaired, all, seconds=SILENCE + NOTICED_WITHIN - (time.monotonic() - silent))
        seconds = time.monotonic() - silent
        _tell(lane, number, seconds)
        assert operator.poll() is None


def _tell(lane: int, number: int, seconds: float) -> None:
    print(f"silent watches resumed after {seconds:.1f} s (silence borne: {SILENCE:.0f} s; the operator's own is 70 s)")
    if FIGURES:
        (Path(FIGURES) / f"{lane}-{number}").write_text(f"{seconds:.2f}")
