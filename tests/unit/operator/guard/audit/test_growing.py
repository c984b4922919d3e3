"""The interval of a sample that grows: it holds at every look at once, by the exact chances of all samples there can be."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import pytest
from frametrace_operator.guard.audit.growing import grown_interval
from frametrace_operator.guard.audit.interval import missing_interval
from hypothesis import given
from hypothesis import strategies as st

ALPHA, LIMIT = 0.01, 0.01
MANY = 10**7
Interval = Callable[[int, int, int], tuple[float, float]]


def grown(population: int, checked: int, missing: int) -> tuple[float, float]:
    return grown_interval(population, checked, missing, LIMIT, ALPHA)


def ever_wrong(interval: Interval, share: float, looks: int) -> tuple[float, float]:
    """The chances that its low end is above the truth, and that its high end is below, at one look or more: one after each frame."""
    chances, too_high, too_low = [1.0], 0.0, 0.0
    above, below = (
        1,
        -1,
    )  # the fewest missing frames for which the low end is above, the most for which the high end is below
    for checked in range(1, looks + 1):
        chances = [
            (chances[n] if n < len(chances) else 0.0) * (1 - share) + (chances[n - 1] * share if n else 0.0)
            for n in range(len(chances) + 1)
        ]
        while above <= checked and interval(MANY, checked, above)[0] <= share * MANY:
            above += 1
        while below + 1 < checked and interval(MANY, checked, below + 1)[1] < share * MANY:
            below += 1
        too_high, chances = too_high + sum(chances[above:]), chances[:above]
        too_low, chances = too_low + sum(chances[: below + 1]), [0.0] * (below + 1) + chances[below + 1 :]
    return too_high, too_low


@pytest.mark.parametrize(("share", "looks"), [(0.001, 3000), (0.01, 2000), (0.05, 600), (0.5, 200)])
def test_it_is_wrong_at_any_look_with_the_chance_it_says(share: float, looks: int) -> None:
    assert sum(ever_wrong(grown, share, looks)) <= ALPHA


def test_the_interval_of_one_look_is_not_one_of_many() -> None:
    assert max(ever_wrong(missing_interval, 0.01, 1000)) > ALPHA


@given(st.integers(1, 100_000), st.floats(0, 1), st.floats(0, 1))
def test_it_holds_what_was_seen_and_is_possible(population: int, checked_share: float, missing_share: float) -> None:
    checked = round(population * checked_share)
    missing = round(checked * missing_share)
    low, high = grown(population, checked, missing)
    assert missing <= low <= high + 1e-6
    assert high <= population - (checked - missing)
    if checked:
        assert low <= population * missing / checked + 1e-6
        assert high >= population * missing / checked - 1e-6


@pytest.mark.parametrize("share", [0.002, 0.01, 0.1])
def test_it_closes_in_on_the_truth(share: float) -> None:
    for checked in (10_000, 100_000, 1_000_000):
        low, high = grown(MANY, checked, round(checked * share))
        assert high - low <= MANY * 2 * 6 * sqrt(share / checked)


@pytest.mark.parametrize("numbers", [(1, 2, 0), (2, 1, 2), (3, 2, -1)])
def test_impossible_counts_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=" of "):
        grown(*numbers)
