"""Annotations that the chart's owner gives to all objects, and those that the definition has of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.chart.__main__ import TEMPLATE
from scripts.cluster.build import binary

pytestmark = pytest.mark.contract

EXAMPLE = TEMPLATE.parents[3] / "docs" / "gitops" / "argocd" / "application.yaml"
WAVE = "argocd.argoproj.io/sync-wave"


def test_argo_cds_example_puts_the_definition_first_and_the_operator_next(tmp_path: Path) -> None:
    source = yaml.safe_load(EXAMPLE.read_text())["spec"]["sources"][0]
    (tmp_path / "values.yaml").write_text(
        yaml.safe_dump(source["helm"]["valuesObject"] | {"dashboards": {"enabled": True}})
    )
    command = [
        str(binary("helm")),
        "template",
        "frametrace",
        str(TEMPLATE.parents[1]),
        "-f",
        str(tmp_path / "values.yaml"),
    ]
    environment = {f"HELM_{kind}_HOME": str(tmp_path) for kind in ("CACHE", "CONFIG", "DATA")}
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    documents: list[dict[str, Any]] = [body for body in yaml.safe_load_all(text) if body]
    waves = {(body["kind"], body["metadata"]["annotations"][WAVE]) for body in documents}
    assert {wave for kind, wave in waves if kind == "CustomResourceDefinition"} == {"-2"}
    assert {wave for kind, wave in waves if kind != "CustomResourceDefinition"} == {"-1"}
    [definition] = [body for body in documents if body["kind"] == "CustomResourceDefinition"]
    assert definition["metadata"]["annotations"] == {
        WAVE: "-2",
        "argocd.argoproj.io/sync-options": "ServerSideApply=true",
        "helm.sh/resource-policy": "keep",
    }
