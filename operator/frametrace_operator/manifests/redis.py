"""The managed Redis: Deployment, Service and the Secret with its password.

The Secret is made once and never read back: the pods mount it. Redis' settings are arguments, so that they can change.
"""

from __future__ import annotations

from collections.abc import Callable

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.endpoints import REDIS_PORT
from frametrace_operator.manifests.render import render
from frametrace_operator.manifests.runtime_pod import broker_note, secret_volume
from frametrace_operator.manifests.server_pod import image_pull_secrets, memory_resources
from frametrace_operator.manifests.sizing import redis_size
from frametrace_operator.naming import Role, child_name, labels, pod_selector
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["redis"]


def redis(
    pipeline: Pipeline, platform: Platform, new_password: Callable[[], str], *, secret: str, running: bool
) -> tuple[Child, ...]:
    """All objects of the managed Redis."""
    deployment = _deployment(pipeline, platform, secret=secret, running=running)
    return (_secret(pipeline, new_password()), _service(pipeline), deployment)


def _secret(pipeline: Pipeline, password: str) -> Child:
    data = {"password": password, "auth.conf": f'requirepass "{password}"\n'}
    return render("secret", pipeline, Role.REDIS, data=data)


def _service(pipeline: Pipeline) -> Child:
    selector = pod_selector(pipeline, Role.REDIS)
    return render("service", pipeline, Role.REDIS, selector=selector, ports={"redis": REDIS_PORT}, headless=False)


def _deployment(pipeline: Pipeline, platform: Platform, *, secret: str, running: bool) -> Child:
    size = redis_size(pipeline.spec)
    return render(
        "redis",
        pipeline,
        Role.REDIS,
        replicas=int(running),
        selector=pod_selector(pipeline, Role.REDIS),
        labels=labels(pipeline, Role.REDIS),
        annotations=broker_note(pipeline, secret),
        placement=image_pull_secrets(platform),
        image=platform.redis_image,
        port=REDIS_PORT,
        max_memory=str(size.max_memory),
        resources=memory_resources(size.limit),
        auth={"name": "auth", **secret_volume(child_name(pipeline, Role.REDIS), {"auth.conf": "auth.conf"})},
    )
