"""Service `…-runtime`: the addresses of all captures and stages, by which metrics and ledgers are found without the API."""

from __future__ import annotations

from frametrace_api.contract import HTTP_PORT

from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.render import render
from frametrace_operator.naming import RUNTIME_POD, Role, pipeline_selector
from frametrace_operator.pipeline import Pipeline

__all__ = ["service"]


def service(pipeline: Pipeline) -> Child:
    """A headless Service; pods that are not ready are in it, for their metrics say why."""
    selector = {**pipeline_selector(pipeline), **RUNTIME_POD}
    return render("service", pipeline, Role.RUNTIME, selector=selector, ports={"http": HTTP_PORT}, headless=True)
