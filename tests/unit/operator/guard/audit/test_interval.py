"""The interval of a sample: exact, checked against every possible draw of small populations."""

from itertools import product
from math import comb

import pytest
from frametrace_operator.guard.audit.interval import ALPHA, _at_most, missing_interval
from frametrace_operator.guard.audit.shares import equal_share
from hypothesis import given
from hypothesis import strategies as st


def chance(population: int, bad: int, checked: int, missing: int) -> float:
    return comb(bad, missing) * comb(population - bad, checked - missing) / comb(population, checked)


@pytest.mark.parametrize("population", [1, 2, 7, 25, 40])
def test_it_covers_the_truth_in_all_but_one_of_a_hundred_draws(population: int) -> None:
    for checked, bad in product(range(population + 1), range(population + 1)):
        missed = 0.0
        for missing in range(max(0, checked - (population - bad)), min(bad, checked) + 1):
            low, high = missing_interval(population, checked, missing)
            missed += 0.0 if low <= bad <= high else chance(population, bad, checked, missing)
        assert missed <= ALPHA + 1e-9, (checked, bad)


def test_a_whole_population_that_was_checked_leaves_no_doubt() -> None:
    assert [missing_interval(n, n, n // 3) for n in (0, 1, 9, 4000)] == [(n // 3, n // 3) for n in (0, 1, 9, 4000)]


@given(st.integers(1, 100_000), st.floats(0, 1), st.floats(0, 1))
def test_it_holds_what_was_seen_and_is_possible(population: int, checked_share: float, missing_share: float) -> None:
    checked = round(population * checked_share)
    missing = round(checked * missing_share)
    low, high = missing_interval(population, checked, missing)
    assert missing <= low <= high <= population - (checked - missing)
    if checked:
        assert low <= population * missing / checked + 1
        assert high >= population * missing / checked - 1


@given(st.integers(1, 200), st.data())
def test_the_distribution_is_the_hypergeometric_one(population: int, data: st.DataObject) -> None:
    bad, checked = data.draw(st.integers(0, population)), data.draw(st.integers(0, population))
    most = data.draw(st.integers(-1, checked))
    lowest, highest = max(0, checked - (population - bad)), min(bad, checked)
    exact = sum(chance(population, bad, checked, x) for x in range(lowest, min(most, highest) + 1))
    assert _at_most(population, bad, checked, most) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("numbers", [(1, 2, 0), (2, 1, 2), (3, 2, -1)])
def test_impossible_counts_are_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=" of "):
        missing_interval(*numbers)


@given(st.lists(st.integers(0, 10_000), max_size=30), st.integers(0, 6000))
def test_a_budget_is_hardly_overdrawn_and_nothing_of_it_is_kept_from_who_wants_it(
    wants: list[int], budget: int
) -> None:
    share = equal_share(wants, budget)
    used = sum(min(want, share) for want in wants)
    assert used <= max(budget, len(wants))
    assert used >= min(budget, sum(wants)) - len(wants)


def test_one_pipeline_alone_is_looked_at_whole_and_a_thousand_get_five_each() -> None:
    assert equal_share([4900]) == 5000
    assert equal_share([900] * 1000) == 5
    assert equal_share([900] * 10_000) == 1
    assert equal_share([900] * 3 + [20_000]) == 2300
