"""Row 3.1: a Grafana panel shows the frame's path; Prometheus answers `frame_processing_duration` with time series."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from scripts.monitoring.dashboards import FILES, load, panels
from scripts.monitoring.rules import RULE_FILE
from scripts.servers.prometheus import PrometheusServer
from tests.real.pipeline import LocalPipeline

pytestmark = pytest.mark.contract


def test_3_1_prometheus_answers_the_tasks_query_with_series(
    prometheus: PrometheusServer, traced: LocalPipeline
) -> None:
    found = prometheus.query("frame_processing_duration")

    labels = [series["metric"] for series in found]
    assert {each["stage"] for each in labels} == {"capture", *(name for name, _ in traced.topology.stages)}
    assert {each["camera"] for each in labels} == {"cam01"}
    assert all(0 < float(series["value"][1]) < 30 for series in found)


def test_3_1_the_rule_ships_as_a_file_and_with_the_chart() -> None:
    chart = RULE_FILE.parents[2] / "charts" / "frametrace" / "files" / RULE_FILE.name

    for file in (RULE_FILE, chart):
        groups = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        assert "frame_processing_duration" in {rule.get("record") for group in groups for rule in group["rules"]}


def test_3_1_a_panel_shows_the_frames_path(query: Any, traced: LocalPipeline) -> None:
    [file] = [each for each in FILES if each.stem == "frame-tracking"]
    [path] = [panel for panel in panels(load(file)) if panel["type"] == "traces"]
    [search] = [panel["targets"][0] for panel in panels(load(file)) if panel["title"] == "Find the frame"]
    [trace, *_] = query.get("/api/traces", service=search["service"], limit="1")["data"]
    [frame_id] = {tag["value"] for span in trace["spans"] for tag in span["tags"] if tag["key"] == "frame.id"}

    found = query.get(
        "/api/traces", service=search["service"], tag=search["tags"].replace("=${frame_id}", f":{frame_id}")
    )
    journey = query.get(
        f"/api/traces/{path['targets'][0]['query'].replace('${trace_id}', found['data'][0]['traceID'])}"
    )

    assert [each["traceID"] for each in found["data"]] == [trace["traceID"]]
    assert journey["data"][0]["traceID"] == trace["traceID"]
