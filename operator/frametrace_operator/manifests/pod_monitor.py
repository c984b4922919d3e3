"""PodMonitor: lets a Prometheus Operator scrape the pipeline's pods. Only where the API server knows the kind."""

from __future__ import annotations

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.render import render
from frametrace_operator.naming import Role, pipeline_selector
from frametrace_operator.pipeline import Pipeline

__all__ = ["pod_monitor"]


def pod_monitor(pipeline: Pipeline) -> Child:
    """The PodMonitor of captures and stages (port `http`) and of the managed Jaeger (port `metrics`)."""
    return render(
        "pod_monitor", pipeline, Role.MONITOR, selector=pipeline_selector(pipeline), ports=["http", "metrics"]
    )
