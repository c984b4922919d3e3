"""`rollback`, `reenable`, `suspend`, `resume`: what they write, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.errors import ActionNeededError, RetryError
from frametrace_operator.kube.kinds import PIPELINE


@pytest.mark.parametrize("command", ["rollback", "reenable"])
def test_a_wish_is_a_time_stamp_in_an_annotation_and_the_spec_stays(desk: Any, command: str) -> None:
    before = desk.world.resource()["spec"]
    code, out, _ = desk.run(command, "yard")
    after = desk.world.resource()
    assert code == 0
    assert after["metadata"]["annotations"] == {f"frametrace.dev/{command}-tracing": "2026-01-01T00:00:00Z"}
    assert after["spec"] == before
    assert "asked for at 2026-01-01T00:00:00Z, tracing is in all pods; see it: " in out
    assert "kubectl frametrace status yard -n site-a --watch" in out


STAMP = "2026-01-01T00:00:00Z"
LAST = {"id": "one", "trigger": "Requested", "message": "", "startTime": STAMP}


@pytest.fixture
def guarded(desk: Any) -> Any:
    """A desk whose operator takes tracing out, and back, a step a second."""
    steps = [
        {"state": "Healthy"},
        {"state": "RollingBack", "lastRollback": LAST | {"step": "LiveOff"}},
        {"state": "RollingBack", "lastRollback": LAST | {"step": "Restarting"}},
        {"state": "RolledBack", "hold": "Requested"},
        {"state": "Probation", "probation": {"camerasPercent": "0", "stepStartTime": STAMP, "activity": "Restarting"}},
        {"state": "Probation", "probation": {"camerasPercent": "50", "stepStartTime": STAMP, "activity": "Measuring"}},
        {"state": "Healthy"},
    ]
    pause = desk.pause

    async def step(seconds: float) -> None:
        await pause(seconds)
        tracing = steps.pop(0) if len(steps) > 1 else steps[0]
        handled = {"handledRollbackRequest": STAMP, "handledReenableRequest": STAMP} if len(desk.pauses) > 1 else {}
        desk.set_status(lambda status: status.update(tracing=tracing | handled))

    desk.pause, desk.most_pauses, desk.steps = step, 50, steps
    return desk


def test_waiting_tells_each_step_until_all_pods_are_without(guarded: Any) -> None:
    code, out, err = guarded.run("rollback", "yard", "--wait")
    assert (code, err) == (0, "")
    assert [line.partition(": ")[2] for line in out.splitlines()[1:]] == [
        "the operator has not taken it up yet",
        "tracing is being switched off in the running pods",
        "tracing is off; pods are being replaced by ones without instrumentation",
        "all pods run without instrumentation; only a person brings tracing back (Requested)",
    ]


def test_waiting_for_the_return_ends_when_all_cameras_are_traced(guarded: Any) -> None:
    del guarded.steps[1:4]
    code, out, _ = guarded.run("reenable", "yard", "--wait", "--timeout", "1m")
    assert code == 0
    assert "tracing comes back: one camera, restarting" in out
    assert "tracing comes back: 50 % of the cameras, measuring" in out
    assert out.splitlines()[-1] == "site-a/yard: tracing is in all pods"


def test_waiting_outlasts_an_api_server_that_does_not_answer_for_a_moment(guarded: Any) -> None:
    pause = guarded.pause

    async def stumble(seconds: float) -> None:
        await pause(seconds)
        if len(guarded.pauses) == 2:
            guarded.world.kube.fail_next(RetryError("the API server answered 429", after=7))

    guarded.pause = stumble
    code, out, err = guarded.run("rollback", "yard", "--wait")
    assert (code, err) == (0, "")
    assert "site-a/yard: the API server answered 429; asking again" in out
    assert 7 in guarded.pauses, "its wish is obeyed"


def test_waiting_ends_when_the_api_server_refuses(desk: Any) -> None:
    pause = desk.pause

    async def lose_rights(seconds: float) -> None:
        await pause(seconds)
        desk.world.kube.fail_next(ActionNeededError("Refused", "the API server refused it (403)"))

    desk.pause = lose_rights
    code, _, err = desk.run("rollback", "yard", "--wait")
    assert (code, "refused it (403)" in err) == (77, True)


def test_what_is_not_done_in_time_is_told_with_how_far_it_is(desk: Any) -> None:
    desk.most_pauses = 50
    code, _, err = desk.run("rollback", "yard", "--wait", "--timeout", "3s")
    assert code == 69
    assert "not done after 3 s: the operator has not taken it up yet" in err
    assert desk.run("rollback", "yard", "--timeout", "soon")[0] == 2


def test_only_what_is_out_can_be_held_out(desk: Any) -> None:
    code, _, err = desk.run("hold", "yard")
    assert code == 77
    assert "tracing is in; `rollback` takes it out" in err
    desk.set_status(lambda status: status["tracing"].update(state="RolledBack"))
    assert desk.run("hold", "yard")[0] == 0
    assert desk.world.resource()["metadata"]["annotations"] == {"frametrace.dev/rollback-tracing": STAMP}


def test_there_is_nothing_to_steer_where_tracing_is_disabled(desk: Any) -> None:
    desk.world.change(tracing={"mode": "Disabled"})
    code, _, err = desk.run("rollback", "yard")
    assert code == 77
    assert "site-a/yard: spec.tracing.mode is Disabled" in err
    assert "annotations" not in desk.world.resource()["metadata"]


def test_suspend_writes_an_annotation_once_and_resume_takes_it_away(desk: Any) -> None:
    before = desk.world.resource()["spec"]
    assert f"suspended at {STAMP}; see it" in desk.run("suspend", "yard")[1]
    assert desk.world.resource()["metadata"]["annotations"] == {"frametrace.dev/suspend": STAMP}
    assert f"already: annotation frametrace.dev/suspend since {STAMP}" in desk.run("suspend", "yard")[1]
    assert "goes on; see it" in desk.run("resume", "yard")[1]
    assert desk.world.resource()["metadata"]["annotations"] == {}
    assert desk.world.resource()["spec"] == before
    assert "not suspended" in desk.run("resume", "yard")[1]


def test_resume_wakes_what_the_spec_suspends_too(desk: Any) -> None:
    desk.world.change(mode="Suspended")
    assert "already: spec.mode is Suspended" in desk.run("suspend", "yard")[1]
    assert desk.run("resume", "yard")[0] == 0
    assert desk.world.resource()["spec"]["mode"] == "Running"


@pytest.mark.parametrize(
    ("field", "mark", "owner"),
    [
        ("annotations", "argocd.argoproj.io/tracking-id", "Argo CD"),
        ("labels", "kustomize.toolkit.fluxcd.io/name", "Flux"),
    ],
)
def test_the_spec_of_a_pipeline_that_git_owns_is_never_changed(desk: Any, field: str, mark: str, owner: str) -> None:
    desk.world.kube.edit(PIPELINE, "site-a", "yard", lambda body: body["metadata"].update({field: {mark: "app"}}))
    for command in ("suspend", "resume", "rollback"):
        assert desk.run(command, "yard")[::2] == (0, "")
    desk.world.change(mode="Suspended")
    code, _, err = desk.run("resume", "yard")
    assert code == 77
    assert f"site-a/yard ({owner}): spec.mode is Suspended in Git: set it to Running there" in err
    assert desk.world.resource()["spec"]["mode"] == "Suspended"


def test_of_several_names_one_that_is_wrong_changes_none(desk: Any) -> None:
    code, out, _ = desk.run("suspend", "yard", "nope")
    assert (code, out) == (1, "")
    assert "annotations" not in desk.world.resource()["metadata"]
