"""What the benchmark of the guard is judged by, without anything running."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from frame_tracking import FrameID
from frametrace_api.status_tracing import AuditMethod, AuditResult
from frametrace_operator.guard.evidence import AuditFinding, Cause, MissingFrame

from scripts.bench.guard_parts.alarm import alarms
from scripts.bench.guard_parts.calm import judged
from scripts.bench.guard_parts.compared import compare, refuted
from scripts.servers.lossy_otlp import Truth

AT = datetime(2026, 3, 1, tzinfo=UTC)
FRAMES = [FrameID(f"20260301T000000{number:06d}_cam01_aaaaa_{number:06d}") for number in range(1, 101)]


def finding(missing: list[FrameID], expected: int = 100, **more: Any) -> AuditFinding:
    frames = tuple(MissingFrame(frame, "motion", Cause.LOST_ON_THE_WAY) for frame in missing)
    share = 100.0 * len(missing) / expected
    result = AuditResult.MISSING if missing else AuditResult.COMPLETE
    given = {"result": result, "low": share, "high": share, "method": AuditMethod.EXACT, **more}
    return AuditFinding(AT, AT, AT, expected=expected, checked=expected, missing=len(missing), frames=frames, **given)


class Proxy:
    def __init__(self, lost: list[FrameID], seen: int = 100) -> None:
        self.told = Truth(seen, frozenset(lost))

    def truth(self, start: float, end: float) -> Truth:
        assert (start, end) == (AT.timestamp(), AT.timestamp())
        return self.told


@pytest.mark.parametrize(
    ("found", "lost", "difference", "covered"),
    [
        (finding(FRAMES[:5]), FRAMES[:5], 0, True),
        (finding(FRAMES[:5]), FRAMES[1:6], 2, True),
        (finding(FRAMES[:5]), FRAMES[:4], 1, False),
        (finding([]), FRAMES[:4], 4, False),
        (finding([], expected=98), [], 0, True),
        (finding([], expected=98), FRAMES[:2], 0, True),
        (finding([], expected=98), FRAMES[:3], 1, False),
        (finding([], expected=102), [], 2, True),
        (finding([], unknown=7), [], 7, True),
        (finding(FRAMES[:5], low=3.0, high=9.0), FRAMES[:7], 2, True),
    ],
)
def test_a_finding_is_compared_by_count_and_by_identity(
    found: AuditFinding, lost: list[FrameID], difference: int, covered: Any
) -> None:
    compared = compare(found, Proxy(lost))  # type: ignore[arg-type]
    assert (compared.difference, compared.covered) == (difference, covered)
    assert str(len(lost)) in compared.as_line()


@pytest.mark.parametrize(
    ("windows", "uncovered", "is_refuted"), [(100, 0, False), (100, 4, False), (100, 5, True), (1, 1, False)]
)
def test_coverage_is_refuted_when_99_percent_would_hardly_give_it(
    windows: int, uncovered: int, is_refuted: Any
) -> None:
    assert refuted(windows, uncovered) is is_refuted


def test_an_alarm_takes_bad_windows_in_a_row() -> None:
    bad, good, thin = finding(FRAMES[:5]), finding([]), finding(FRAMES[:1], low=0.1, high=40.0)
    assert [alarms(row) for row in ([bad], [bad, bad], [bad, good, bad], [bad, thin, bad], [bad] * 5)] == [
        0,
        1,
        0,
        1,
        1,
    ]


def test_a_window_that_is_told_again_counts_once() -> None:
    bad = finding(FRAMES[:5])
    assert alarms([bad, finding(FRAMES[:6], windows=0)]) == 0
    assert alarms([finding(FRAMES[:5], windows=2)]) == 1


WHOLE, AWAY = [finding([])] * 4, [finding([], unknown=90, result=AuditResult.UNKNOWN), finding([])]
CALM = {
    "quiet": WHOLE * 30,
    "Jaeger down for 20 s, 6 s into a window": AWAY,
    "Jaeger restarted, external": AWAY,
    "a stage's pod rolled": WHOLE,
    "ring too small": [finding([], evicted=90, result=AuditResult.UNKNOWN)] * 2,
    "5 % lost (must alarm)": [finding(FRAMES[:5])] * 2,
}


def misses(**parts: list[AuditFinding]) -> list[str]:
    said = judged(CALM | parts, 3600.0, 30.0, quick=False)
    missed = [name for name, held in said.details["bars"].items() if not held]
    assert said.ok is (not missed)
    return missed


def test_a_guard_that_sees_what_happens_and_keeps_silent_is_calm() -> None:
    assert misses() == []


@pytest.mark.parametrize(
    ("part", "findings", "missed"),
    [
        ("quiet", WHOLE * 20, "quiet windows were found"),
        ("quiet", WHOLE * 20 + AWAY[:1] * 40, "and were complete"),
        ("quiet", [*WHOLE * 30, finding(FRAMES[:5]), finding([])], "false alarms = 0"),
        ("a stage's pod rolled", [], "each part has windows"),
        ("a stage's pod rolled", AWAY[::-1], "each part ends complete"),
        ("Jaeger restarted, external", WHOLE, "what Jaeger lost was unknown"),
        ("ring too small", WHOLE, "what its ring gave up was evicted"),
        ("5 % lost (must alarm)", [finding(FRAMES[:5])], "a real loss raises one"),
    ],
)
def test_silence_alone_is_no_calm(part: str, findings: list[AuditFinding], missed: str) -> None:
    assert missed in misses(**{part: findings})
