"""Brings the product and what the demo needs beside it into a cluster; each function is safe to call again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from frametrace_api.group import CRD_NAME
from frametrace_operator.naming import MONITORING_NAMESPACE

from scripts.cluster.commands import run_logged
from scripts.cluster.images import JAEGER_IMAGE, PROMETHEUS_IMAGE, REDIS_IMAGE
from scripts.demo.places import CAMERAS, LABEL, MANIFESTS, MONITORING, RELEASE, ROOT, RULES, SYSTEM, state
from scripts.demo.target import helm_environment

if TYPE_CHECKING:
    from scripts.demo.target import Target

__all__ = ["Images", "install_camera", "install_chart", "install_prometheus", "make_namespace", "owns_definition"]

_ROLLOUT = "--timeout=180s"


@dataclass(frozen=True, slots=True)
class Images:
    """References of the images that were built for this run."""

    operator: str
    runtime: str
    camera: str


def make_namespace(target: Target, name: str, **more: str) -> None:
    """Make a namespace that holds its pods to the ``restricted`` standard, unless there is one of this name; `more` labels."""
    if (
        name
        in target.ask(f"look for namespace {name}", "get", "namespaces", "-o", "name").replace("namespace/", "").split()
    ):
        return
    labels = {LABEL: "true", "pod-security.kubernetes.io/enforce": "restricted", **more}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    target.ask(f"make namespace {name}", "apply", "-f", "-", stdin=json.dumps(manifest))


def install_chart(target: Target, images: Images) -> None:
    """Install or upgrade the chart with this checkout's images, and wait until the operator is ready.

    A definition of CameraPipelines that somebody else installed stays as it is; on the local cluster the chart takes it over.
    """
    make_namespace(target, SYSTEM)
    references = {
        "operator": images.operator, "runtime": images.runtime, "redis": REDIS_IMAGE, "jaeger": JAEGER_IMAGE
    }  # fmt: skip
    ours = target.is_local or owns_definition(target) is not False
    values = state() / "values.json"
    values.write_text(json.dumps({"images": references, "crds": {"install": ours, "keep": True}}), encoding="utf-8")
    command = target.helm(
        "upgrade", RELEASE, str(ROOT / "charts" / "frametrace"), "--install", "--namespace", SYSTEM,
        "--values", str(values), "--wait", "--timeout", "180s",
        *(["--take-ownership", "--force-conflicts"] if target.is_local else []),
    )  # fmt: skip
    run_logged("install the chart", command, state() / "helm.log", environment=helm_environment(state()))


def owns_definition(target: Target) -> bool | None:
    """Tell whether the demo's release installed the definition of CameraPipelines; None when there is none."""
    found = target.ask("look for the CRD", "get", "crd", CRD_NAME, "--ignore-not-found", "-o", "json").strip()
    if not found:
        return None
    notes = json.loads(found)["metadata"].get("annotations", {})
    return (notes.get("meta.helm.sh/release-name"), notes.get("meta.helm.sh/release-namespace")) == (RELEASE, SYSTEM)


def install_prometheus(target: Target, images: Images) -> None:
    """Apply Prometheus with Frametrace's recording rules, and the program that tells it what to scrape."""
    make_namespace(target, MONITORING, **MONITORING_NAMESPACE)
    rules = RULES.read_text(encoding="utf-8")
    discovery = Path(__file__).with_name("discovery.py").read_text(encoding="utf-8")
    text = (MANIFESTS / "prometheus.yaml").read_text(encoding="utf-8")
    manifest = Template(text).substitute(
        prometheus_image=PROMETHEUS_IMAGE,
        runtime_image=images.runtime,
        rules=_indented(rules),
        discovery=_indented(discovery),
        config_hash=hashlib.sha256((text + rules + discovery).encode()).hexdigest()[:16],
    )
    target.ask("apply Prometheus", "apply", "-f", "-", stdin=manifest)


def _indented(text: str) -> str:
    """Return ``text`` as it stands in a ConfigMap's block, four spaces deep."""
    return text.strip().replace("\n", "\n    ")


def install_camera(target: Target, images: Images) -> None:
    """Apply the simulated camera and wait until it serves."""
    make_namespace(target, CAMERAS)
    text = (MANIFESTS / "camera.yaml").read_text(encoding="utf-8")
    target.ask("apply the camera", "apply", "-f", "-", stdin=Template(text).substitute(camera_image=images.camera))
    target.ask("wait for the camera", "-n", CAMERAS, "rollout", "status", "deployment/camera", _ROLLOUT, seconds=200)
