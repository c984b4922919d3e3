"""Every name, label and annotation that the operator writes: the only module that makes any.

A child's name is a readable prefix and eight hexadecimal digits of a hash of (pipeline UID, role, item), so that
pipelines and roles never meet, whatever people call their cameras. Knows pipelines; must not know manifests.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

from frametrace_api.group import GROUP, LABEL_CAMERA, LABEL_PIPELINE, LABEL_ROLE, LABEL_STAGE, MANAGED_BY, PART_OF

from frametrace_operator.pipeline import Pipeline

__all__ = [
    "BROKER_SECRET",
    "CONFIG_HASH",
    "DERIVED_HASH",
    "INSTANCE",
    "LIVE_HASH",
    "MAX_CHILD_NAME",
    "MONITORING_NAMESPACE",
    "PURGE_GENERATION",
    "REMADE",
    "RENDERED_HASH",
    "REPLICAS",
    "RUNTIME_POD",
    "SPEC_HASH",
    "TEMPLATE_HASH",
    "Role",
    "child_name",
    "config_key",
    "labels",
    "pipeline_selector",
    "pod_selector",
    "report_name",
    "role_selector",
    "service_host",
]

RENDERED_HASH: Final = f"{GROUP}/rendered-hash"
"""Annotation: hash of the rest of the manifest. A child whose hash is the live one's need not be applied."""

CONFIG_HASH: Final = f"{GROUP}/config-hash"
"""Annotation of a pod template: hash of the one process contract that the pod reads."""

REPLICAS: Final = f"{GROUP}/replicas"
"""Annotation of a stage's Deployment: the number of pods that the resource asks for; absent where it asks for none."""

SPEC_HASH: Final = f"{GROUP}/spec-hash"
"""Annotation of a Deployment: hash of what in the resource its pods depend on, the same for every operator version."""

DERIVED_HASH: Final = f"{GROUP}/derived-hash"
"""Annotation of a Deployment: hash of what limits and sizes were derived for its pods, and by which arithmetic."""

TEMPLATE_HASH: Final = f"{GROUP}/template-hash"
"""Annotation of a Deployment: hash of its pods' template as it was rendered."""

LIVE_HASH: Final = f"{GROUP}/live-hash"
"""Annotation of a running pod: the `RENDERED_HASH` of the live ConfigMap that the pod was last told of."""

PURGE_GENERATION: Final = f"{GROUP}/purge-generation"
"""Annotation of the managed Jaeger's pod template: how many times its storage was to be cleared; absent for never."""

REMADE: Final = f"{GROUP}/remade"
"""Annotation of a managed Redis' Secret: "true" where it took the place of one that pods had already read."""

BROKER_SECRET: Final = f"{GROUP}/broker-secret"
"""Annotation of a pod template: UID of the managed Redis' Secret if it was `REMADE`; absent for the first one."""

INSTANCE: Final = "app.kubernetes.io/instance"
"""Label: the pipeline by name and UID."""

RUNTIME_POD: Final = {f"{GROUP}/runtime": "true"}
"""Label that captures and stages have beside their role's: the pods of a pipeline that run its frames."""

MONITORING_NAMESPACE: Final = {f"{GROUP}/monitoring": "allowed"}
"""Label that a cluster's owner gives to a namespace whose pods may read the metrics of all pipelines, and their traces."""

MAX_CHILD_NAME: Final = 46
"""A Deployment's pods add up to 17 characters; a pod's name is its host name, of at most 63."""

_HASH_DIGITS: Final = 8
_MAX_PREFIX: Final = MAX_CHILD_NAME - _HASH_DIGITS - 1
_LEAST_SHARE: Final = _MAX_PREFIX // 2


class Role(StrEnum):
    """What a child is for."""

    CAPTURE = "capture"
    STAGE = "stage"
    REDIS = "redis"
    JAEGER = "jaeger"
    CONFIG = "config"
    LIVE = "live"
    RUNTIME = "runtime"
    NETWORK = "network"
    MONITOR = "monitor"
    REPORT = "report"
    PAGE = "page"


_ITEM_LABEL: Final = {Role.CAPTURE: LABEL_CAMERA, Role.STAGE: LABEL_STAGE}


def child_name(pipeline: Pipeline, role: Role, item: str = "") -> str:
    """Name of a child: a DNS-1035 label of at most `MAX_CHILD_NAME` characters, the same on every call."""
    what = item if role in _ITEM_LABEL else "-".join(filter(None, (role.value, item)))
    return f"{_prefix(pipeline.name, what)}-{_digest(pipeline.uid, role.value, item)}"


def report_name(pipeline: Pipeline, rollback: str) -> str:
    """Name of the ConfigMap with the report of the rollback with this id."""
    return child_name(pipeline, Role.REPORT, rollback)


def config_key(role: Role, item: str) -> str:
    """Key of one process's contract in the pipeline's ConfigMap, such as `capture-cam01.json`."""
    return f"{'-'.join(filter(None, (role.value, item)))}.json"


def labels(pipeline: Pipeline, role: Role, item: str = "") -> dict[str, str]:
    """All labels of a child, those of `pod_selector` among them."""
    return {
        "app.kubernetes.io/name": f"{PART_OF}-{role.value}",
        "app.kubernetes.io/component": role.value,
        "app.kubernetes.io/part-of": PART_OF,
        "app.kubernetes.io/managed-by": MANAGED_BY,
        LABEL_PIPELINE: pipeline.name,
        **(RUNTIME_POD if role in _ITEM_LABEL else {}),
        **pod_selector(pipeline, role, item),
    }


def pod_selector(pipeline: Pipeline, role: Role, item: str = "") -> dict[str, str]:
    """Labels that find the pods of one role, of one camera or stage if given. A selector cannot change: nor can these."""
    selector = {**pipeline_selector(pipeline), LABEL_ROLE: role.value}
    return {**selector, _ITEM_LABEL[role]: item} if item and role in _ITEM_LABEL else selector


def pipeline_selector(pipeline: Pipeline) -> dict[str, str]:
    """Label that finds everything of this pipeline, and nothing of an earlier one of the same name."""
    return {INSTANCE: f"{pipeline.name}-{_digest(pipeline.uid)}"}


def role_selector(roles: Iterable[Role]) -> dict[str, Any]:
    """Expression that finds what has one of these roles, in whichever pipeline."""
    return {"key": LABEL_ROLE, "operator": "In", "values": [role.value for role in roles]}


def service_host(pipeline: Pipeline, role: Role) -> str:
    """DNS name of a role's Service, valid in every namespace whatever the cluster's domain is."""
    return f"{child_name(pipeline, role)}.{pipeline.namespace}.svc"


def _prefix(pipeline: str, what: str) -> str:
    """`pipeline-what`, shortened fairly: each keeps what the other leaves free."""
    what = what[: max(_LEAST_SHARE, _MAX_PREFIX - 1 - len(pipeline))].rstrip("-")
    return f"{pipeline[: _MAX_PREFIX - 1 - len(what)].rstrip('-')}-{what}"


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=_HASH_DIGITS // 2).hexdigest()
