"""Names of the chart's objects: whatever a release is called, they are valid and no two are one."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.contract.chart.rendering import environment_of, of_kind, render
from tests.real.schemas import schema_errors

pytestmark = pytest.mark.contract

_SERVICE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")  # the strictest: RFC 1035
_OBJECT = re.compile(r"[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?")
_RIGHTS = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}  # whose names may have colons
_WITHOUT_SCHEMA = {"PrometheusRule", "PodMonitor"}
_VALUES = {
    "replicas": 2,
    "crds": {"install": False},
    **{kind: {"enabled": True} for kind in ("dashboards", "podMonitor", "prometheusRule", "networkPolicy")},
}


@pytest.mark.parametrize(
    "release",
    ["a", "1", "frametrace", "v1.frametrace", "2.cams", "my-camera-platform-production-eu-west-observability",
     "a" * 43, "a" * 44, "1" * 53, "frametrace-" + "b" * 42, "c" * 42 + "-frametrace", "d" * 44 + ".e.f.g.h"],
)  # fmt: skip
def test_names_are_valid_and_each_is_there_once(release: str, tmp_path: Path) -> None:
    documents = render(_VALUES, tmp_path, release)

    keys = Counter((body["kind"], body["metadata"]["name"]) for body in documents)
    assert keys.total() == len(keys)
    for kind, name in keys:
        assert (_SERVICE if kind in ("Service", "Deployment") else _OBJECT).fullmatch(
            name.replace(":", "-") if kind in _RIGHTS else name
        ), (kind, name)
    [service], [deployment] = of_kind("Service", documents), of_kind("Deployment", documents)
    assert service["metadata"]["name"] == deployment["metadata"]["name"]
    assert len(of_kind("ConfigMap", documents)) > 1


def test_two_long_or_alike_releases_have_names_of_their_own(tmp_path: Path) -> None:
    releases = ["e" * 50 + "-a", "e" * 50 + "-b", "v1.cams", "v1-cams", "1cams", "release-1cams"]

    names = {of_kind("Deployment", render(_VALUES, tmp_path, each))[0]["metadata"]["name"] for each in releases}

    assert len(names) == len(releases)


def test_releases_of_two_namespaces_do_not_meet_in_the_whole_cluster(tmp_path: Path) -> None:
    one, other = (
        _whole_cluster(render(_VALUES, tmp_path, release, namespace))
        for namespace, release in (("team-a", "frametrace"), ("team", "a-frametrace"))
    )

    assert one
    assert not one & other


@pytest.mark.parametrize("name", ["123", "true", "null"])
def test_names_that_yaml_takes_for_something_else_stay_names(name: str, tmp_path: Path) -> None:
    values = _VALUES | {
        "watchNamespaces": [name, "yard"],
        "serviceAccount": {"name": name},
        "priorityClassName": name,
        "images": {"pullSecrets": [name]},
    }
    documents = render(values, tmp_path, name, name)

    for body in documents:
        if body["kind"] not in _WITHOUT_SCHEMA:
            assert schema_errors(body, "1.33.0") == []
    texts = [each for body in documents for each in _texts(body["metadata"])]
    assert [each for each in texts if not isinstance(each, str)] == []
    told = dict(each.split("=") for each in (environment_of(documents)["FRAMETRACE_POD_LABELS"] or "").split(","))
    assert told == of_kind("Deployment", documents)[0]["spec"]["selector"]["matchLabels"]


def _texts(metadata: dict[str, Any]) -> list[Any]:
    return [metadata["name"], metadata.get("namespace", ""), *metadata["labels"].values()]


def _whole_cluster(documents: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(body["kind"], body["metadata"]["name"]) for body in documents if body["kind"].startswith("ClusterRole")}
