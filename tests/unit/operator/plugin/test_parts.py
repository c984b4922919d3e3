"""The plugin's pure parts: rates, next steps, durations; and the words that kubectl is given."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest
from frame_tracking import HopCount, Ledger
from frametrace_api.conditions import REASONS, CaptureAvailableReason, ConditionType
from frametrace_operator.plugin.completion import complete_for_kubectl
from frametrace_operator.plugin.durations import InvalidDurationError, duration, seconds_of
from frametrace_operator.plugin.live import CameraLive, Reading, StageLive, camera_live, stage_live
from frametrace_operator.plugin.next_steps import camera_step, condition_step
from hypothesis import given
from hypothesis import strategies as st

NOTHING_TO_DO = {
    "FramesFlowing", "UpToDate", "Applying", "RollingOut", "Draining", "ChangingTracing", "NotStalled", "Available",
    "SpansExported", "Complete", "InsufficientEvidence", "Starting", "NothingSampled", "TracingDisabled", "Suspended",
    "NotRolledBack", "WithinBudget", "NoProjection",
}  # fmt: skip


def reading(at: float, entered: int, *, started: float = 1.0, dropped: int = 0, lag: int = 0) -> Reading:
    hops = tuple(
        HopCount(
            camera="cam01",
            hop=hop,
            session="aaaaa",
            entered=entered,
            left=entered - dropped,
            ended={"dropped:expired": dropped},
            last_frame=at,
        )
        for hop in ("capture", "motion")
    )
    ledger = Ledger(pipeline="yard", service="a", pod="a", revision="r", started=started, hops=hops)
    return Reading(at, ledger, {"cam01": lag}, {"cam01": 2})


def test_rates_are_growth_between_two_readings_of_all_replicas() -> None:
    pairs = [(reading(0, 0), reading(2, 60, dropped=4, lag=3)), (reading(0, 0), reading(2, 20, lag=5))]
    assert stage_live("motion", pairs) == StageLive(fps=40.0, dropped_per_second=2.0, lag=5)
    assert camera_live("cam01", pairs[:1], 2.5) == CameraLive(30.0, 2.0, 0.5, 2)


def test_a_process_that_began_anew_or_was_read_once_has_no_rate_yet() -> None:
    assert stage_live("motion", [(reading(0, 50), reading(2, 5, started=2.0))]) == StageLive(lag=0)
    assert camera_live("cam01", [(None, reading(2, 5))], 2.0).fps is None
    assert camera_live("cam01", [], 2.0) == CameraLive()
    assert stage_live("motion", []) == StageLive()


def test_every_reason_that_wants_a_person_has_a_next_step() -> None:
    names = {"namespace": "n", "name": "p"}
    silent = {
        str(reason)
        for kind, reasons in REASONS.items()
        if kind is not ConditionType.CAPTURE_AVAILABLE
        for reason in reasons
        if not condition_step(kind, reason, **names)
    }
    assert silent <= NOTHING_TO_DO
    cameras = {str(reason) for reason in CaptureAvailableReason if not camera_step(reason, item="c", **names)}
    assert cameras == {"Capturing"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.4, "0s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (200_000, "2d")],
)
def test_durations_are_written_as_kubectl_does(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@given(st.integers(0, 10**7))
def test_a_written_duration_can_be_typed(seconds: int) -> None:
    assert seconds_of(duration(seconds)) <= seconds


@given(st.text(max_size=10))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidDurationError):
        assert seconds_of(text) >= 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["roll"], ["rollback"]),
        (["status", ""], ["yard"]),
        (["status", "-n", "elsewhere", ""], []),
        (["suspend", "y"], ["yard"]),
        (["logs", "yard", "--foll"], ["--follow"]),
        (["journey", "x'y", "--pipeline", "ya"], ["yard"]),
        (
            [],
            [
                "status",
                "cameras",
                "journey",
                "ui",
                "logs",
                "report",
                "rollback",
                "hold",
                "reenable",
                "suspend",
                "resume",
            ],
        ),
    ],
)
def test_kubectl_is_given_the_words_that_go_on(
    desk: Any, words: list[str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    code = complete_for_kubectl(words, lambda arguments: desk.run_quietly(*arguments))
    said = desk._capsys.readouterr().out.splitlines()
    assert code == 0
    assert ([line.partition("\t")[0] for line in said[:-1]], said[-1]) == (expected, ":4")


def test_a_cluster_that_is_away_gives_no_words_and_no_noise(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from frametrace_operator.errors import RetryError  # noqa: PLC0415

    monkeypatch.setattr(os, "environ", dict(os.environ))
    desk.world.kube.fail_next(RetryError("away"))
    complete_for_kubectl(["status", ""], lambda arguments: desk.run_quietly(*arguments))
    said = desk._capsys.readouterr()
    assert (said.out, said.err) == (":4\n", "")
