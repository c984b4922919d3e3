"""install.yaml is the chart's own objects, without helm's marks, in an order that kubectl can apply."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.cluster.build import binary
from scripts.cluster.commands import answer
from scripts.images.build import TIMESTAMP
from scripts.release.artifacts import write_chart
from scripts.release.manifest import MOST_BYTES, NAMESPACE, install_manifest
from scripts.release.version import current
from tests.contract.chart.rendering import render

pytestmark = pytest.mark.contract

#: What is helm's alone, and says whose the objects are.
_HELMS = {
    ("labels", "helm.sh/chart"),
    ("labels", "app.kubernetes.io/managed-by"),
    ("annotations", "helm.sh/resource-policy"),
}


def _key(body: dict[str, Any]) -> tuple[str, str]:
    return body["kind"], body["metadata"]["name"]


def _differences(one: Any, other: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where two objects differ, by the names that lead there; what is empty and what is missing are the same."""
    if isinstance(one, dict | None) and isinstance(other, dict | None):
        first, second = one or {}, other or {}
        for name in first.keys() | second.keys():
            yield from _differences(first.get(name), second.get(name), (*path, name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, (*path, str(at)))
    elif one != other:
        yield path


def test_a_difference_anywhere_is_found() -> None:
    one = {"rules": [{"verbs": ["get"]}], "metadata": {"labels": {"a": "b"}}}

    assert list(_differences(one, one)) == []
    assert set(_differences(one, {"rules": [{"verbs": ["*"]}]})) == {
        ("rules", "0", "verbs", "0"),
        ("metadata", "labels", "a"),
    }
    assert list(_differences(one, {**one, "rules": []})) == [("rules",)]


def test_the_manifest_is_what_the_chart_makes_and_its_namespace(tmp_path: Path) -> None:
    documents = list(yaml.safe_load_all(install_manifest(current())))
    rendered = {_key(body): body for body in render({}, tmp_path)}

    assert [body["kind"] for body in documents[:2]] == ["Namespace", "CustomResourceDefinition"]
    assert {_key(body) for body in documents[1:]} == rendered.keys()
    for body in documents[1:]:
        assert {path for path in _differences(rendered[_key(body)], body) if path[-2:] not in _HELMS} == set(), _key(
            body
        )
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
    with tarfile.open(package) as files:
        assert {f"frametrace/{name}" for name in ("README.md", "LICENSE", "Chart.yaml")} <= set(files.getnames())
        assert {member.mtime for member in files} == {TIMESTAMP}
    (tmp_path / "again").mkdir()
    assert write_chart(tmp_path / "again", current(), tmp_path / "logs").read_bytes() == package.read_bytes()


def test_a_release_for_a_registry_names_it_in_the_chart_and_in_what_the_chart_says(tmp_path: Path) -> None:
    package = write_chart(tmp_path, current(), tmp_path / "logs", "registry.example/cams")

    with tarfile.open(package) as files:
        files.extractall(tmp_path, filter="data")

    assert '| `images.registry` | `"registry.example/cams"` |' in (tmp_path / "frametrace/README.md").read_text("utf-8")
    rendered = answer("render", [str(binary("helm")), "template", "x", str(package)])
    assert f"image: registry.example/cams/frametrace-operator:{current()}" in rendered.replace('"', "")
    assert "localhost/" not in rendered
