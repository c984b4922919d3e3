"""What an upgrade did to pipelines: pods that restarted though nothing of their template changed, and status that is gone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from frametrace_operator.naming import TEMPLATE_HASH

__all__ = ["Snapshot", "lost_status", "needless_restarts", "snapshot_of", "template_changes"]

#: Ends when it is approved; and what 0.1.0 does not know, so that it cannot tell it after the way back.
_MAY_GO = frozenset({"pendingUpgrade", "mode"})
#: True for a moment where the new operator has something to apply.
_WORKS = "Reconciling"
#: Kept by all means: what a person or the guard did, and when.
_LASTING = (
    "state",
    "stateSince",
    "lastRollback",
    "hold",
    "attempts",
    "handledRollbackRequest",
    "handledReenableRequest",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The data plane and what is told of it, at one time.

    Attributes:
        pods: pod's name → UID and restarts of its containers.
        owners: pod's name → its Deployment's name.
        templates: Deployment's name → hash of its pods' template.
        statuses: pipeline's name → its status.
    """

    pods: Mapping[str, tuple[str, int]]
    owners: Mapping[str, str]
    templates: Mapping[str, str]
    statuses: Mapping[str, Mapping[str, Any]]


def snapshot_of(
    pipelines: Sequence[Mapping[str, Any]], deployments: Sequence[Mapping[str, Any]], pods: Sequence[Mapping[str, Any]]
) -> Snapshot:
    """Return the snapshot of a namespace's pipelines, their Deployments and their pods; pods that end are left out."""
    living = [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
    return Snapshot(
        {pod["metadata"]["name"]: (pod["metadata"]["uid"], _restarts(pod)) for pod in living},
        {pod["metadata"]["name"]: _deployment_of(pod) for pod in living},
        {body["metadata"]["name"]: body["metadata"]["annotations"].get(TEMPLATE_HASH, "") for body in deployments},
        {body["metadata"]["name"]: body.get("status", {}) for body in pipelines},
    )


def template_changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Deployments whose pods' template is another now: their pods are replaced rightly."""
    return sorted(name for name, value in after.templates.items() if before.templates.get(name) != value)


def needless_restarts(before: Snapshot, after: Snapshot) -> list[str]:
    """Pods that were replaced or restarted though their template is the same."""
    rightly = set(template_changes(before, after))
    return sorted(
        name
        for name, told in before.pods.items()
        if after.pods.get(name) != told and before.owners[name] not in rightly
    )


def lost_status(before: Snapshot, after: Snapshot) -> list[str]:
    """What the statuses told before and do not tell now, a sentence each."""
    return [
        f"{name}: {found}"
        for name, status in before.statuses.items()
        for found in _lost(status, after.statuses.get(name, {}))
    ]


def _lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{field} is gone" for field in before.keys() - after.keys() - _MAY_GO)
    now = {condition["type"]: condition for condition in after.get("conditions", ())}
    for was in before.get("conditions", ()):
        held = now.get(was["type"])
        if held is None:
            yield f"condition {was['type']} is gone"
        elif held["status"] != was["status"] or (
            was["type"] != _WORKS and held["lastTransitionTime"] != was["lastTransitionTime"]
        ):
            yield f"condition {was['type']} was {was['status']} since {was['lastTransitionTime']}, is {held['status']}"
    tracing, then = before.get("tracing") or {}, after.get("tracing") or {}
    yield from (
        f"tracing.{field} was {tracing.get(field)}, is {then.get(field)}"
        for field in _LASTING
        if tracing.get(field) != then.get(field)
    )
    if "lastAudit" in tracing and "lastAudit" not in then:
        yield "tracing.lastAudit is gone"


def _restarts(pod: Mapping[str, Any]) -> int:
    return sum(each["restartCount"] for each in pod.get("status", {}).get("containerStatuses", ()))


def _deployment_of(pod: Mapping[str, Any]) -> str:
    """A pod's owner is a ReplicaSet, whose name is the Deployment's and a hash."""
    return next((each["name"].rpartition("-")[0] for each in pod["metadata"].get("ownerReferences", ())), "")
