"""PodMonitor: lets a Prometheus Operator scrape the pipeline's pods. Only where the API server knows the kind."""

from __future__ import annotations

from typing import Final

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.render import render
from frametrace_operator.naming import Role, pipeline_selector, role_selector
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = ["pod_monitor"]

_TELL: Final = (Role.CAPTURE, Role.STAGE, Role.JAEGER)
"""Whose pods have metrics; the journey page has a port `http`, too, and tells none."""


def pod_monitor(pipeline: Pipeline, platform: Platform) -> Child:
    """The PodMonitor of captures and stages (port `http`) and of the managed Jaeger (port `metrics`)."""
    return render(
        "pod_monitor",
        pipeline,
        Role.MONITOR,
        more_labels=dict(platform.pod_monitor_labels),
        selector=pipeline_selector(pipeline),
        roles=role_selector(_TELL),
        ports=["http", "metrics"],
        interval=platform.pod_monitor_interval,
    )
