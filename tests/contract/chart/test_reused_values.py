"""`helm upgrade --reuse-values` takes the values of the chart that was installed, without those that are new: by the real helm."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_operator.settings import Settings

from scripts.cluster.build import binary
from tests.contract.chart.rendering import CHART, environment_of, of_kind, render

pytestmark = pytest.mark.contract

EARLIER = Path(__file__).with_name("earlier-values.yaml")
EARLIER_DEFAULTS = {"operator": {"workers": 8}}  # values, not texts, that have another default since: helm keeps them
OPTIONS = {"networkPolicy": {"enabled": True}, "podMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}


def reused(folder: Path, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Objects of this chart with what an earlier one left: helm knows no other defaults then."""
    chart = shutil.copytree(CHART, folder / "frametrace")
    shutil.copy(EARLIER, chart / "values.yaml")
    (folder / "set.json").write_text(json.dumps(values))
    command = [str(binary("helm")), "template", "frametrace", str(chart), "--namespace", "frametrace-system"]
    environment = {f"HELM_{kind}_HOME": str(folder) for kind in ("CACHE", "CONFIG", "DATA")}
    done = subprocess.run(
        [*command, "--values", str(folder / "set.json")], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.load_all(done.stdout, yaml.CSafeLoader) if document]


@pytest.mark.parametrize("values", [{}, OPTIONS], ids=["defaults", "options"])
def test_they_give_what_the_new_defaults_give(values: dict[str, Any], tmp_path: Path) -> None:
    assert reused(tmp_path, values) == render(values | EARLIER_DEFAULTS, tmp_path)


def test_the_operator_takes_them_and_no_rule_lets_everything_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = reused(tmp_path, OPTIONS)
    for name, value in environment_of(documents).items():
        monkeypatch.setenv(name, value or "")

    settings = Settings()

    assert (settings.dns_ports, settings.pipeline_network_policies) == ((53, 5353), True)
    [policy] = of_kind("NetworkPolicy", documents)
    assert all(rule.get("ports") or rule.get("to") for rule in policy["spec"]["egress"])


def test_what_is_set_is_kept(tmp_path: Path) -> None:
    environment = environment_of(render({"networkPolicy": {"ofPipelines": False, "dnsPorts": [1053]}}, tmp_path))

    assert environment["FRAMETRACE_PIPELINE_NETWORK_POLICIES"] == "false"
    assert environment["FRAMETRACE_DNS_PORTS"] == "1053"
