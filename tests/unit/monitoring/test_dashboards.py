"""Laws of the dashboards, and that they are what their code makes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from scripts.dashboards.__main__ import files
from scripts.dashboards.panels import SCHEMA
from scripts.monitoring.dashboards import DATA_SOURCES, FILES, asks, load, panels, prometheus_asks, with_values
from scripts.monitoring.metrics import operator_metrics, runtime_metrics, series_names
from scripts.monitoring.promql import metric_names
from scripts.monitoring.rules import RULES

EVERY = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
_FREE = {"prometheus", "jaeger", "__rate_interval", "__url_time_range", "__value", "__data"}
_MATCHER = re.compile(r'(\w+)\s*(=~|!=|=|!~)\s*"([^"]*)"')


def dashboard(name: str) -> dict[str, Any]:
    return load(next(file for file in FILES if file.stem == name))


def test_they_are_what_their_code_makes() -> None:
    made = files()

    assert set(made) == set(FILES)
    assert {path.name: path.read_text(encoding="utf-8") == text for path, text in made.items()} == {
        path.name: True for path in made
    }, "run: scripts/generate.sh"


@EVERY
def test_grafana_10_reads_its_schema(file: Path) -> None:
    whole = load(file)

    assert whole["schemaVersion"] == SCHEMA == 41
    assert "elements" not in whole  # of the schema that came after the classic one
    read = Dashboard.from_json(whole)
    assert JSONEncoder().encode(read.templating)
    assert [panel.title for panel in read.panels or ()] == [panel["title"] for panel in whole["panels"]]


@EVERY
def test_panels_have_numbers_and_places_of_their_own(file: Path) -> None:
    found = load(file)["panels"]
    places = [panel["gridPos"] for panel in found]

    assert len({panel["id"] for panel in found}) == len(found)
    assert all(place["x"] + place["w"] <= 24 for place in places)
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)


@EVERY
def test_panels_say_what_they_show_and_in_which_unit(file: Path) -> None:
    for panel in panels(load(file)):
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]


@EVERY
def test_every_query_goes_to_a_data_source_that_a_person_chooses(file: Path) -> None:
    whole = load(file)
    kinds = {each["name"]: each["query"] for each in whole["templating"]["list"] if each["type"] == "datasource"}

    assert kinds == {"prometheus": "prometheus", "jaeger": "jaeger"}
    places = [panel["datasource"] for panel in panels(whole)]
    places += [target["datasource"] for panel in panels(whole) for target in panel["targets"]]
    places += [each["datasource"] for each in whole["templating"]["list"] if each["type"] == "query"]
    assert all(place == {"type": place["type"], "uid": f"${{{place['type']}}}"} for place in places)


@EVERY
def test_every_variable_that_is_used_exists(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    used = {found[0] or found[1] for found in re.findall(r"\$\{(\w+)[^}]*\}|\$(\w+)", text)}

    assert used <= {each["name"] for each in load(file)["templating"]["list"]} | _FREE


def test_no_name_of_anybodys_stands_in_a_query() -> None:
    ours = {"state", "outcome", "ready"}
    for ask in prometheus_asks():
        for label, _, value in _MATCHER.findall(ask.query):
            assert label in ours or value.startswith("$"), (ask.where, label, value)


def test_every_query_asks_for_series_that_exist() -> None:
    known = series_names() | {rule.record for rule in RULES if rule.record}
    values = dict.fromkeys(("namespace", "pipeline", "camera", "stage", "__tags"), "x") | {"__rate_interval": "1m"}

    unknown = {ask.where: metric_names(with_values(ask.query, values)) - known for ask in prometheus_asks()}

    assert {where: names for where, names in unknown.items() if names} == {}


def test_labels_that_are_asked_for_exist() -> None:
    labels = {label for each in (*runtime_metrics(), *operator_metrics()) for label in each.labels}
    labels |= {"le", "pod", "instance"}  # of a histogram's buckets, and of what Prometheus scrapes

    for ask in prometheus_asks():
        named = {label for label, _, _ in _MATCHER.findall(ask.query)}
        named |= {name.strip() for group in re.findall(r"by \(([^)]*)\)", ask.query) for name in group.split(",")}
        assert named <= labels, ask.where


@pytest.mark.parametrize(
    "title",
    [
        "The frame's journey", "Stage latency (p95)", "Slow frames", "Completeness", "Rollback timeline", "Overhead",
        "Broker lag", "Frames a second", "Storage a day", "Dead letters", "Cameras away",
    ],
)  # fmt: skip
def test_frame_tracking_shows(title: str) -> None:
    assert title in {panel["title"] for panel in panels(dashboard("frame-tracking"))}


def test_a_person_chooses_by_these_variables() -> None:
    variables = dashboard("frame-tracking")["templating"]["list"]
    wanted = {"prometheus", "jaeger", "namespace", "pipeline", "camera", "stage", "frame_id"}

    assert wanted <= {each["name"] for each in variables}
    assert {each["type"] for each in variables if each["name"] in {"frame_id", "trace_id"}} == {"textbox"}


def test_data_sources_lead_to_one_another_and_to_the_dashboard() -> None:
    sources = {each["type"]: each for each in yaml.safe_load(DATA_SOURCES.read_text(encoding="utf-8"))["datasources"]}
    jaeger, prometheus = sources["jaeger"], sources["prometheus"]
    by_trace, by_frame = prometheus["jsonData"]["exemplarTraceIdDestinations"]

    assert (prometheus["uid"], jaeger["uid"]) == ("frametrace-prometheus", "frametrace-jaeger")
    assert (by_trace["name"], by_trace["datasourceUid"]) == ("trace_id", jaeger["uid"])
    assert by_frame["name"] == "frame_id"
    path, _, query = by_frame["url"].replace("$$", "$").partition("?")
    assert path == f"/d/{dashboard('frame-tracking')['uid']}"
    assert query.split("&") == [
        "${__url_time_range}",
        f"var-prometheus={prometheus['uid']}",
        f"var-jaeger={jaeger['uid']}",
        "var-namespace=${__data.fields.namespace}",
        "var-pipeline=${__data.fields.pipeline}",
        "var-frame_id=${__value.raw}",
    ]
    assert jaeger["jsonData"]["tracesToMetrics"]["datasourceUid"] == prometheus["uid"]


def test_a_click_on_a_trace_keeps_what_was_chosen() -> None:
    whole = dashboard("frame-tracking")
    chosen = {each["name"] for each in whole["templating"]["list"]} - {"trace_id"}
    [url] = {
        link["url"]
        for panel in panels(whole)
        for override in panel["fieldConfig"]["overrides"]
        for value in override["properties"]
        for link in value["value"]
    }

    assert {f"${{{name}:queryparam}}" for name in chosen} <= set(url.split("&"))


def test_what_is_away_is_told_by_who_survives_it() -> None:
    """A dead capture has no series, and would count as none that is away."""
    asked = {ask.query for ask in prometheus_asks() if ask.where.partition(" / ")[2].startswith("Cameras away")}

    assert len(asked) == 3
    assert all("frametrace_pipeline_cameras" in query and "vector(0)" not in query for query in asked)


def test_a_zero_is_drawn_only_where_there_is_nothing_else() -> None:
    """`or vector(0)` adds a series without labels to the others, whose name in the legend is a lone slash or nothing."""
    zeros = [ask.query for ask in prometheus_asks() if "vector(0)" in ask.query]

    assert len(zeros) == 4
    assert all(query.endswith(" or on () vector(0)") for query in zeros)


def test_pipelines_of_the_same_name_are_told_apart() -> None:
    slow = [ask.query for file in FILES for ask in asks(file) if ask.kind == "jaeger" and ask.query.get("minDuration")]
    [jaeger] = [each for each in yaml.safe_load(DATA_SOURCES.read_text())["datasources"] if each["type"] == "jaeger"]

    assert ["k8s.namespace.name=${namespace}" in query["tags"] for query in slow] == [True]
    assert {"key": "k8s.namespace.name", "value": "namespace"} in jaeger["jsonData"]["tracesToMetrics"]["tags"]


def test_exemplars_are_shown_where_latencies_are() -> None:
    shown = [
        target["exemplar"]
        for panel in panels(dashboard("frame-tracking"))
        if panel["title"] in {"Stage latency (p95)", "How long frames take"}
        for target in panel["targets"]
    ]

    assert shown == [True, True]


def test_queries_of_jaeger_name_only_the_capture_service() -> None:
    services = {
        ask.query["service"] for file in FILES for ask in asks(file) if ask.kind == "jaeger" and "service" in ask.query
    }

    assert services == {"rtsp-capture", "${service}"}
