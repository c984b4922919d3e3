"""Every query of the dashboards and rules, on a real Prometheus and a real Jaeger that know a real pipeline."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from typing import Any

import pytest

from scripts.monitoring.dashboards import FILES, Ask, asks, prometheus_asks, with_values
from scripts.monitoring.rules import RULES, Rule
from scripts.servers.prometheus import PrometheusServer
from tests.real.jaeger import JaegerServer
from tests.real.watched import VALUES, until

pytestmark = pytest.mark.contract
JAEGER_ASKS = [ask for file in FILES for ask in asks(file) if ask.kind == "jaeger"]


@pytest.mark.parametrize("ask", prometheus_asks(), ids=lambda ask: ask.where)
def test_every_promql_of_the_dashboards_returns_data(ask: Ask, prometheus: PrometheusServer) -> None:
    expr = with_values(ask.query, VALUES)

    until(lambda: bool(prometheus.query(expr)), 30, f"{expr} returns data")


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.record], ids=lambda rule: rule.record)
def test_every_recorded_series_exists(rule: Rule, prometheus: PrometheusServer) -> None:
    until(lambda: bool(prometheus.query(rule.record)), 30, f"{rule.record} is recorded")


# Alerts return data only in trouble: tests/contract/rules shows each of them fire.
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.alert], ids=lambda rule: rule.alert)
def test_no_alert_fires_on_a_healthy_pipeline(rule: Rule, prometheus: PrometheusServer) -> None:
    assert prometheus.query(rule.expr) == []


def test_prometheus_finds_nothing_wrong_with_any_rule(prometheus: PrometheusServer) -> None:
    groups = prometheus.ask("/api/v1/rules")["groups"]
    found = [rule for group in groups for rule in group["rules"]]

    assert len(found) == len(RULES)
    until(
        lambda: (
            {rule["health"] for group in prometheus.ask("/api/v1/rules")["groups"] for rule in group["rules"]} == {"ok"}
        ),
        30,
        "every rule is evaluated",
    )


@pytest.fixture(scope="module")
def exemplar(prometheus: PrometheusServer, jaeger: JaegerServer) -> dict[str, str]:
    """Labels of an exemplar of a stage's latency whose trace has come to Jaeger."""
    found: list[dict[str, str]] = []

    def seen() -> bool:
        selector = 'frame_processing_duration_seconds_bucket{stage="motion"}'
        found[:] = prometheus.exemplars(selector, time.time() - 300, time.time())
        return bool(found) and bool(_traces(jaeger, f"/api/traces/{found[0]['trace_id']}"))

    until(seen, 30, "exemplars are kept, and their traces found")
    return found[0]


def _traces(jaeger: JaegerServer, path: str, **parameters: str) -> list[Any]:
    query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
    with urllib.request.urlopen(f"{jaeger.query_url}{path}{query}", timeout=10) as answer:
        traces: list[Any] = json.load(answer)["data"]
        return traces


def _asked(jaeger: JaegerServer, fields: dict[str, Any], values: dict[str, str]) -> list[Any]:
    """Ask as Grafana's Jaeger data source does."""
    if fields.get("queryType") != "search":
        return _traces(jaeger, f"/api/traces/{with_values(fields['query'], values)}")
    tags = dict(pair.split("=", 1) for pair in with_values(fields["tags"], values).split())
    asked = {"service": with_values(fields["service"], values), "tags": json.dumps(tags), "limit": str(fields["limit"])}
    if fields["minDuration"]:
        asked["minDuration"] = with_values(fields["minDuration"], values)
    return _traces(jaeger, "/api/traces", **asked, lookback="1h")


@pytest.mark.parametrize("service", ["rtsp-capture", "motion"])
@pytest.mark.parametrize("ask", JAEGER_ASKS, ids=lambda ask: ask.where)
def test_every_jaeger_query_finds_the_frame(
    ask: Ask, service: str, exemplar: dict[str, str], jaeger: JaegerServer
) -> None:
    values = {**VALUES, **exemplar, "service": service, "slower_than": "1us"}

    traces = _asked(jaeger, ask.query, values)

    assert traces
    if ask.query.get("minDuration"):
        assert all(any(span["duration"] >= 1 for span in trace["spans"]) for trace in traces)
    else:
        assert [trace["traceID"] for trace in traces] == [exemplar["trace_id"]]


def test_an_exemplar_leads_to_the_trace_of_its_frame(exemplar: dict[str, str], jaeger: JaegerServer) -> None:
    [trace] = _traces(jaeger, f"/api/traces/{exemplar['trace_id']}")
    ids = {tag["value"] for span in trace["spans"] for tag in span["tags"] if tag["key"] == "frame.id"}

    assert ids == {exemplar["frame_id"]}
