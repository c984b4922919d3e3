"""What every rule has to have, and that it asks only for series which the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from frametrace_operator.guard.evidence import BYTES_A_SPAN
from frametrace_operator.plugin.app import app as plugin

from scripts.monitoring.metrics import series_names
from scripts.monitoring.promql import metric_names
from scripts.monitoring.rules import RULES, RUNBOOKS, Rule
from scripts.reference import alerts, metrics

ALERTS = [rule for rule in RULES if rule.alert]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("up", {"up"}),
        ('rate(a_total{b="c and d"}[5m]) > 10e9', {"a_total"}),
        ("max by (x) (a) > on (x) group_left () (30 * b:c:rate5m)", {"a", "b:c:rate5m"}),
        ("histogram_quantile(0.95, sum by (le) (rate(d_bucket[$__rate_interval])))", {"d_bucket"}),
        ("time() - a offset 10m unless b", {"a", "b"}),
    ],
)
def test_names_are_found_in_expressions(expression: str, names: set[str]) -> None:
    assert metric_names(expression) == names


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.alert or rule.record)
def test_a_rule_asks_for_series_that_exist(rule: Rule) -> None:
    known = series_names() | {each.record for each in RULES if each.record}

    assert metric_names(rule.expr) <= known
    assert metric_names(rule.expr)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.alert)
def test_an_alert_tells_what_it_means_and_leads_to_its_page(rule: Rule) -> None:
    assert set(rule.annotations) == {"summary", "description", "runbook_url"}
    assert rule.labels["severity"] in {"warning", "critical"}
    assert (
        rule.annotations["runbook_url"] == f"docs/runbooks/{rule.alert}.md"
    )  # the chart's `runbooks` says where they are
    page = (RUNBOOKS / f"{rule.alert}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {rule.alert}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == ["What it means", "What to look at", "What to do"]


def test_there_is_no_page_without_an_alert_and_no_name_twice() -> None:
    names = [rule.alert or rule.record for rule in RULES]

    assert len(set(names)) == len(names)
    assert {page.stem for page in RUNBOOKS.glob("*.md")} == {rule.alert for rule in ALERTS}


def test_the_task_names_its_series() -> None:
    [rule] = [each for each in RULES if each.record == "frame_processing_duration"]

    assert "histogram_quantile(0.95, sum by (namespace, pipeline, camera, stage, le)" in rule.expr


def test_a_span_counts_as_many_bytes_as_for_the_guard() -> None:
    [rule] = [each for each in RULES if each.record == "pipeline:frametrace_trace_bytes:per_day"]

    assert rule.expr.endswith(f"* {BYTES_A_SPAN} * 86400")


@pytest.mark.parametrize("made", [alerts, metrics], ids=["alerts", "metrics"])
def test_the_reference_is_what_the_code_says(made: object) -> None:
    page = made.PAGE.read_text(encoding="utf-8")  # type: ignore[attr-defined]

    assert page == made.page(), "run: scripts/generate.sh"  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_the_plugins_commands_on_a_page_exist(page: Path) -> None:
    known = {command.name or command.callback.__name__ for command in plugin.registered_commands if command.callback}
    text = page.read_text(encoding="utf-8")

    assert set(re.findall(r"kubectl frametrace ([a-z]+)", text)) <= known
    assert "kubectl" in text


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_a_page_says_whose_name_and_namespace_its_commands_need(page: Path) -> None:
    """Whoever is called at night has another pipeline than `entrance`, in another namespace than the context's."""
    text = page.read_text(encoding="utf-8")
    note = "Add `-n` and the alert's `namespace` to each command without one; its `pipeline`, `camera` and `stage` go where"

    assert (note in text) == bool(re.search(r"^kubectl .*\bentrance\b", text, re.MULTILINE))


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.stem)
def test_the_operators_logs_are_those_of_all_its_replicas(page: Path) -> None:
    """Of a Deployment kubectl takes one pod, which with two replicas may be the one that does not lead."""
    assert "logs deployment/" not in page.read_text(encoding="utf-8")
