"""`status` and `cameras`: what the operator reports, what the pods tell, and what to do next."""

from __future__ import annotations

import json
from typing import Any

import pytest
from frametrace_operator.errors import RetryError
from frametrace_operator.kube.kinds import POD
from frametrace_operator.plugin.cluster.base import Answer


def test_a_pipeline_is_shown_with_a_line_a_camera_a_stage_and_a_condition(desk: Any) -> None:
    code, out, err = desk.run("status")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["site-a/yard", "Ready", "Running", "tracing", "Healthy,", "ratio", "1", "age", "2h"]
    assert ["cam01", "Capturing", "30.0", "0.0", "1.0s", "ago", "5"] in lines
    assert ["motion", "Running", "1/1", "30.0", "0.0", "7"] in lines
    assert ["Stalled", "False", "NotStalled", "1s", "Nothing", "stands", "in", "the", "way."] in lines
    assert "→" not in out


def test_programs_get_all_of_it_as_json(desk: Any) -> None:
    code, out, _ = desk.run("status", "yard", "-o", "json")
    assert code == 0
    (view,) = json.loads(out)["pipelines"]
    assert view["cameras"] == [
        {
            "id": "cam01",
            "state": "Capturing",
            "reason": "Capturing",
            "message": "",
            "nextStep": "",
            "source": "rtsp://cameras.example/one",
            "sinceSeconds": 1.0,
            "fps": 30.0,
            "droppedPerSecond": 0.0,
            "lastFrameSeconds": 1.0,
            "reconnects": 5,
        }
    ]
    assert view["stages"][0]["lag"] == 7
    assert view["tracing"]["state"] == "Healthy"
    assert (view["namespace"], view["name"], view["current"], view["silent"]) == ("site-a", "yard", True, {})
    assert {row["type"]: row["status"] for row in view["conditions"]}["Ready"] == "True"


def test_what_is_wrong_is_told_with_the_next_step(desk: Any) -> None:
    def away(status: dict[str, Any]) -> None:
        status["cameras"][0] |= {"state": "Unavailable", "reason": "Unauthorized", "message": "it refused the login"}
        status["conditions"][0] |= {"status": "False", "reason": "CamerasUnavailable", "message": "cam01 is away"}

    desk.set_status(away)
    _, out, _ = desk.run("status")
    assert "site-a/yard  CamerasUnavailable" in out
    assert (
        "Unauthorized: it refused the login → then see it come back: kubectl frametrace status yard -n site-a --watch"
        in out
    )
    assert "cam01 is away → the lines of the cameras say what to do" in out


def test_a_pending_change_is_shown_with_the_command_that_lets_it_happen(desk: Any) -> None:
    pending = {
        "id": "v2-abc",
        "operatorVersion": "2.0.0",
        "message": "a new runtime image",
        "deployments": ["yard-cam01-1"],
        "since": "2026-01-01T00:00:00Z",
    }
    desk.set_status(lambda status: status.update(pendingUpgrade=pending))
    _, out, _ = desk.run("status")
    assert "pending change by operator 2.0.0: a new runtime image (replaces the pods of yard-cam01-1)" in out
    assert "kubectl annotate cpl yard -n site-a --overwrite frametrace.dev/approve-upgrade=v2-abc" in out


def test_a_spec_that_the_operator_has_not_seen_is_said_to_be_so(desk: Any) -> None:
    desk.world.apply("new")
    desk.world.kube.edit(*_key("new"), lambda body: body["metadata"].update(creationTimestamp="2026-01-01T00:00:00Z"))
    code, out, _ = desk.run("status", "new")
    assert code == 0
    assert "site-a/new  Unreported" in out
    assert "the operator has not reported on this spec yet" in out
    assert ["cam01", "Unreported", "-", "-", "-", "-"] in [line.split() for line in out.splitlines()]


def test_a_pod_that_does_not_answer_hides_nothing_else(desk: Any) -> None:
    place = desk.place("stage", "motion")
    desk.cluster.put_answers(place, "/ledger", Answer(503, b"not yet"))
    _, out, _ = desk.run("status")
    lines = [line.split() for line in out.splitlines()]
    assert ["cam01", "Capturing", "30.0", "0.0", "1.0s", "ago", "5"] in lines
    assert ["motion", "Running", "1/1", "-", "-", "-"] in lines
    assert f"no live values of pod {place.name}: it answers 503" in out


