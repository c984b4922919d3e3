"""What the pods of captures and stages have in common, as values for their templates: volumes, environment, placement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from frametrace_api.base import ApiModel
from frametrace_api.contract import CONFIG_DIRECTORY, HTTP_PORT, LIVE_DIRECTORY
from frametrace_api.environment import EnvVar
from frametrace_api.pods import PodSettings
from frametrace_api.references import SecretKeyRef
from frametrace_api.resources import Resources

from frametrace_operator.manifests.config import ProcessFiles, config_hash, config_volume
from frametrace_operator.manifests.contracts import BROKER_SECRETS, CA_FILE, PASSWORD_FILE, URL_FILE
from frametrace_operator.manifests.environment import runtime_environment
from frametrace_operator.manifests.own_volumes import own_mount, own_volume
from frametrace_operator.naming import BROKER_SECRET, CONFIG_HASH, Role, child_name, labels, pod_selector
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

__all__ = [
    "NO_INJECTION",
    "Process",
    "as_written",
    "broker_note",
    "broker_secrets",
    "contract_volumes",
    "mounted",
    "runtime_pod",
    "secret_volume",
]

Mounted = tuple[str, dict[str, Any]]
"""A path in the container and the source of the volume that is mounted there, read-only."""

# The OpenTelemetry Operator injects instrumentation into every pod of a namespace that is annotated so; a pod's own
# "false" goes before that.
NO_INJECTION: Final = {
    f"instrumentation.opentelemetry.io/inject-{language}": "false"
    for language in ("apache-httpd", "dotnet", "go", "java", "nginx", "nodejs", "python", "sdk")
}
_READABLE_BY_GROUP = 0o440  # the pod's fsGroup; nobody else in the container


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a pipeline, and what its owner says of its pod.

    Attributes:
        item: camera ID or stage name.
        service: its `service.name`.
        env: the owner's variables.
        secrets: mount path and volume source of Secrets beside the broker's.
    """

    role: Role
    item: str
    service: str
    image: str | None
    resources: Resources
    settings: PodSettings | None
    env: tuple[EnvVar, ...]
    secrets: tuple[Mounted, ...] = ()


def runtime_pod(
    pipeline: Pipeline, platform: Platform, process: Process, files: ProcessFiles, *, instrumented: bool, secret: str
) -> dict[str, Any]:
    """Values for `_runtime_pod.yaml.j2`."""
    role, item, settings = process.role, process.item, process.settings or PodSettings()
    volumes, mounts = mounted([*contract_volumes(pipeline, role, item), broker_secrets(pipeline), *process.secrets])
    return {
        "labels": labels(pipeline, role, item),
        "selector": pod_selector(pipeline, role, item),
        "annotations": {
            CONFIG_HASH: config_hash(files, role, item),
            **({} if instrumented else NO_INJECTION),
            **broker_note(pipeline, secret),
        },
        "role": role.value,
        "image": process.image or platform.runtime_image,
        "http_port": HTTP_PORT,
        "env": runtime_environment(
            pipeline,
            process.env,
            service=process.service,
            deployment=child_name(pipeline, role, item),
            container=role.value,
            instrumented=instrumented,
        ),
        "resources": as_written(process.resources),
        "placement": _placement(settings, platform),
        "volumes": [*volumes, *map(own_volume, settings.volumes)],
        "mounts": [*mounts, *map(own_mount, settings.volumes)],
    }


def mounted(volumes: list[Mounted]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Volumes of a pod, and the mounts of its container."""
    return (
        [{"name": _volume_name(path), **source} for path, source in volumes],
        [{"name": _volume_name(path), "mountPath": path, "readOnly": True} for path, _ in volumes],
    )


def as_written(model: ApiModel) -> dict[str, Any]:
    """What the owner wrote, without the defaults of fields that they left out: an empty selector and none differ."""
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)


def secret_volume(name: str, files: dict[str, str], mode: int = _READABLE_BY_GROUP) -> dict[str, Any]:
    """A volume source with some keys of a Secret, as {file: key}. The pod waits while the Secret or a key is missing."""
    items = [{"key": key, "path": file} for file, key in files.items()]
    return {"secret": {"secretName": name, "items": items, "defaultMode": mode}}


def contract_volumes(pipeline: Pipeline, role: Role, item: str) -> list[Mounted]:
    """The two files by which a process is told what to do."""
    return [
        (CONFIG_DIRECTORY, {"configMap": config_volume(pipeline, role, item)}),
        (LIVE_DIRECTORY, {"configMap": {"name": child_name(pipeline, Role.LIVE)}}),
    ]


def broker_secrets(pipeline: Pipeline) -> Mounted:
    """The broker's credentials, which may stand in two Secrets, in one directory."""
    external = pipeline.spec.broker.external
    if external is None:
        return BROKER_SECRETS, secret_volume(child_name(pipeline, Role.REDIS), {PASSWORD_FILE: "password"})
    sources = [_projection(external.url_secret_ref, URL_FILE)]
    if external.ca_secret_ref is not None:
        sources.append(_projection(external.ca_secret_ref, CA_FILE))
    return BROKER_SECRETS, {"projected": {"sources": sources, "defaultMode": _READABLE_BY_GROUP}}


def broker_note(pipeline: Pipeline, secret: str) -> dict[str, str]:
    """Annotations by which a pod begins anew with a managed Redis' Secret that was made again."""
    return {BROKER_SECRET: secret} if secret and pipeline.spec.broker.external is None else {}


def _projection(reference: SecretKeyRef, file: str) -> dict[str, Any]:
    return {"secret": {"name": reference.name, "items": [{"key": reference.key, "path": file}]}}


def _placement(settings: PodSettings, platform: Platform) -> dict[str, Any]:
    """Fields of the pod's spec that its owner sets; those that say nothing are left out, as the API server does."""
    written = as_written(settings)
    own_secrets = written.get("imagePullSecrets") or [{"name": name} for name in platform.image_pull_secrets]
    placement = {key: written.get(key) for key in ("nodeSelector", "tolerations", "affinity")}
    return {key: value for key, value in (placement | {"imagePullSecrets": own_secrets}).items() if value}


def _volume_name(path: str) -> str:
    """Name of the volume that is mounted at a path: its last part."""
    return path.rpartition("/")[2]
