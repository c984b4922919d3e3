"""What the guard's acts left in the cluster, read off one look at it: what `lost.infer` goes on from. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from frametrace_api.contract import LiveContract, TracingState
from frametrace_api.status_tracing import LastRollback
from pydantic import ValidationError

from frametrace_operator.guard.observing.lost import Traces
from frametrace_operator.guard.reporting.kept_reports import newest_report
from frametrace_operator.guard.reporting.report import JSON_KEY
from frametrace_operator.naming import Role, child_name
from frametrace_operator.observation import Observation
from frametrace_operator.pipeline import Pipeline

__all__ = ["left"]


def left(pipeline: Pipeline, seen: Observation) -> Traces:
    """Read Deployments, the live ConfigMap and the newest report; what somebody made unreadable counts as not there."""
    wanted = [(Role.STAGE.value, stage.name) for stage in pipeline.spec.stages]
    wanted += [(Role.CAPTURE.value, camera.id) for camera in pipeline.spec.cameras]
    states = [seen.workloads[key].sdk_disabled for key in wanted if key in seen.workloads]
    live, jaeger = _live(pipeline, seen), seen.workloads.get((Role.JAEGER.value, ""))
    return Traces(
        sdk_disabled=tuple(state for state in states if state is not None),
        live_on=None if live is None else live.tracing.state is TracingState.ON,
        live_ratios={} if live is None else _ratios(live),
        report=_rollback(newest_report(seen)),
        purge_generation=0 if jaeger is None else jaeger.purge_generation,
    )


def _live(pipeline: Pipeline, seen: Observation) -> LiveContract | None:
    body = seen.live.get(("v1", "ConfigMap", child_name(pipeline, Role.LIVE)))
    try:
        return LiveContract.model_validate_json(((body or {}).get("data") or {}).get("live.json", ""))
    except ValidationError:
        return None


def _ratios(live: LiveContract) -> dict[str, str]:
    return {camera: live.tracing.camera_ratios.get(camera, live.tracing.ratio) for camera in live.cameras}


def _rollback(report: Mapping[str, Any] | None) -> LastRollback | None:
    try:
        content = json.loads(((report or {}).get("data") or {}).get(JSON_KEY, ""))
        return LastRollback.model_validate(content["rollback"], extra="ignore")
    except (ValueError, KeyError, TypeError):
        return None
