"""Two tenants of one operator: `restricted` pods without a token, and a Redis each that lets nobody else in."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from frametrace_operator.kube.kinds import KINDS, POD, SECRET
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE

pytestmark = pytest.mark.cluster

SERVICE = KINDS["v1", "Service"]
REDIS = {"frametrace.dev/role": "redis"}
REAL = {"FRAMETRACE_REDIS_IMAGE": REDIS_IMAGE, "FRAMETRACE_JAEGER_IMAGE": JAEGER_IMAGE}


async def _redis_of(site: Any) -> tuple[str, str]:
    """Address and password of a tenant's Redis."""
    [service] = await site.kube.find(SERVICE, site.namespace, REDIS)
    [secret] = await site.kube.find(SECRET, site.namespace, REDIS)
    return service["spec"]["clusterIP"], base64.b64decode(secret["data"]["password"]).decode()


async def _ping(host: str, password: str | None) -> bool:
    async with Redis(host=host, password=password, socket_timeout=5) as client:
        return bool(await client.ping())


async def test_tenants_are_kept_apart_and_their_pods_may_do_nothing(
    site: Any, neighbour: Any, start_operator: Any, eventually: Any
) -> None:
    tenants = (site, neighbour)
    watched = {"FRAMETRACE_WATCH_NAMESPACES": f"{site.namespace},{neighbour.namespace}"}
    start_operator(**watched, **REAL)
    for tenant in tenants:
        await tenant.apply()

    async def ready() -> list[str]:
        pods = [pod for tenant in tenants for pod in await tenant.kube.find(POD, tenant.namespace, REDIS)]
        return [
            status["name"] for pod in pods for status in pod["status"].get("containerStatuses", ()) if status["ready"]
        ]

    await eventually(ready, lambda found: found == ["redis", "redis"], seconds=90)
    (here, ours), (there, theirs) = await _redis_of(site), await _redis_of(neighbour)
    assert await _ping(here, ours)
    assert await _ping(there, theirs)
    for host, password in ((there, ours), (here, theirs), (here, None)):
        with pytest.raises(AuthenticationError):
            await _ping(host, password)

    pods = [pod for tenant in tenants for pod in await tenant.kube.find(POD, tenant.namespace, {})]
    assert len(pods) == 8, "all four workloads of each were admitted as restricted"
    assert {pod["spec"]["automountServiceAccountToken"] for pod in pods} == {False}
    sources = [set(volume) for pod in pods for volume in pod["spec"]["volumes"]]
    assert not any("projected" in source for source in sources), "no token is mounted"
