"""Checks on every rendered manifest: it is the object that was asked for, and its pods are restricted.

A last line of defence behind validation and quoting: whatever slips through them ends here, before the API server.
Knows Kubernetes' `restricted` Pod Security Standard; must not know pipelines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["InvalidManifestError", "check_manifest", "restricted_violations"]

_VOLUME_TYPES: Final = frozenset({"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"})
_HOST_FIELDS: Final = ("hostNetwork", "hostPID", "hostIPC", "hostUsers")


class InvalidManifestError(Exception):
    """A manifest that must not reach the API server: a fault of the operator, never of a pipeline's owner."""


def check_manifest(body: object, metadata: Mapping[str, Any]) -> None:
    """Compare a manifest with the metadata that it was rendered for, and look at its pods.

    Raises:
        InvalidManifestError: with all that is wrong.
    """
    problems = list(_identity_problems(body, metadata))
    if isinstance(body, dict) and body.get("kind") == "Deployment":
        problems.extend(restricted_violations(body["spec"]["template"]["spec"]))
    if problems:
        raise InvalidManifestError(f"{metadata['name']}: {'; '.join(problems)}")


def _identity_problems(body: object, metadata: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(body, dict):
        yield "not an object"
        return
    if not body.get("apiVersion") or not body.get("kind"):
        yield "has no apiVersion or no kind"
    if body.get("metadata") != metadata:
        yield "its metadata is not what was asked for"


def restricted_violations(pod: Mapping[str, Any]) -> Iterator[str]:
    """What in a pod's spec the `restricted` standard, or our stricter habit (read-only root, no token), forbids."""
    yield from (f"{field} is set" for field in _HOST_FIELDS if field in pod)
    if pod.get("automountServiceAccountToken") is not False:
        yield "a service-account token is mounted"
    security = pod.get("securityContext", {})
    if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
        yield "may run as root"
    if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "has no seccomp profile"
    for volume in pod.get("volumes", ()):
        if extra := volume.keys() - _VOLUME_TYPES - {"name"}:
            yield f"volume {volume['name']} is a {', '.join(sorted(extra))}"
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        yield from (f"container {container['name']} {problem}" for problem in _container_violations(container))


def _container_violations(container: Mapping[str, Any]) -> Iterator[str]:
    allowed = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    if container.get("securityContext") != allowed:
        yield f"must have exactly the security context {allowed}"
    if any("hostPort" in port for port in container.get("ports", ())):
        yield "takes a port of the host"
