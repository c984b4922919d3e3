"""What an upgrade did to pods: which were replaced or restarted, and whether their template is another now. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from frametrace_api.group import LABEL_PIPELINE, LABEL_ROLE
from frametrace_operator.naming import TEMPLATE_HASH

__all__ = [
    "Snapshot",
    "needless_restarts",
    "of_the_runtime",
    "snapshot_of",
    "template_changes",
    "waiting",
    "whose_frames",
]

_RUNTIME_ROLES = ("capture", "stage")
_ON_APPROVAL = "OnApproval"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that runs for pipelines, their Redises and Jaegers as well, and what is told of it, at one time.

    Attributes:
        pods: pod's name → UID and restarts of its containers.
        owners: pod's name → its Deployment's name.
        templates: Deployment's name → hash of its pods' template.
        statuses: pipeline's name → its status.
        roles: Deployment's name → its pipeline's name and its role.
        on_approval: pipelines whose pods wait for approval of what a new operator version would change.
    """

    pods: Mapping[str, tuple[str, int]]
    owners: Mapping[str, str]
    templates: Mapping[str, str]
    statuses: Mapping[str, Mapping[str, Any]]
    roles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    on_approval: frozenset[str] = frozenset()


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
        {body["metadata"]["name"]: _role_of(body) for body in deployments},
        frozenset(body["metadata"]["name"] for body in pipelines if _upgrades(body) == _ON_APPROVAL),
    )


def template_changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Deployments whose pods' template is another now: their pods are replaced."""
    return sorted(name for name, value in after.templates.items() if before.templates.get(name) != value)


def needless_restarts(before: Snapshot, after: Snapshot) -> list[str]:
    """Pods that were replaced or restarted though their template is the same."""
    rightly = set(template_changes(before, after))
    return sorted(
        name
        for name, told in before.pods.items()
        if after.pods.get(name) != told and before.owners[name] not in rightly
    )


def of_the_runtime(snapshot: Snapshot) -> list[str]:
    """Deployments that a new runtime image replaces by itself: captures and stages of pipelines that wait for no approval."""
    return sorted(
        name
        for name, (pipeline, role) in snapshot.roles.items()
        if role in _RUNTIME_ROLES and pipeline not in snapshot.on_approval
    )


def waiting(snapshot: Snapshot) -> frozenset[str]:
    """Pipelines that say what waits for approval."""
    return frozenset(name for name, status in snapshot.statuses.items() if "pendingUpgrade" in status)


def whose_frames(snapshot: Snapshot) -> tuple[str, ...]:
    """Pipelines whose frames go through a stage that a new runtime replaces, each frame traced."""
    staged = {snapshot.roles[name][0] for name in of_the_runtime(snapshot) if snapshot.roles[name][1] == "stage"}
    states = {name: status.get("tracing", {}).get("state") for name, status in snapshot.statuses.items()}
    return tuple(sorted(name for name in staged if states.get(name) == "Healthy"))


def _restarts(pod: Mapping[str, Any]) -> int:
    return sum(each["restartCount"] for each in pod.get("status", {}).get("containerStatuses", ()))


def _deployment_of(pod: Mapping[str, Any]) -> str:
    """A pod's owner is a ReplicaSet, whose name is the Deployment's and a hash."""
    return next((each["name"].rpartition("-")[0] for each in pod["metadata"].get("ownerReferences", ())), "")


def _role_of(deployment: Mapping[str, Any]) -> tuple[str, str]:
    labels = deployment["metadata"].get("labels", {})
    return labels.get(LABEL_PIPELINE, ""), labels.get(LABEL_ROLE, "")


def _upgrades(pipeline: Mapping[str, Any]) -> str:
    return str(pipeline.get("spec", {}).get("rollout", {}).get("upgrades", ""))
