"""What helm prints after an install, pasted into a real shell as it stands."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_api.pipeline import CameraPipeline

from tests.contract.chart.rendering import helm

pytestmark = pytest.mark.contract

_KUBECTL = """#!/bin/sh
echo "$*" >> "$CALLS"
[ "$1" = apply ] && cat > "$APPLIED"
exit 0
"""


def notes(values: dict[str, Any], folder: Path) -> str:
    """What `helm install` with these values prints for people."""
    done = helm("install", "frametrace", "--dry-run=client", values=values, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout.partition("\nNOTES:\n")[2]


def paste(text: str, folder: Path) -> tuple[list[str], Any]:
    """Type it into bash, where kubectl only takes note; its calls, and what it was told to apply."""
    stub = folder / "kubectl"
    stub.write_text(_KUBECTL)
    stub.chmod(0o755)
    told = {"CALLS": str(folder / "calls"), "APPLIED": str(folder / "applied")}
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", **told}
    done = subprocess.run(["bash", "-eu"], input=text, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return (folder / "calls").read_text().splitlines(), yaml.safe_load((folder / "applied").read_text())


@pytest.mark.parametrize(
    ("values", "namespace", "labels", "where"),
    [
        ({}, "default", None, "--all-namespaces"),
        ({"watchNamespaces": None}, "default", None, "--all-namespaces"),
        ({"watchNamespaces": ["yard"], "shard": "blue"}, "yard", {"frametrace.dev/shard": "blue"}, "--namespace yard"),
        ({"watchNamespaces": ["123"]}, "123", None, "--namespace 123"),
    ],
)
def test_the_first_commands_can_be_pasted_as_they_stand(
    values: dict[str, Any], namespace: str, labels: dict[str, str] | None, where: str, tmp_path: Path
) -> None:
    lines = notes(values, tmp_path).splitlines()
    first, last = (next(at for at, line in enumerate(lines) if f"kubectl {verb} " in line) for verb in ("apply", "get"))

    calls, applied = paste("\n".join(lines[first : last + 1]), tmp_path)

    assert calls == ["apply -f -", f"get camerapipelines {where} --watch"]
    pipeline = CameraPipeline.model_validate(applied)
    assert pipeline.spec.cameras[0].id == "cam01"
    assert (applied["metadata"]["namespace"], applied["metadata"].get("labels")) == (namespace, labels)


def test_who_watches_some_namespaces_is_told_that_nobody_else_may(tmp_path: Path) -> None:
    warning = "No other release may look after pipelines of yard"

    assert warning in notes({"watchNamespaces": ["yard"]}, tmp_path)
    assert warning not in notes({"watchNamespaces": ["yard"], "shard": "blue"}, tmp_path)
    assert warning not in notes({}, tmp_path)
