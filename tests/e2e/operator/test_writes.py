"""What the API server's audit log says of the operator's writes: none without a reason, few for a change.

The benchmark's own control plane is used, with ten pipelines whose pods only seem to run: nothing else writes there, and no
real pod comes or goes meanwhile. `operator_scale.py` by itself is the same with a thousand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[3]
PIPELINES = 10


@pytest.fixture(scope="module")
def details() -> Any:
    """What the benchmark found with ten pipelines, a change of each, and a restart."""
    command = [sys.executable, str(ROOT / "scripts/bench/operator_scale.py"), f"--pipelines={PIPELINES}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=540)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["case"].startswith(f"{PIPELINES} pipelines"), done.stderr
    return found["details"]


def test_an_operator_that_finds_everything_as_it_should_be_writes_nothing_but_its_lease(details: Any) -> None:
    assert details["restart"]["writes"] == {}
    assert details["restart"]["idle_seconds"] >= 60, "a window of the guard takes 30 s, and it looks twice"


def test_a_change_of_a_spec_costs_at_most_four_writes_beside_its_childrens(details: Any) -> None:
    assert 1 <= details["most_writes_of_a_change_beside_its_childrens"] <= 4


def test_a_change_reaches_its_deployment_and_touches_no_other_child(details: Any) -> None:
    assert details["changes_lost"] == []
    children = {what: n for what, n in details["writes_of_all_changes"].items() if "pipelines" not in what}
    children.pop("create events", None)
    assert children == {"patch deployments": PIPELINES}


def test_a_new_pipelines_children_are_each_written_once(details: Any) -> None:
    found = details["writes_until_ready"]
    kinds = {"deployments": 2, "configmaps": 2, "networkpolicies": 2, "services": 1}
    assert {kind: found.get(f"patch {kind}") for kind in kinds} == {kind: n * PIPELINES for kind, n in kinds.items()}
