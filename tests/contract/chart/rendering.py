"""The chart as the real helm renders it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from scripts.chart.__main__ import TEMPLATE
from scripts.cluster.build import binary

__all__ = ["CHART", "environment_of", "helm", "of_kind", "operator_pod", "render"]

CHART = TEMPLATE.parents[1]
_NAMESPACE = "frametrace-system"


def helm(
    *arguments: str, values: dict[str, Any], folder: Path, namespace: str = _NAMESPACE
) -> subprocess.CompletedProcess[str]:
    """Run helm on the chart with these values; its own files go into the folder."""
    program = binary("helm")
    assert program.exists(), "helm is not built: run python -m scripts.cluster build"
    (folder / "values.json").write_text(json.dumps(values))
    command = [str(program), *arguments, str(CHART), "--namespace", namespace]
    command += ["--values", str(folder / "values.json")]
    environment = {f"HELM_{kind}_HOME": str(folder) for kind in ("CACHE", "CONFIG", "DATA")}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def render(
    values: dict[str, Any], folder: Path, release: str = "frametrace", namespace: str = _NAMESPACE
) -> list[dict[str, Any]]:
    """Objects that a release with these values has."""
    done = helm("template", release, values=values, folder=folder, namespace=namespace)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.load_all(done.stdout, yaml.CSafeLoader) if document]


def of_kind(kind: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of one kind."""
    return [document for document in documents if document["kind"] == kind]


def operator_pod(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """The specification of the operator's pods."""
    [deployment] = of_kind("Deployment", documents)
    pod: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


def environment_of(documents: list[dict[str, Any]]) -> dict[str, str | None]:
    """The operator's environment, as far as its values stand there."""
    [container] = operator_pod(documents)["containers"]
    return {entry["name"]: entry.get("value") for entry in container["env"]}
