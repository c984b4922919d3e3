"""Every alert fires when it should and does not when it should not, as promtool reckons it from series."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.monitoring.rules import RULE_FILE, RULES
from tests.contract.rules.alert_cases import CASES, Case
from tests.contract.rules.stories import STORIES, Story

pytestmark = pytest.mark.contract
ALERTS = {rule.alert: rule for rule in RULES if rule.alert}
STEP = 15
"""Seconds from one value, and one look at the rules, to the next."""


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    binary = shutil.which("promtool")
    assert binary, "promtool is missing (apt-get install prometheus; make test does it)"
    return subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)


def run(folder: Path, tests: list[dict[str, Any]]) -> None:
    """Have promtool run tests in a file; it reads JSON as YAML."""
    whole = {"rule_files": [str(RULE_FILE)], "evaluation_interval": "15s", "tests": tests}
    file = folder / "tests.json"
    file.write_text(json.dumps(whole))
    done = promtool("test", "rules", str(file))
    assert done.returncode == 0, done.stdout + done.stderr


def asked(series: dict[str, str], case: Case, fires: dict[str, bool]) -> dict[str, Any]:
    """A test of promtool: whether the alert fires, by time."""
    rule = ALERTS[case.alert]
    labels = ",".join(
        [f'alertname="{case.alert}"', 'alertstate="firing"', f'severity="{rule.labels["severity"]}"', case.labels]
    )
    firing = [{"labels": f"ALERTS{{{labels.rstrip(',')}}}", "value": 1}]
    question = f'ALERTS{{alertname="{case.alert}",alertstate="firing"}}'
    return {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": question, "eval_time": at, "exp_samples": firing if yes else []} for at, yes in fires.items()
        ],
    }


def seconds(text: str) -> int:
    """Seconds of Prometheus' `1m30s`."""
    return sum(int(number) * {"m": 60, "s": 1}[unit] for number, unit in re.findall(r"(\d+)([ms])", text))


def test_the_rule_file_is_valid() -> None:
    done = promtool("check", "rules", str(RULE_FILE))

    assert done.returncode == 0, done.stderr


def test_every_alert_has_a_case() -> None:
    assert {case.alert for case in CASES} == set(ALERTS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_it_fires_and_is_silent(case: Case, tmp_path: Path) -> None:
    since = seconds(case.since)
    before = {f"{since - 2 * STEP}s": False} if since > STEP else {}

    run(
        tmp_path,
        [
            asked(case.fires, case, {**before, f"{since + STEP}s": True, case.at: True}),
            asked(case.silent, case, {case.at: False}),
        ],
    )


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_fires_in_a_story(story: Story, tmp_path: Path) -> None:
    """The alerts' names alone: what labels they have is said in the cases."""
    question = 'count by (alertname) (ALERTS{alertstate="firing"})'
    tests = {
        "interval": f"{story.seconds}s",
        "input_series": [{"series": name, "values": values} for name, values in story.series.items()],
        "promql_expr_test": [
            {
                "expr": question,
                "eval_time": at,
                "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)],
            }
            for at, names in story.firing.items()
        ],
    }
    run(tmp_path, [tests])


def test_texts_are_filled_in(tmp_path: Path) -> None:
    series = {
        'frametrace_guard_missing_ratio{namespace="site",pipeline="yard"}': "0.025x80",
        'frametrace_guard_missing_limit_ratio{namespace="site",pipeline="yard"}': "0.01x80",
        'frametrace_guard_state{namespace="site",pipeline="yard",state="Suspect"}': "1x80",
        'frametrace_guard_audit_frames{namespace="site",pipeline="yard",result="expected"}': "900x80",
        'frametrace_guard_audit_timestamp_seconds{namespace="site",pipeline="yard"}': "0+15x80",
    }
    texts = dict(ALERTS["FrametraceTracesMissing"].annotations)
    texts["summary"] = "Traces of site/yard are missing or incomplete"
    texts["description"] = texts["description"].replace("{{ $value | humanizePercentage }}", "2.5%")
    alert = {
        "exp_labels": {"severity": "warning", "namespace": "site", "pipeline": "yard"},
        "exp_annotations": texts,
    }
    test = {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": "10m", "alertname": "FrametraceTracesMissing", "exp_alerts": [alert]}],
    }
    run(tmp_path, [test])


@pytest.mark.parametrize("scrape", [15, 60])
def test_the_recorded_duration_is_the_95th_percentile_by_camera_and_stage(scrape: int, tmp_path: Path) -> None:
    labels = 'namespace="site",pipeline="yard",camera="cam01",stage="motion"'
    buckets = {"0.01": 0, "0.02": 100, "0.033": 100, "+Inf": 100}
    series = [
        {"series": f'frame_processing_duration_seconds_bucket{{{labels},pod="{pod}",le="{le}"}}', "values": f"0+{n}x80"}
        for pod in "ab"
        for le, n in buckets.items()
    ]
    expected = [{"labels": f"frame_processing_duration{{{labels}}}", "value": 0.0195}]
    asks = {"expr": "frame_processing_duration", "eval_time": "10m", "exp_samples": expected}
    run(tmp_path, [{"interval": f"{scrape}s", "input_series": series, "promql_expr_test": [asks]}])
