"""What the guard's acts left in the cluster, read off one look at it: what `lost.infer` goes on from. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from frametrace_api.contract import LiveContract, TracingState
from frametrace_api.status_tracing import LastRollback
from pydantic import ValidationError

from frametrace_operator.guard.observing.lost import Traces
from frametrace_operator.guard.reporting.kept_reports import newest_report
from frametrace_operator.guard.reporting.report import ATTEMPTS_KEY, JSON_KEY
from frametrace_operator.naming import Role, child_name
from frametrace_operator.observation import Observation
from frametrace_operator.pipeline import Pipeline

__all__ = ["left"]

_MOST_ATTEMPTS: Final = 100
"""As many as `recovery.maxAttempts` may allow: somebody may have written anything into a ConfigMap."""


def left(pipeline: Pipeline, seen: Observation) -> Traces:
    """Read Deployments, the live ConfigMap and the newest report; what somebody made unreadable counts as not there."""
    wanted = [(Role.STAGE.value, stage.name) for stage in pipeline.spec.stages]
    wanted += [(Role.CAPTURE.value, camera.id) for camera in pipeline.spec.cameras]
    states = [seen.workloads[key].sdk_disabled for key in wanted if key in seen.workloads]
    report = _content(newest_report(seen))
    live, jaeger = _live(pipeline, seen), seen.workloads.get((Role.JAEGER.value, ""))
    return Traces(
        sdk_disabled=tuple(state for state in states if state is not None),
        live_on=None if live is None else live.tracing.state is TracingState.ON,
        live_ratios={} if live is None else _ratios(live),
        report=_rollback(report),
        attempts=_attempts(report),
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


def _content(report: Mapping[str, Any] | None) -> Mapping[str, Any]:
    try:
        content = json.loads(((report or {}).get("data") or {}).get(JSON_KEY, ""))
    except (ValueError, TypeError, AttributeError):
        return {}
    return content if isinstance(content, dict) else {}


def _rollback(content: Mapping[str, Any]) -> LastRollback | None:
    try:
        return LastRollback.model_validate(content["rollback"], extra="ignore")
    except (ValueError, KeyError, TypeError):
        return None


def _attempts(content: Mapping[str, Any]) -> int:
    told = content.get(ATTEMPTS_KEY)
    return min(told, _MOST_ATTEMPTS) if isinstance(told, int) and told > 0 else 0
