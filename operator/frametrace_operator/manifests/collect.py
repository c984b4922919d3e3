"""All children of a pipeline: the one place that says which there are. Pure: equal arguments, equal manifests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from secrets import token_urlsafe
from typing import Final

from frametrace_api.spec import PipelineMode

from frametrace_operator.awake import Awake
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.manifests.capture import capture
from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.config import config, process_files
from frametrace_operator.manifests.endpoints import has_managed_jaeger, has_managed_redis, has_page, has_trace_volume
from frametrace_operator.manifests.jaeger import jaeger, trace_volume
from frametrace_operator.manifests.live import live
from frametrace_operator.manifests.network_policy import network_policies
from frametrace_operator.manifests.page import page
from frametrace_operator.manifests.pod_monitor import pod_monitor
from frametrace_operator.manifests.redis import redis
from frametrace_operator.manifests.service import service
from frametrace_operator.manifests.stage import stage
from frametrace_operator.naming import Role
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["children"]

_AS_SPECIFIED: Final = TracingPlan()


def children(
    pipeline: Pipeline,
    platform: Platform,
    tracing: TracingPlan = _AS_SPECIFIED,
    *,
    waiting: Collection[str] = (),
    awake: Awake | None = None,
    broker_secret: str = "",
    new_password: Callable[[], str] = token_urlsafe,
) -> tuple[Child, ...]:
    """Every object that a pipeline owns, in the order in which they are applied: what pods mount comes before pods.

    Args:
        pipeline: what its owner asks for.
        platform: what the cluster and the operator's settings give.
        tracing: what the guard wants of pods and storage; left out, tracing is as the spec has it.
        waiting: cameras whose captures are still as they were before `tracing.instrumented` changed.
        awake: whose pods run; left out, all of a running pipeline's and none of a suspended one's.
        broker_secret: UID of the managed Redis' Secret where it is not the first one: pods that read it begin anew.
        new_password: makes up a password of URL-safe characters; used only where a Secret does not exist yet.
    """
    if awake is None:
        awake = Awake.ALL if pipeline.spec.mode is PipelineMode.RUNNING else Awake.NOTHING
    return tuple(_children(pipeline, platform, tracing, waiting, awake, broker_secret, new_password))


def _children(
    pipeline: Pipeline,
    platform: Platform,
    tracing: TracingPlan,
    waiting: Collection[str],
    awake: Awake,
    secret: str,
    new_password: Callable[[], str],
) -> Iterator[Child]:
    files = process_files(pipeline, platform)
    yield config(pipeline, files)
    yield live(pipeline, tracing)
    if platform.network_policies:
        yield from network_policies(pipeline, platform)
    yield service(pipeline)
    if platform.has_pod_monitors:
        yield pod_monitor(pipeline, platform)
    if has_managed_redis(pipeline):
        yield from redis(pipeline, platform, new_password, secret=secret, running=awake.has(Role.REDIS))
    if has_trace_volume(pipeline):
        yield trace_volume(pipeline)
    if has_managed_jaeger(pipeline):
        yield from jaeger(pipeline, platform, tracing.purge_generation, running=awake.has(Role.JAEGER))
    if has_page(pipeline):
        yield from page(pipeline, platform, files, secret=secret, running=awake.has(Role.PAGE))
    for each in pipeline.spec.stages:
        running = awake.has(Role.STAGE)
        yield stage(pipeline, platform, each, files, instrumented=tracing.instrumented, secret=secret, running=running)
    for camera in pipeline.spec.cameras:
        running = awake.has(Role.CAPTURE)
        instrumented = tracing.instrumented != (camera.id in waiting)
        yield capture(pipeline, platform, camera, files, instrumented=instrumented, secret=secret, running=running)
