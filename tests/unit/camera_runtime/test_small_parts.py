from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from camera_runtime.account import MemoryAccount
from camera_runtime.backoff import Backoff
from camera_runtime.capture.credentials import Credentials
from camera_runtime.capture.frozen import FrozenPicture
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.status import CameraStatus
from camera_runtime.capture.timestamps import StreamClock
from telemetry import redact

SECOND = 1_000_000_000
CANARY = "c4nary/p@ss word"


def test_waits_grow_with_jitter_to_a_bound_that_brings_a_camera_back_in_time() -> None:
    backoff = Backoff(jitter=lambda: 1.0)
    assert [backoff.next() for _ in range(6)] == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]
    assert backoff.next(most=30) == 16.0
    backoff.reset()
    assert Backoff(jitter=lambda: 0.0).next() == 0.125


@pytest.mark.parametrize(("rate", "taken"), [("", 30), ("10", 10), ("15", 15), ("30", 30), ("60", 30), ("0.5", 1)])
def test_a_second_of_thirty_frames_is_thinned_to_the_rate(rate: str, taken: int) -> None:
    pace = Pace.of(rate)
    jitter = [0, 2_000_000, -2_000_000]
    times = [10 * SECOND + number * SECOND // 30 + jitter[number % 3] for number in range(30)]
    assert sum(pace.takes(time) for time in times) == taken


def test_a_pause_of_the_camera_is_not_made_up_for() -> None:
    pace = Pace.of("10")
    assert pace.takes(0)
    assert [pace.takes(60 * SECOND + number * SECOND // 100) for number in range(5)].count(True) <= 2


@pytest.mark.parametrize("rate", ["0", "-1", "ten", "1/0"])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="framesPerSecond"):
        Pace.of(rate)


def test_a_picture_that_stands_still_for_eight_seconds_is_frozen() -> None:
    frozen = FrozenPicture(after_seconds=8)
    assert [frozen.frozen(7, second * SECOND) for second in range(1, 11)] == [False] * 8 + [True] * 2
    assert frozen.standing
    assert not frozen.frozen(8, 11 * SECOND)
    assert not frozen.standing


def test_a_clock_that_is_set_makes_no_picture_old() -> None:
    frozen, hour = FrozenPicture(), 3600 * SECOND
    assert not frozen.frozen(7, 10 * hour)
    assert not frozen.frozen(7, 11 * hour)
    assert [frozen.frozen(7, 9 * hour + second * SECOND) for second in range(7)] == [False] * 6 + [True]


@pytest.mark.parametrize("step", [-3600, -0.35, 3600])
def test_a_clock_that_is_set_keeps_no_frames_away(step: float) -> None:
    pace, begun = Pace.of("10"), 10**18
    assert sum(pace.takes(begun + number * SECOND // 30) for number in range(90)) == 30
    begun += int(step * SECOND)
    assert 29 <= sum(pace.takes(begun + number * SECOND // 30) for number in range(90, 180)) <= 31


def test_a_stream_clock_keeps_the_streams_spacing_and_begins_anew_after_a_jump() -> None:
    clock, base = StreamClock(), Fraction(1, 90_000)
    begun = datetime(2024, 3, 15, 10, tzinfo=UTC)
    at = int(begun.timestamp()) * SECOND
    assert clock.time_of(90_000, base, at) == begun
    assert clock.time_of(93_000, base, at + 50_000_000) == begun + timedelta(seconds=1 / 30)
    assert clock.time_of(90_000_000, base, at + SECOND) == begun + timedelta(seconds=1)
    assert clock.time_of(None, base, at) == begun


HOUR = 3600 * 90_000


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 2**63 - 1 - 90_000, -(2**63)])
def test_a_cameras_clock_that_jumps_moves_no_frames_time(jump: int) -> None:
    clock, base = StreamClock(), Fraction(1, 90_000)
    begun = datetime(2024, 3, 15, 10, tzinfo=UTC)
    at = int(begun.timestamp()) * SECOND
    clock.time_of(90_000, base, at)
    assert clock.time_of(90_000 + jump, base, at + SECOND) == begun + timedelta(seconds=1)
    assert clock.time_of(93_000 + jump, base, at + SECOND) == begun + timedelta(seconds=1 + 1 / 30)


def test_credentials_come_from_files_and_show_nowhere(tmp_path: Path) -> None:
    (tmp_path / "username").write_text("admin\n")
    (tmp_path / "password").write_text(f"{CANARY}\n")
    credentials = Credentials.read(str(tmp_path / "username"), str(tmp_path / "password"))
    assert credentials.user_info() == "admin:c4nary%2Fp%40ss%20word@"
    assert "c4nary" not in repr(credentials)
    assert "c4nary" not in redact(f"refused: rtsp://{credentials.user_info()}127.0.0.1/ and plain {CANARY}")
    assert Credentials.read("", "").user_info() == ""


def test_missing_credentials_are_said_with_their_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="password of the camera's Secret") as refusal:
        Credentials.read("", str(tmp_path / "password"))
    assert refusal.value.problem is Problem.CREDENTIALS_MISSING
    assert refusal.value.problem.word == "SecretMissing"


def test_every_problem_has_a_word_of_the_resources_status() -> None:
    assert {problem.word for problem in Problem} <= {
        "Unreachable",
        "Unauthorized",
        "SecretMissing",
        "AddressDenied",
        "Redirected",
        "NoStream",
        "Frozen",
    }


def test_a_cameras_state_tells_since_when_and_why() -> None:
    now, account = [100.0], MemoryAccount()
    status = CameraStatus("cam01", account, lambda: now[0])
    assert status.snapshot().reason == "Starting"
    now[0] = 105.0
    status.up()
    assert (status.snapshot().connected, status.snapshot().since, status.snapshot().reason) == (True, 105.0, "")
    now[0] = 110.0
    status.failed(Problem.UNREACHABLE, "no answer")
    now[0] = 120.0
    status.failed(Problem.UNREACHABLE, "refused")
    assert (status.snapshot().since, status.snapshot().message) == (110.0, "refused")
    status.up()
    assert account.names() == [
        "camera_up", "camera_up", "camera_failed", "camera_up", "camera_failed", "camera_up", "camera_up",
        "camera_reconnected",
    ]  # fmt: skip
