"""What the operator's benchmark reads and concludes: writes of the audit log, growth, and the children that are compared."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scripts.bench.operator_scale_parts import fleet
from scripts.bench.operator_scale_parts.audit import Write, beside_children, writes
from scripts.bench.operator_scale_parts.cluster_watch import LONGEST_CHANGE
from scripts.bench.operator_scale_parts.growth import drawn, excess
from scripts.bench.operator_scale_parts.measure import Changes, Ramp


def _event(
    verb: str,
    resource: str,
    *,
    name: str = "one",
    at: str = "2026-01-01T00:00:09.000000Z",
    agent: str = "frametrace-operator/1",
) -> str:
    resource, _, subresource = resource.partition("/")
    target = {"resource": resource, "subresource": subresource, "namespace": "a", "name": name}
    return json.dumps({"verb": verb, "objectRef": target, "requestReceivedTimestamp": at, "userAgent": agent})


def test_only_the_operators_own_later_writes_count_and_no_lease(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    lines = [
        _event("patch", "configmaps"),
        _event("get", "configmaps"),
        _event("update", "leases"),
        _event("patch", "configmaps", agent="kubectl/1"),
        _event("patch", "configmaps", at="2026-01-01T00:00:01.000000Z"),
    ]
    log.write_text("\n".join(lines) + "\n")

    assert writes([log], "2026-01-01T00:00:05.000000Z") == [Write("patch", "configmaps", "a", "one")]


def test_writes_about_a_pipeline_are_counted_by_pipeline(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    lines = [
        _event("patch", "camerapipelines/status", name="line-1"),
        _event("create", "events", name="line-1.0123abcd"),
        _event("patch", "camerapipelines/status", name="line-2"),
        _event("patch", "deployments", name="line-1-motion"),
    ]
    log.write_text("\n".join(lines) + "\n")

    assert beside_children(writes([log], "2026")) == {"a/line-1": 2, "a/line-2": 1}


def test_a_change_that_was_lost_took_longer_than_all_others() -> None:
    changes = Changes((0.1, 0.2, 0.3), ("a/line-1",), 2, {})

    assert [changes.quantile(part) for part in (0.5, 0.75, 1.0)] == [0.2, 0.3, LONGEST_CHANGE]


def test_growth_is_told_by_the_line_through_the_first_two() -> None:
    assert excess([(100, 10.0), (300, 30.0), (1000, 100.0)]) == pytest.approx(1.0)
    assert excess([(100, 10.0), (300, 30.0), (1000, 200.0)]) == pytest.approx(2.0)


def test_the_plot_is_a_picture_with_every_point() -> None:
    picture = ET.fromstring(drawn([Ramp(100, 9.0, 90.0, {}, {}), Ramp(300, 27.0, 120.0, {}, {})]))

    assert sum(element.tag.endswith("circle") for element in picture.iter()) == 4


def test_a_pipeline_has_the_children_that_the_benchmark_promises() -> None:
    kinds = sorted(body["kind"] for body in fleet.plain_children("a", 1))

    assert kinds == ["ConfigMap", "ConfigMap", "Deployment", "Deployment", "NetworkPolicy", "NetworkPolicy", "Service"]
