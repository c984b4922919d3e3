"""Pipelines and platforms for the manifests' tests, and what is asserted of every manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from frametrace_operator.manifests import Child, children
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

Body = dict[str, Any]

CAMERA = {"id": "cam01", "source": {"url": "rtsp://cameras.example/one"}}
STAGES = [{"name": "motion", "handler": "motion"}, {"name": "archive", "input": "motion", "handler": "archive"}]


def _pipeline(*, name: str = "parking", uid: str = "11111111-2222-3333-4444-555555555555", **spec: Any) -> Pipeline:
    metadata = {"namespace": "site-a", "name": name, "uid": uid, "generation": 1}
    return Pipeline.from_object({"metadata": metadata, "spec": {"cameras": [CAMERA], "stages": STAGES, **spec}})


def _platform(**settings: Any) -> Platform:
    defaults: dict[str, Any] = {
        "runtime_image": "localhost/frametrace-runtime:1",
        "redis_image": "redis:7.4",
        "jaeger_image": "jaegertracing/jaeger:2.13.0",
        "operator_namespace": "frametrace-system",
        "camera_networks_allow": (),
        "camera_networks_deny": ("10.96.0.0/12",),
    }
    return Platform(**(defaults | settings))


def _violations(pod: Mapping[str, Any]) -> Iterator[str]:
    """The restricted Pod Security Standard, written here once more from Kubernetes' own list."""
    if {"hostNetwork", "hostPID", "hostIPC"} & pod.keys():
        yield "host namespaces"
    if pod["securityContext"].get("runAsNonRoot") is not True or pod["securityContext"].get("runAsUser") == 0:
        yield "root"
    if pod["securityContext"].get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield "seccomp"
    allowed = {"name", "configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"}
    yield from (f"volume {volume['name']}" for volume in pod.get("volumes", []) if volume.keys() - allowed)
    for container in pod["containers"] + pod.get("initContainers", []):
        security = container.get("securityContext", {})
        if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
            yield "privileges"
        if "ALL" not in security.get("capabilities", {}).get("drop", []) or security["capabilities"].get("add"):
            yield "capabilities"
        if security.get("readOnlyRootFilesystem") is not True:
            yield "writable root"
        yield from ("host port" for port in container.get("ports", []) if "hostPort" in port)
    if pod.get("automountServiceAccountToken") is not False:
        yield "token"


@pytest.fixture(scope="session")
def make_pipeline() -> Callable[..., Pipeline]:
    """A pipeline of one camera and two stages; keywords replace fields of its spec."""
    return _pipeline


@pytest.fixture(scope="session")
def make_platform() -> Callable[..., Platform]:
    """A platform; keywords replace its settings."""
    return _platform


@pytest.fixture(scope="session")
def bodies() -> Callable[..., dict[tuple[str, str, str], Body]]:
    """All manifests of a pipeline by (kind, role, item), made with a fixed password."""

    def render(
        pipeline: Pipeline, platform: Platform | None = None, **options: Any
    ) -> dict[tuple[str, str, str], Body]:
        made = children(pipeline, platform or _platform(), new_password=lambda: "made-up_once", **options)
        found = {(child.body["kind"], child.role, child.item): child.body for child in made}
        assert len(found) == len(made)
        return found

    return render


@pytest.fixture(scope="session")
def container_of() -> Callable[[Body], Body]:
    """The one container of a Deployment."""

    def only(deployment: Body) -> Body:
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert isinstance(container, dict)
        return container

    return only


@pytest.fixture(scope="session")
def environment_of(container_of: Callable[[Body], Body]) -> Callable[[Body], dict[str, Any]]:
    """A Deployment's variables in order, by name: the value, or the source."""

    def read(deployment: Body) -> dict[str, Any]:
        variables = container_of(deployment)["env"]
        assert len({variable["name"] for variable in variables}) == len(variables)
        return {variable["name"]: variable.get("value", variable.get("valueFrom", "")) for variable in variables}

    return read


@pytest.fixture(scope="session")
def restricted() -> Callable[[Child], list[str]]:
    """What in a child the restricted standard, a read-only root and no token forbid."""

    def look(child: Child) -> list[str]:
        return list(_violations(child.body["spec"]["template"]["spec"])) if child.body["kind"] == "Deployment" else []

    return look
