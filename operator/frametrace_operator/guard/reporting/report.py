"""The report of a rollback: what was measured, when, of which pods, why tracing went and what to look at. Pure.

The evidence is written down once, when the rollback is decided; an operator that takes over has none of it in memory, so
later passes only bring the steps up to date and keep the rest as it stands in the ConfigMap.
"""

import json
from typing import Any, Final

from frametrace_api.status_tracing import GuardState, LastRollback, TracingStatus

from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.reporting.content import findings, steps
from frametrace_operator.guard.reporting.kept_reports import ROLLBACK_ID
from frametrace_operator.guard.reporting.text import report_text
from frametrace_operator.manifests import Child
from frametrace_operator.manifests.render import render
from frametrace_operator.naming import Role, report_name
from frametrace_operator.observation import Observation
from frametrace_operator.pipeline import Pipeline

__all__ = ["ATTEMPTS_KEY", "JSON_KEY", "TEXT_KEY", "report"]

TEXT_KEY: Final = "report.txt"
JSON_KEY: Final = "report.json"
ATTEMPTS_KEY: Final = "attempts"
"""In the JSON: attempts to bring tracing back, which a status that is lost is inferred from."""

Content = dict[str, Any]


def report(pipeline: Pipeline, status: TracingStatus | None, evidence: Evidence, seen: Observation) -> Child | None:
    """The ConfigMap with the report of the last rollback; None if there was none, or its report was deleted since."""
    last = status.last_rollback if status is not None else None
    if status is None or last is None:
        return None
    known = _known(seen, report_name(pipeline, last.id))
    if known is None and last.report_name is not None and status.state is not GuardState.ROLLING_BACK:
        return None
    content = _content(pipeline, status, last, evidence, seen) if known is None else known
    content |= {"rollback": last.to_object(), "steps": steps(last), ATTEMPTS_KEY: status.attempts}
    data = {TEXT_KEY: report_text(content), JSON_KEY: json.dumps(content, indent=1)}
    return render("config_map", pipeline, Role.REPORT, last.id, notes={ROLLBACK_ID: last.id}, data=data)


def _known(seen: Observation, name: str) -> Content | None:
    """What the live ConfigMap says; None if there is none, or somebody made it unreadable."""
    body = seen.live.get(("v1", "ConfigMap", name))
    try:
        content = json.loads((body or {}).get("data", {}).get(JSON_KEY, ""))
    except ValueError:
        return None
    return content if isinstance(content, dict) and content.get("version") == 1 else None


def _content(
    pipeline: Pipeline, status: TracingStatus, last: LastRollback, evidence: Evidence, seen: Observation
) -> Content:
    place = {"version": 1, "namespace": pipeline.namespace, "pipeline": pipeline.name}
    return place | findings(pipeline, status, last, evidence, seen)
