"""Watches that cannot go on where they ended (410 Gone): what went meanwhile, and nobody told of, is found by the next list."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from frametrace_operator.kube.kinds import KINDS, PIPELINE

from tests.real.api_proxy import Asked
from tests.real.cluster import WITHOUT_PODS

pytestmark = pytest.mark.cluster

SERVICE = KINDS["v1", "Service"]
SILENCE = 3.0
ALONE = {"FRAMETRACE_RESYNC_SECONDS": "3600"}  # there are no pods whose ledgers could tell
TOO_OLD = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}}


async def _services(site: Any, pipeline: str) -> list[str]:
    found = await site.kube.find(SERVICE, site.namespace, {"frametrace.dev/pipeline": pipeline})
    return [body["metadata"]["name"] for body in found]


async def test_what_went_while_nobody_watched_is_repaired_or_forgotten(
    site: Any, proxy: Any, start_operator: Any, by_way_of: Any, eventually: Any
) -> None:
    operator = start_operator(FRAMETRACE_WATCH_SILENCE_SECONDS=str(SILENCE), **by_way_of(proxy.url), **ALONE)
    metadata = {"name": "broker", "namespace": site.namespace}
    await site.kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"url": "r"}})
    for name in ("stays", "goes"):
        await site.apply(name, **WITHOUT_PODS)
        await eventually(lambda name=name: _services(site, name), bool, seconds=30)
    await asyncio.sleep(2)  # the last passes have ended

    proxy.open.clear()
    [deleted] = await _services(site, "stays")
    await site.remove(SERVICE, deleted)
    await site.remove(PIPELINE, "goes")
    await eventually(lambda: _services(site, "goes"), lambda found: not found, seconds=60)
    await asyncio.sleep(SILENCE + 1)  # the watches have been given up
    refused: set[str] = set()

    def too_old(asked: Asked) -> web.Response | None:
        if not asked.watches or asked.path in refused:
            return None
        refused.add(asked.path)
        return web.json_response(TOO_OLD)

    proxy.refuse = too_old
    began = len(proxy.asked)
    proxy.open.set()

    await eventually(lambda: _services(site, "stays"), lambda found: found == [deleted], seconds=30)
    await asyncio.sleep(3)
    assert any(path.endswith("/services") for path in refused)
    writes = [one.path for one in proxy.asked[began:] if one.is_write]
    assert not [path for path in writes if "/goes" in path], "a pipeline that is gone is still looked after"
    assert operator.poll() is None
