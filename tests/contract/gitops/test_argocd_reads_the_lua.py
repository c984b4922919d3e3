"""Argo CD's own program runs the snippet over the examples: health, the actions that it offers, and the actions themselves.

Its exit code says nothing, an invalid health or a kind without rules included: only what it prints does.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.gitops.snippet import CUSTOMIZATION, SNIPPET
from scripts.servers.argocd import require_argocd

pytestmark = pytest.mark.contract

ACTIONS = CUSTOMIZATION / "actions"
HEALTH = yaml.safe_load((CUSTOMIZATION / "health_test.yaml").read_text())["tests"]
TESTS = yaml.safe_load((ACTIONS / "action_test.yaml").read_text())
_ADDED = re.compile(r'^> +(frametrace\.dev/[a-z-]+): "?(\S+?)"?$', re.MULTILINE)
_REMOVED = re.compile(r"^< +(frametrace\.dev/[a-z-]+): ", re.MULTILINE)


def ask(*arguments: str, errors: bool = False) -> str:
    """What it prints; its log, which has the refusals, only if asked for."""
    command = [str(require_argocd()), "admin", "settings", "resource-overrides", *arguments]
    done = subprocess.run(
        [*command, "--argocd-cm-path", str(SNIPPET)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stderr if errors else done.stdout


def named(case: dict[str, Any]) -> str:
    return "-".join([*filter(None, (case.get("action"),)), Path(case["inputPath"]).stem])


@pytest.mark.parametrize("case", HEALTH, ids=named)
def test_health(case: dict[str, Any]) -> None:
    said = ask("health", str(CUSTOMIZATION / case["inputPath"]))

    wanted = case["healthStatus"]
    assert said == f"STATUS: {wanted['status']}\nMESSAGE: {wanted['message']}\n"


@pytest.mark.parametrize("case", TESTS["discoveryTests"], ids=named)
def test_the_actions_that_are_offered(case: dict[str, Any]) -> None:
    said = ask("list-actions", str(ACTIONS / case["inputPath"]))

    offered = dict(line.split() for line in said.splitlines()[1:])
    assert offered == {found["name"]: str(found["disabled"]).lower() for found in case["result"]}


@pytest.mark.parametrize("case", TESTS["actionTests"], ids=named)
def test_an_action_changes_its_annotation_and_nothing_else_or_says_why_not(case: dict[str, Any]) -> None:
    asked = ("run-action", str(ACTIONS / case["inputPath"]), case["action"])
    if "expectedErrorMessage" in case:
        assert case["expectedErrorMessage"] in ask(*asked, errors=True)
        assert ask(*asked) == ""
        return
    said = ask(*asked)
    before = yaml.safe_load((ACTIONS / case["inputPath"]).read_text())["metadata"].get("annotations", {})
    after = yaml.safe_load((ACTIONS / case["expectedOutputPath"]).read_text())["metadata"].get("annotations", {})
    assert {name for name, _ in _ADDED.findall(said)} >= after.keys() - before.keys(), said
    assert set(_REMOVED.findall(said)) >= before.keys() - after.keys(), said
    changed = [line for line in said.splitlines() if line.startswith(("<", ">"))]
    assert all("frametrace.dev/" in line or "annotations:" in line for line in changed), said
