"""The example pipeline: applied, watched until it is Ready, looked into when it is not, and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from frame_tracking.topology import Topology

from scripts.cluster.errors import ClusterError
from scripts.demo.places import EXAMPLE, state
from scripts.demo.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from scripts.demo.target import Target

__all__ = ["Example", "apply_example", "not_rolled_out", "read_example", "ready_state", "wait_ready"]

_READY_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Example:
    """The pipeline in docs/examples/camera.yaml."""

    namespace: str
    name: str
    stages: tuple[tuple[str, str], ...]
    file: Path = EXAMPLE

    @property
    def topology(self) -> Topology:
        """The tree of stages that a whole journey goes through."""
        return Topology.of(self.stages)

    @property
    def runtime_selector(self) -> str:
        """Labels of the Deployments that run its captures and stages."""
        return f"frametrace.dev/pipeline={self.name},frametrace.dev/role in (capture,stage)"

    @property
    def jaeger_selector(self) -> str:
        """Labels of the Jaeger that the operator runs for it."""
        return f"frametrace.dev/pipeline={self.name},frametrace.dev/role=jaeger"


def read_example(file: Path = EXAMPLE) -> Example:
    """Read the example's file.

    Raises:
        ClusterError: it does not hold one CameraPipeline.
    """
    try:
        document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        metadata, spec = document["metadata"], document["spec"]
        stages = tuple((stage["name"], stage.get("input", "capture")) for stage in spec.get("stages", []))
        return Example(metadata.get("namespace", "default"), metadata["name"], stages, file)
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ClusterError("read the example", f"{file} does not hold one CameraPipeline: {error!r}") from error


def apply_example(target: Target, example: Example) -> None:
    """Apply the example as a user would."""
    target.ask("apply the pipeline", "-n", example.namespace, "apply", "-f", str(example.file))


def ready_state(resource: Mapping[str, Any]) -> tuple[bool, str]:
    """Tell whether a pipeline is Ready for its newest spec, and in its own words why not."""
    status = resource.get("status") or {}
    if status.get("observedGeneration") != resource["metadata"].get("generation"):
        return False, "the operator has not seen the pipeline yet"
    conditions = {condition["type"]: condition for condition in status.get("conditions", [])}
    ready = conditions.get("Ready") or {"status": "Unknown", "reason": "Unknown", "message": "no condition yet"}
    return ready["status"] == "True", f"{ready['reason']}: {ready.get('message', '')}"


def not_rolled_out(deployments: Iterable[Mapping[str, Any]], image: str) -> str:
    """Say which Deployments do not run ``image`` in all their pods yet; empty when all do.

    After an upgrade of the operator a pipeline is still Ready with its old pods, until the new operator replaces them.
    """

    def behind(deployment: Mapping[str, Any]) -> bool:
        spec, status = deployment["spec"], deployment.get("status") or {}
        wanted = spec.get("replicas", 1)
        current = status.get("observedGeneration") == deployment["metadata"].get("generation")
        counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "readyReplicas")]
        images = {container["image"] for container in spec["template"]["spec"]["containers"]}
        return not current or counts != [wanted] * 3 or image not in images

    names = [deployment["metadata"]["name"] for deployment in deployments if behind(deployment)]
    return f"new pods are being started: {', '.join(sorted(names))}" if names else ""


def wait_ready(target: Target, example: Example, image: str) -> None:
    """Wait until the pipeline is Ready with captures and stages that run ``image``.

    Raises:
        ClusterError: it is not after three minutes; its log holds what the cluster says about it.
    """
    log = state() / "pipeline.log"

    def look() -> tuple[bool | None, str]:
        resource = target.read("read the pipeline", "-n", example.namespace, "camerapipeline", example.name)
        ready, reason = ready_state(resource)
        if ready:
            deployments = target.read(
                "read the Deployments", "-n", example.namespace, "deployments", "-l", example.runtime_selector
            )["items"]
            reason = not_rolled_out(deployments, image)
            ready = not reason
        return (True if ready else None), reason

    try:
        wait_for("wait until the pipeline is Ready", look, seconds=_READY_SECONDS, log=log)
    except ClusterError:
        _explain(target, example, log)
        raise


def _explain(target: Target, example: Example, log: Path) -> None:
    questions = (
        ("get", "camerapipeline", example.name, "-o", "yaml"),
        ("get", "pods,deployments,services", "-o", "wide"),
        ("get", "events", "--sort-by=.lastTimestamp"),
        ("logs", "-l", f"frametrace.dev/pipeline={example.name}", "--all-containers", "--prefix", "--tail=40"),
        ("logs", "-n", "frametrace-system", "-l", "app.kubernetes.io/part-of=frametrace", "--prefix", "--tail=200"),
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        for question in questions:
            file.write(f"\n$ kubectl {' '.join(question)}\n")
            try:
                file.write(target.ask("look into the pipeline", "-n", example.namespace, *question))
            except ClusterError as error:
                file.write(f"{error.reason}\n")
