"""Slices of time cover all of it once, none that is taken holds too much, and little is asked for in vain."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from camera_runtime.analysis.slices import MOST, Slices
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def asked(times: Sequence[float]) -> tuple[list[tuple[datetime, datetime]], int]:
    """The slices that are taken where traces begin at these seconds, sorted, and how many traces all answers had."""
    slices, taken, read = Slices(NOON, NOON + HOUR), [], 0
    while (found := slices.next()) is not None:
        begin, end = ((each - NOON).total_seconds() for each in found)
        number = min(MOST, bisect_left(times, end) - bisect_left(times, begin))
        read += number
        if slices.take(number):
            taken.append(found)
    return taken, read


@given(st.lists(st.tuples(st.floats(0, 3599), st.integers(1, 1500)), max_size=6))
def test_the_whole_time_is_covered_once_in_order(bursts: list[tuple[float, int]]) -> None:
    times = sorted(start + number * 1e-3 for start, many in bursts for number in range(many))
    taken, _ = asked(times)

    assert (taken[0][0], taken[-1][1]) == (NOON, NOON + HOUR)
    assert all(before[1] == after[0] for before, after in pairwise(taken))


def test_a_steady_flow_is_read_little_more_than_once() -> None:
    times = [number / 30 for number in range(100_000)]  # 30 a second

    assert asked(times)[1] < 1.1 * len(times)


def test_bursts_after_a_long_silence_are_not_read_over_and_over() -> None:
    times = [3000 + burst * 0.1 + number * 5e-5 for burst in range(20) for number in range(MOST)]

    assert asked(times)[1] < 3 * len(times)


def test_traces_that_go_while_they_are_read_cost_no_more_than_some_short_slices() -> None:
    slices, asks = Slices(NOON, NOON + HOUR), 0
    while slices.next() is not None:
        slices.take(MOST if asks == 8 else 0)  # full once, and never again
        asks += 1

    assert asks < 200


@given(st.sets(st.integers(0, 60), max_size=10))
def test_slices_without_an_answer_come_again_shorter_until_all_is_covered(failing: set[int]) -> None:
    slices, taken, asks = Slices(NOON, NOON + HOUR), [], 0
    while (found := slices.next()) is not None:
        if asks in failing:
            assert slices.shorten()
            after = slices.next()
            assert after is not None
            assert (after[0], after[1] < found[1]) == (found[0], True)
        elif slices.take(10):
            taken.append(found)
        asks += 1

    assert (taken[0][0], taken[-1][1]) == (NOON, NOON + HOUR)
    assert all(before[1] == after[0] for before, after in pairwise(taken))
