"""The page on upgrades finds pipelines that name a service: its template, by the real kubectl, on resources of an older version."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.cluster.build import binary
from scripts.prove.pages import Page

pytestmark = pytest.mark.contract

NAMED = {"name": "OTEL_SERVICE_NAME", "value": "reader"}
STAGES: dict[str, Any] = {
    "none": {"name": "motion", "env": [{"name": "MODEL", "value": "reader"}]},
    "stage": {"name": "motion", "env": [{"name": "MODEL"}, NAMED]},
    "pods": {"name": "motion", "podSettings": {"env": [NAMED]}},
    "without": {"name": "motion"},
}


def test_those_that_have_one_are_listed_and_no_others(tmp_path: Path) -> None:
    [command] = [each for each in Page.of("how-to/upgrade.md").cluster if "OTEL_SERVICE_NAME" in each]
    [[template, told]] = re.findall(r"""jsonpath='\{range \.items\[\*\]\}(.*)\{end\}' \|\n  (awk .*)""", command)
    bodies = [
        {
            "apiVersion": "frametrace.dev/v1alpha1",
            "kind": "CameraPipeline",
            "metadata": {"name": name, "namespace": "site-a"},
            "spec": {"cameras": [], "stages": [stage]},
        }
        for name, stage in STAGES.items()
    ]
    (tmp_path / "all.json").write_text("\n".join(map(json.dumps, bodies)))

    kubectl = [str(binary("kubectl")), "label", "--local", "-f", "all.json", "looked=at", "-o", f"jsonpath={template}"]
    looked = subprocess.run(kubectl, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    listed = subprocess.run(["bash", "-c", told], input=looked, capture_output=True, text=True, check=True).stdout

    assert len(looked.splitlines()) == len(STAGES)
    assert listed == "site-a/stage: OTEL_SERVICE_NAME\nsite-a/pods: OTEL_SERVICE_NAME\n"
