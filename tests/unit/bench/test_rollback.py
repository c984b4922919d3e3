"""What the benchmark of rollbacks concludes: each bar can be missed, and what is not there is no success."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from scripts.bench.rollback_parts.recovery import States, judged
from scripts.bench.rollback_parts.run import NEVER, Rollback
from scripts.bench.rollback_parts.together import together

GOOD = Rollback("TracesMissing", 40.0, 0.6, (3.0, 4.0))
MIDDLE = "RollingBack LiveOff"


def bars(*found: Rollback, failed: tuple[str, ...] = (), killed: list[str] | None = None) -> dict[str, bool]:
    """The bars that are missed."""
    said = together("rollback", list(found), list(failed), "", killed=killed, quick=False)
    json.loads(said.as_json(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    missed = {name: held for name, held in said.details["bars"].items() if not held}
    assert said.ok is (not missed)
    return missed


def test_good_ones_hold_all_bars() -> None:
    assert not bars(GOOD, replace(GOOD, seconds=90.0))
    assert not bars(GOOD, killed=[MIDDLE])


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"seconds": 301.0}, "all < 300 s"),
        ({"live_off": 2.1}, "live-off <= 2 s"),
        ({"lost": 1}, "frames lost = 0"),
        ({"gaps": (3.0, 11.0)}, "capture gap p95 <= 10 s"),
        ({"gaps": (3.0,)}, "all cameras came back"),
        ({"gaps": (3.0, NEVER)}, "all cameras came back"),
        ({"touched": ("pod",)}, "neighbour untouched"),
        ({"reports": 2}, "one rollback each"),
    ],
)
def test_each_bar_can_be_missed(change: dict[str, Any], missed: str) -> None:
    assert missed in bars(replace(GOOD, **change))


def test_the_median_is_that_of_each_trigger() -> None:
    slow = [replace(GOOD, trigger="OverheadTooHigh", seconds=151.0)]

    assert "median of each trigger <= 150 s" in bars(*slow, *[replace(GOOD, seconds=10.0)] * 5)


def test_one_that_failed_and_none_at_all_are_no_success() -> None:
    assert "all complete" in bars(GOOD, failed=("Requested: not in time",))
    assert bars(failed=("Requested: not in time",))
    assert bars()


def test_an_operator_that_was_killed_at_other_times_alone_shows_nothing() -> None:
    assert "a third killed in the middle" in bars(GOOD, killed=["Suspect", "Suspect", "Suspect", MIDDLE])
    assert "a third killed in the middle" in bars(GOOD, killed=[])


def states(*names: str, lasting: float = 10.0) -> States:
    return [(lasting * at, name) for at, name in enumerate(names)]


def sick(*waits: float) -> States:
    """One that is rolled back again after each attempt, and waited so long before the next."""
    seen, at = [(0.0, "Healthy"), (5.0, "Suspect"), (8.0, "RollingBack")], 20.0
    for wait in waits:
        seen += [(at, "RolledBack"), (at + wait, "Probation"), (at + wait + 60, "RollingBack")]
        at += wait + 80
    return seen


HEALED = states("Healthy", "Suspect", "RollingBack", "RolledBack", "Probation", "Healthy")


def recovery_misses(healed: States, never: States) -> list[str]:
    said = judged(healed, never, 4, "", quick=False)
    return [name for name, held in said.details["bars"].items() if not held]


def test_what_came_back_and_what_waited_longer_hold() -> None:
    assert recovery_misses(HEALED, sick(20, 40, 80, 160)) == []


@pytest.mark.parametrize(
    ("healed", "never", "missed"),
    [
        (HEALED[:-1], sick(20, 40, 80, 160), "healthy again, whole"),
        (HEALED + states("RollingBack", "Healthy"), sick(20, 40, 80, 160), "rolled back once"),
        (HEALED, states("Healthy"), "still sick: tried at least 4 times"),
        (HEALED, sick(20), "still sick: tried at least 4 times"),
        (HEALED, sick(20, 21, 22, 23), "still sick: each wait 1.5 times as long"),
        (HEALED, [*sick(20, 40, 80, 160), (900.0, "Healthy")], "still sick: never whole"),
    ],
)
def test_each_bar_of_recovery_can_be_missed(healed: States, never: States, missed: str) -> None:
    assert missed in recovery_misses(healed, never)
