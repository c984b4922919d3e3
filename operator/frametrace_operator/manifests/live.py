"""ConfigMap `…-live`: what changes while pods run. Mounted whole, never in a pod template or its hash."""

from __future__ import annotations

from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.manifests.child import Child
from frametrace_operator.manifests.contracts import live_contract
from frametrace_operator.manifests.render import render
from frametrace_operator.naming import Role
from frametrace_operator.pipeline import Pipeline

__all__ = ["live"]


def live(pipeline: Pipeline, tracing: TracingPlan) -> Child:
    """The ConfigMap; its one file is a directory entry that the kubelet replaces in running pods."""
    contract = live_contract(pipeline, tracing)
    return render("config_map", pipeline, Role.LIVE, data={"live.json": contract.model_dump_json(indent=2)})
