"""`logs` and `report`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from frametrace_operator.errors import ActionNeededError, OperatorError, RetryError
from frametrace_operator.plugin.cluster.base import LogQuery
from frametrace_operator.plugin.exits import Exit

LAST = {
    "id": "rb-1",
    "trigger": "TracesMissing",
    "message": "12 of 900 frames had no whole trace",
    "step": "Done",
    "startTime": "2026-01-01T00:00:00Z",
}


@pytest.fixture
def talking(desk: Any) -> Any:
    """A desk before pods that have said something."""
    for role, item in (("capture", "cam01"), ("stage", "motion")):
        desk.cluster.put_log("site-a", desk.place(role, item).name, f"{item} one", f"{item} two\x1b[31m")
    return desk


def test_lines_are_told_with_who_said_them(talking: Any) -> None:
    code, out, err = talking.run("logs", "yard")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "capture/cam01 (1)  cam01 one",
        "capture/cam01 (1)  cam01 two\\x1b[31m",
        "stage/motion (1)  motion one",
        "stage/motion (1)  motion two\\x1b[31m",
    ]


def test_one_camera_or_stage_can_be_picked_and_the_lines_too(talking: Any) -> None:
    _, out, _ = talking.run("logs", "yard", "--stage", "motion", "--tail", "1", "--since", "1h30m", "--previous")
    assert out == "stage/motion (1)  motion two\\x1b[31m\n"
    assert talking.cluster.queries == [(talking.place("stage", "motion").name, LogQuery(1, 5400, previous=True))]
    talking.run("logs", "yard", "--camera", "cam01", "--tail", "-1")
    assert talking.cluster.queries[-1] == (talking.place("capture", "cam01").name, LogQuery())


def test_following_goes_on_with_each_life_of_each_pod_once(talking: Any) -> None:
    talking.most_pauses = 2
    assert talking.run("logs", "yard", "--follow")[0] == 130
    names = [talking.place(role, item).name for role, item in (("capture", "cam01"), ("stage", "motion"))]
    assert talking.cluster.queries == [(name, LogQuery(20, follow=True)) for name in names]


FORBIDDEN = ActionNeededError("Refused", "the API server refused it (403): pods/log is forbidden")
SILENT = RetryError("the API server answered 502: the kubelet does not answer")


def refuse(desk: Any, *places: tuple[str, str], error: OperatorError) -> None:
    for place in places:
        desk.cluster.refuse_log("site-a", desk.place(*place).name, error)


def test_a_log_that_cannot_be_read_is_told_and_the_others_are_shown(talking: Any) -> None:
    refuse(talking, ("capture", "cam01"), error=SILENT)
    code, out, err = talking.run("logs", "yard")
    assert code == 0
    assert out.splitlines() == ["stage/motion (1)  motion one", "stage/motion (1)  motion two\\x1b[31m"]
    name = talking.place("capture", "cam01").name
    assert err == f"the log of pod {name} cannot be read: the API server answered 502: the kubelet does not answer\n"


def test_a_log_that_is_empty_was_read(desk: Any) -> None:
    refuse(desk, ("capture", "cam01"), error=FORBIDDEN)
    assert desk.run("logs", "yard")[:2] == (0, "")


@pytest.mark.parametrize("follow", [(), ("--follow",)])
@pytest.mark.parametrize(("error", "code"), [(FORBIDDEN, Exit.REFUSED), (SILENT, Exit.UNAVAILABLE)])
def test_where_no_log_can_be_read_the_command_ends_with_the_reason(
    talking: Any, follow: tuple[str, ...], error: OperatorError, code: Exit
) -> None:
    refuse(talking, ("capture", "cam01"), ("stage", "motion"), error=error)
    found, out, err = talking.run("logs", "yard", *follow)
    assert (found, out) == (code, "")
    assert err.splitlines()[-1] == f"kubectl frametrace: {error}"


def test_following_goes_on_with_the_logs_that_can_be_read(talking: Any) -> None:
    talking.most_pauses = 2
    refuse(talking, ("capture", "cam01"), error=FORBIDDEN)
    code, out, _ = talking.run("logs", "yard", "--follow")
    assert code == Exit.INTERRUPTED
    assert out.startswith("stage/motion (1)  motion one")


def test_following_ends_with_the_reason_where_the_pods_cannot_be_listed_any_more(talking: Any) -> None:
    pause = talking.pause

    async def pause_and_fail(seconds: float) -> None:
        await pause(seconds)
        talking.world.kube.fail_next(SILENT)

    talking.pause = pause_and_fail
    code, _, err = talking.run("logs", "yard", "--follow")
    assert code == Exit.UNAVAILABLE
    assert err.splitlines()[-1] == f"kubectl frametrace: {SILENT}"


def test_a_pipeline_without_pods_says_why(talking: Any) -> None:
    talking.world.change(mode="Suspended")
    for role, item in (("capture", "cam01"), ("stage", "motion")):
        talking.world.kube.remove(*_pod(talking.place(role, item).name))
    code, _, err = talking.run("logs", "yard")
    assert code == 1
    assert "site-a/yard has no capture or stage pod; it is suspended" in err


def test_where_tracing_was_never_rolled_back_there_is_no_report(desk: Any) -> None:
    code, out, err = desk.run("report", "yard")
    assert (code, out) == (1, "")
    assert "site-a/yard has no report: tracing was never rolled back" in err


def test_a_report_that_is_not_written_yet_or_is_gone_is_told(desk: Any) -> None:
    desk.set_status(lambda status: status["tracing"].update(lastRollback=LAST))
    assert "the report of rollback rb-1 is not written yet" in desk.run("report", "yard")[2]
    desk.set_status(lambda status: status["tracing"]["lastRollback"].update(reportName="yard-report"))
    assert "ConfigMap yard-report with the report is gone" in desk.run("report", "yard")[2]


def test_a_report_is_printed_for_people_and_for_programs(desk: Any) -> None:
    desk.set_status(lambda status: status["tracing"].update(lastRollback=LAST | {"reportName": "yard-report"}))
    desk.world.kube.put(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "yard-report", "namespace": "site-a"},
            "data": {"report.txt": "What was done:\n  12 \x1b[31mmissing", "report.json": '{"version": 1}'},
        }
    )
    code, out, _ = desk.run("report", "yard")
    assert code == 0
    assert out.splitlines() == [
        "site-a/yard  rollback rb-1  TracesMissing  2026-01-01T00:00:00Z",
        "What was done:",
        "  12 \\x1b[31mmissing",
    ]
    found = json.loads(desk.run("report", "yard", "-o", "json")[1])
    assert found["report"] == {"version": 1}
    assert found["lastRollback"]["id"] == "rb-1"


def _pod(name: str) -> tuple[Any, str, str]:
    from frametrace_operator.kube.kinds import POD  # noqa: PLC0415

    return POD, "site-a", name
