"""install.yaml is the chart's own objects, without helm's marks, in an order that kubectl can apply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.release.artifacts import write_chart
from scripts.release.manifest import MOST_BYTES, NAMESPACE, install_manifest
from scripts.release.version import current
from tests.contract.chart.rendering import render

pytestmark = pytest.mark.contract


def _key(body: dict[str, Any]) -> tuple[str, str]:
    return body["kind"], body["metadata"]["name"]


def test_the_manifest_is_what_the_chart_makes_and_its_namespace(tmp_path: Path) -> None:
    documents = list(yaml.safe_load_all(install_manifest(current())))
    rendered = {_key(body): body for body in render({}, tmp_path)}

    assert [body["kind"] for body in documents[:2]] == ["Namespace", "CustomResourceDefinition"]
    assert {_key(body) for body in documents[1:]} == rendered.keys()
    for body in documents[1:]:
        assert body.get("spec", {}).get("template", {}).get("spec") == rendered[_key(body)].get("spec", {}).get(
            "template", {}
        ).get("spec")
        assert body["metadata"].get("namespace") in (None, NAMESPACE)
    assert "helm" not in json.dumps(documents).lower()


def test_every_object_is_small_enough_for_kubectl_apply() -> None:
    text = install_manifest(current())

    sizes = [len(json.dumps(body, separators=(",", ":"))) for body in yaml.safe_load_all(text)]

    assert max(sizes) < MOST_BYTES
    assert "# kubectl apply -f install.yaml" in text


def test_values_reach_the_manifest() -> None:
    text = install_manifest(current(), {"images": {"registry": "registry.example/cams"}})

    assert f"registry.example/cams/frametrace-operator:{current()}" in text


def test_the_charts_package_has_its_version_and_its_readme(tmp_path: Path) -> None:
    package = write_chart(tmp_path, current(), tmp_path / "logs")

    assert package.name == f"frametrace-{current()}.tgz"
    assert package.stat().st_size > 10_000
