"""What the GitOps story takes for in sync: Argo CD's own word, the definition among the objects. Its cluster is a dictionary here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from scripts.servers.argocd import ArgoCd
from tests.e2e.gitops.story import Story

DEFINITION = {"kind": "CustomResourceDefinition", "name": "camerapipelines.frametrace.dev"}


class Told:
    """An Argo CD that says the same whenever it is asked."""

    namespace = "argocd"

    def __init__(self, synced: str, definition: str, deployment: str) -> None:
        resources = [DEFINITION | {"status": definition}, {"kind": "Deployment", "name": "op", "status": deployment}]
        status = {"sync": {"status": synced}, "health": {"status": "Healthy"}, "resources": resources}
        self._body = {"metadata": {"generation": 1}, "status": status}

    def kubectl(self, *arguments: str) -> str:
        return json.dumps(self._body) if "get" in arguments else ""


def story(*said: str) -> Story:
    told: Any = Told(*said)
    return Story(cast("ArgoCd", told), "cameras", Path("application.yaml"))


def test_a_definition_that_is_out_of_sync_makes_the_application_so() -> None:
    late = story("OutOfSync", "OutOfSync", "Synced")

    assert late.said() == ("OutOfSync", "Healthy")
    assert late.out_of_sync() == ["CustomResourceDefinition/camerapipelines.frametrace.dev"]


def test_what_argo_cd_does_not_call_synced_is_not() -> None:
    assert story("Unknown", "Synced", "Synced").said() == ("Unknown", "Healthy")
    assert story("Synced", "Synced", "Synced").said() == ("Synced", "Healthy")


def test_nothing_but_the_definition_gets_time_to_be_healed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Story, "until", _never)

    story("Synced", "Synced", "Synced").stays_synced()
    with pytest.raises(AssertionError, match="legacy diff"):
        story("OutOfSync", "Synced", "OutOfSync").stays_synced()
    with pytest.raises(AssertionError, match="waited for Synced"):
        story("OutOfSync", "OutOfSync", "Synced").stays_synced()


def _never(_story: Story, _what: str, look: Any, wanted: Any, *, seconds: float) -> None:
    assert look() == wanted, f"waited for {wanted} {seconds} s"
