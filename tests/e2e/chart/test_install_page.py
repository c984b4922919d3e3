"""What the page on installing tells to type installs the operator, in a namespace and of a shard of its own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from scripts.cluster.build import binary
from scripts.cluster.paths import Layout
from scripts.demo.target import helm_environment
from scripts.prove.pages import Page
from scripts.upgrade.release import Release
from tests.real.cluster import CRD

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]

_INSTALL = "helm install frametrace charts/frametrace "
_LOGIN = {"REGISTRY": "localhost", "PULL_USER": "puller", "PULL_PASSWORD": "not a real one"}


def test_the_page_on_installing_gives_an_operator_that_leads(
    space: str, release: Release, values: dict[str, Any], tmp_path: Path
) -> None:
    """The cluster has the definition, and the namespace, and images under other names; all else is as it stands there."""
    release.target.ask("apply the definition", "apply", "--server-side", "--force-conflicts", "-f", str(CRD))
    (tmp_path / "here.json").write_text(json.dumps(values | {"crds": {"install": False}}))
    page = Page.of("how-to/install.md")
    [command] = page.about_the_operator(space)
    made = f"kubectl create namespace {space}\n"
    assert made in command
    assert _INSTALL in command
    command = command.replace(made, "").replace(_INSTALL, f"{_INSTALL}--take-ownership --values here.json ")
    programs = ":".join(str(binary(name).parent) for name in ("kubectl", "helm"))
    environment = helm_environment(tmp_path) | {"PATH": f"{programs}:{os.environ['PATH']}", **_LOGIN}
    environment["KUBECONFIG"] = str(Layout.of_user().kubeconfig)  # whatever that of the caller's is

    done = page.follow(tmp_path, [command], **environment)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "secret/pull created" in done.stdout
    assert "successfully rolled out" in done.stdout
    assert release.wait_for_leader()
