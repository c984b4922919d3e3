"""Every alert fires when it should and does not when it should not, as promtool reckons it from series."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.monitoring.rules import RULE_FILE, RULES
from tests.contract.rules.alert_cases import CASES, Case

pytestmark = pytest.mark.contract
ALERTS = {rule.alert: rule for rule in RULES if rule.alert}


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


def asked(series: dict[str, str], case: Case, *, fires: bool) -> dict[str, Any]:
    rule = ALERTS[case.alert]
    labels = ",".join(
        [f'alertname="{case.alert}"', 'alertstate="firing"', f'severity="{rule.labels["severity"]}"', case.labels]
    )
    expected = [{"labels": f"ALERTS{{{labels.rstrip(',')}}}", "value": 1}] if fires else []
    return {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f'ALERTS{{alertname="{case.alert}",alertstate="firing"}}',
                "eval_time": case.at,
                "exp_samples": expected,
            }
        ],
    }


def test_the_rule_file_is_valid() -> None:
    done = promtool("check", "rules", str(RULE_FILE))

    assert done.returncode == 0, done.stderr


def test_every_alert_has_a_case() -> None:
    assert {case.alert for case in CASES} == set(ALERTS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_it_fires_and_is_silent(case: Case, tmp_path: Path) -> None:
    run(tmp_path, [asked(case.fires, case, fires=True), asked(case.silent, case, fires=False)])


def test_texts_are_filled_in(tmp_path: Path) -> None:
    series = {
        'frametrace_guard_missing_ratio{namespace="site",pipeline="yard"}': "0.025x80",
        'frametrace_guard_missing_limit_ratio{namespace="site",pipeline="yard"}': "0.01x80",
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


def test_the_recorded_duration_is_the_95th_percentile_by_camera_and_stage(tmp_path: Path) -> None:
    labels = 'namespace="site",pipeline="yard",camera="cam01",stage="motion"'
    buckets = {"0.01": 0, "0.02": 100, "0.033": 100, "+Inf": 100}
    series = [
        {"series": f'frame_processing_duration_seconds_bucket{{{labels},pod="{pod}",le="{le}"}}', "values": f"0+{n}x80"}
        for pod in "ab"
        for le, n in buckets.items()
    ]
    expected = [{"labels": f"frame_processing_duration{{{labels}}}", "value": 0.0195}]
    asks = {"expr": "frame_processing_duration", "eval_time": "10m", "exp_samples": expected}
    run(tmp_path, [{"interval": "15s", "input_series": series, "promql_expr_test": [asks]}])
