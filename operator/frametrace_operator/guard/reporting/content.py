"""What a report says, as plain JSON values, bounded and without credentials. Pure."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any, Final

from frametrace_api.status_tracing import LastRollback, TracingStatus

from frametrace_operator.assess.facts import Facts
from frametrace_operator.guard.evidence import AuditFinding, Evidence
from frametrace_operator.guard.reporting.advice import advice, likely_cause
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.redaction import redacted
from frametrace_operator.texts import clipped

__all__ = ["findings", "steps"]

_MOST_TEXT: Final = 2000
_MOST_PODS: Final = 400
_MOST_FRAMES: Final = 1000


def findings(
    pipeline: Pipeline, status: TracingStatus, last: LastRollback, evidence: Evidence, seen: Observation
) -> dict[str, Any]:
    """All that is written down when a rollback is decided."""
    facts = Facts(pipeline, seen)
    external = pipeline.spec.tracing.backend.external is not None
    return {
        "written": _plain(seen.now),
        "evidence": _plain(replace(evidence, audits=_bounded(evidence.audits))),
        "lastAudit": status.last_audit.to_object() if status.last_audit is not None else None,
        "pods": _pods(seen),
        "jaeger": _jaeger(facts, evidence),
        "likelyCause": clipped(redacted(likely_cause(last, status, evidence)), _MOST_TEXT),
        "check": [
            line.format(name=pipeline.name, namespace=pipeline.namespace)
            for line in advice(last, status, evidence, external=external)
        ],
    }


def steps(last: LastRollback) -> list[dict[str, str]]:
    """What was done and when, as far as it is done."""
    times = {
        "decided to take tracing out": last.start_time,
        "tracing was off in the last running pod": last.live_off_time,
        _end(last): last.completion_time,
    }
    done = [{"what": what, "time": _plain(time)} for what, time in times.items() if time is not None]
    return [*done, {"what": f"clearing of the traces: {last.purge.value}"}]


def _end(last: LastRollback) -> str:
    if not last.left_behind:
        return "the last pod ran without instrumentation"
    return f"it ended without {', '.join(last.left_behind)}, whose pods could not be replaced and trace nothing by the live switch"


def _bounded(audits: tuple[AuditFinding, ...]) -> tuple[AuditFinding, ...]:
    """Frames are named of the last windows that miss any, as many as a ConfigMap has room for."""
    kept, room = list[AuditFinding](), _MOST_FRAMES
    for audit in reversed(audits):
        kept.append(replace(audit, frames=audit.frames[:room]))
        room -= len(kept[-1].frames)
    return tuple(reversed(kept))


def _pods(seen: Observation) -> list[dict[str, Any]]:
    named = [pod for pod in seen.pods if pod.role in (Role.CAPTURE, Role.STAGE, Role.JAEGER)]
    return [
        {
            "name": pod.name,
            "role": pod.role,
            "item": pod.item,
            "ready": pod.ready,
            "restarts": pod.restarts,
            "tracing": str(seen.flow.tracing.get(pod.uid, "")),
            "trouble": clipped(" ".join(filter(None, (pod.trouble, pod.message))), _MOST_TEXT),
        }
        for pod in named[:_MOST_PODS]
    ]


def _jaeger(facts: Facts, evidence: Evidence) -> dict[str, Any]:
    external = facts.pipeline.spec.tracing.backend.external
    trouble = facts.trouble(Role.JAEGER) if external is None else None
    return {
        "kind": "managed" if external is None else "external",
        "ready": facts.ready(Role.JAEGER) if external is None else None,
        "trouble": clipped(redacted(trouble.message), _MOST_TEXT) if trouble is not None else "",
        "lastProbe": _plain(evidence.backends[-1]) if evidence.backends else None,
    }


def _plain(value: Any) -> Any:
    """A value of ours as JSON has it; times as RFC 3339, in UTC as they are."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return clipped(redacted(str(value)), _MOST_TEXT) if isinstance(value, str) else value