@pytest.mark.parametrize("body", [b"{}", b"<html>", b"\xff\xfe", b"[" * 100_000])
def test_a_pod_may_answer_anything(desk: Any, body: bytes) -> None:
    desk.cluster.put_answers(desk.place("capture", "cam01"), "/ledger", Answer(200, body))
    code, out, _ = desk.run("status")
    assert code == 0
    assert "its answer cannot be read" in out


def test_names_of_others_cannot_steer_the_terminal(desk: Any) -> None:
    desk.set_status(lambda status: status["conditions"][0].update(message="evil\x1b[31m\u202e"))
    _, out, _ = desk.run("status")
    assert "evil\\x1b[31m\\u202e" in out


def test_without_live_values_no_pod_is_asked_and_nobody_waits(desk: Any) -> None:
    code, _, _ = desk.run("status", "--no-live")
    assert (code, desk.cluster.asked, desk.pauses) == (0, [], [])


def test_very_many_pods_are_left_alone(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frametrace_operator.plugin.looking.MOST_PODS", 1)
    code, _, err = desk.run("status")
    assert (code, desk.cluster.asked) == (0, [])
    assert "live values of 2 pods are left out" in err


def test_a_pod_that_does_not_run_is_not_asked(desk: Any) -> None:
    name = desk.pod("stage", "motion")["metadata"]["name"]
    desk.world.kube.edit(POD, "site-a", name, lambda body: body["status"].update(phase="Pending"))
    desk.run("status")
    assert {place.name for place, _ in desk.cluster.asked} == {desk.place("capture", "cam01").name}


def test_a_watch_takes_one_reading_a_look_and_goes_on_after_an_error(desk: Any) -> None:
    desk.most_pauses = 3
    desk.pods_answer(30, 60, 120, 180)
    first, second = _watch(desk)
    assert first["cameras"][0]["fps"] == 30.0  # 30 frames in the second between the first two readings
    assert second["cameras"][0]["fps"] == 30.0  # 60 frames in the two seconds of a watch
    assert desk.pauses[:2] == [1.0, 2.0]


def test_a_watch_outlives_an_api_server_that_is_away(desk: Any) -> None:
    desk.most_pauses = 3
    pause = desk.pause

    async def pause_and_fail(seconds: float) -> None:
        await pause(seconds)
        if len(desk.pauses) == 3:
            desk.world.kube.fail_next(RetryError("the API server is away"))

    desk.pause = pause_and_fail
    code, out, err = desk.run("status", "--watch")
    assert (code, err) == (130, "")
    assert "site-a/yard  Ready" in out
    assert "what stands here is old: the API server is away; trying again" in out


def test_cameras_of_all_pipelines_stand_in_one_table(desk: Any) -> None:
    code, out, _ = desk.run("cameras", "-A")
    assert code == 0
    assert out.split()[:2] == ["PIPELINE", "CAMERA"]
    row = "site-a/yard cam01 Capturing 30.0 0.0 1.0s ago 5 rtsp://cameras.example/one"
    assert row.split() in [line.split() for line in out.splitlines()]


def test_cameras_that_are_away_can_be_picked(desk: Any) -> None:
    assert desk.run("cameras", "--away")[1:] == ("", "every camera is captured\n")
    desk.set_status(lambda status: status["cameras"][0].update(state="Unavailable", reason="Frozen"))
    assert "Frozen" in desk.run("cameras", "--away")[1]


def test_a_password_in_an_address_is_not_shown(desk: Any) -> None:
    url = "rtsp://me:s3cret@cameras.example/one"
    desk.world.kube.edit(*_key("yard"), lambda body: body["spec"]["cameras"][0]["source"].update(url=url))
    for arguments in (("cameras",), ("cameras", "-o", "json"), ("status", "-o", "json")):
        assert "s3cret" not in desk.run(*arguments)[1]


def _key(name: str) -> tuple[Any, str, str]:
    from frametrace_operator.kube.kinds import PIPELINE  # noqa: PLC0415

    return PIPELINE, "site-a", name


def _watch(desk: Any) -> list[dict[str, Any]]:
    code, out, _ = desk.run("status", "--watch", "-o", "json")
    assert code == 130
    return [json.loads(line)["pipelines"][0] for line in out.splitlines()[:2]]
