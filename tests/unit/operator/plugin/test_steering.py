"""`rollback`, `reenable`, `suspend`, `resume`: what they write, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.kube.kinds import PIPELINE


@pytest.mark.parametrize("command", ["rollback", "reenable"])
def test_a_wish_is_a_time_stamp_in_an_annotation_and_the_spec_stays(desk: Any, command: str) -> None:
    before = desk.world.resource()["spec"]
    code, out, _ = desk.run(command, "yard")
    after = desk.world.resource()
    assert code == 0
    assert after["metadata"]["annotations"] == {f"frametrace.dev/{command}-tracing": "2026-01-01T00:00:00Z"}
    assert after["spec"] == before
    assert "asked for at 2026-01-01T00:00:00Z; see it: kubectl frametrace status yard -n site-a --watch" in out


def test_there_is_nothing_to_steer_where_tracing_is_disabled(desk: Any) -> None:
    desk.world.change(tracing={"mode": "Disabled"})
    code, _, err = desk.run("rollback", "yard")
    assert code == 77
    assert "site-a/yard: spec.tracing.mode is Disabled" in err
    assert "annotations" not in desk.world.resource()["metadata"]


def test_suspend_and_resume_change_the_mode_once(desk: Any) -> None:
    assert "spec.mode is Suspended now" in desk.run("suspend", "yard")[1]
    assert desk.world.resource()["spec"]["mode"] == "Suspended"
    assert "spec.mode is Suspended already" in desk.run("suspend", "yard")[1]
    assert "spec.mode is Running now" in desk.run("resume", "yard")[1]
    assert desk.world.resource()["spec"]["mode"] == "Running"
    assert "spec.mode is Running already" in desk.run("resume", "yard")[1]


@pytest.mark.parametrize(
    ("field", "mark", "owner"),
    [
        ("annotations", "argocd.argoproj.io/tracking-id", "Argo CD"),
        ("labels", "kustomize.toolkit.fluxcd.io/name", "Flux"),
    ],
)
def test_a_pipeline_that_git_owns_is_changed_with_a_warning(desk: Any, field: str, mark: str, owner: str) -> None:
    desk.world.kube.edit(PIPELINE, "site-a", "yard", lambda body: body["metadata"].update({field: {mark: "app"}}))
    assert f"site-a/yard is kept by {owner}, which may revert this" in desk.run("suspend", "yard")[2]
    assert desk.run("rollback", "yard")[2] == ""


def test_of_several_names_one_that_is_wrong_changes_none(desk: Any) -> None:
    code, out, _ = desk.run("suspend", "yard", "nope")
    assert (code, out) == (1, "")
    assert desk.world.resource()["spec"].get("mode", "Running") == "Running"
