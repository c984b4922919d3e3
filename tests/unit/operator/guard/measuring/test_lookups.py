"""Look-ups out of common budgets: a fleet that turns suspect at once floods no Jaeger, and each of it has its share."""

from __future__ import annotations

from frametrace_operator.guard.audit.shares import BUDGET, BUDGET_SECONDS, SUSPECTS_BUDGET, WHOLE
from frametrace_operator.guard.measuring.lookups import Lookups


class Standing:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def wall(self) -> float:
        raise AssertionError("nothing is dated here")

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody sleeps here, {seconds} s")


def taken(
    lookups: Lookups[int], clock: Standing, pipelines: int, *, suspect: bool, windows: int = 1, length: int = 30
) -> list[list[int]]:
    """What each pipeline takes, window by window, spread over each window."""
    found = []
    for _ in range(windows):
        window = []
        for key in range(pipelines):
            clock.seconds += length / pipelines
            window.append(lookups.take(key, 30 * length, length, suspect=suspect))
        found.append(window)
    return found


def made() -> tuple[Lookups[int], Standing]:
    clock = Standing()
    return Lookups(clock, WHOLE), clock


def test_one_alone_is_looked_at_whole_healthy_or_suspect_in_windows_of_any_length() -> None:
    for suspect in (False, True):
        for length in (5, 30):
            lookups, _ = made()
            assert lookups.take(1, WHOLE, length, suspect=suspect) == WHOLE


def test_ten_suspects_of_thirty_frames_a_second_are_looked_at_whole() -> None:
    lookups, clock = made()
    for window in taken(lookups, clock, 10, suspect=True, windows=5)[1:]:
        assert window == [900] * 10


def test_a_thousand_that_turn_suspect_in_one_window_take_no_more_than_a_budget_and_its_rest() -> None:
    lookups, clock = made()
    first, *later = taken(lookups, clock, 1000, suspect=True, windows=6)

    assert sum(first) <= 2 * SUSPECTS_BUDGET + 5 * 1000
    for window in later[1:]:
        assert sum(window) <= 1.1 * SUSPECTS_BUDGET
        assert min(window) >= 5
    assert max(later[-1]) - min(later[-1]) <= 7, "each has its share"


def test_short_windows_take_no_more_in_the_same_time() -> None:
    for length in (5, 10, 30):
        lookups, clock = made()
        taken(lookups, clock, 100, suspect=True, windows=60 // length, length=length)
        windows = taken(lookups, clock, 100, suspect=True, windows=30 // length, length=length)
        least = 5 * 100 * BUDGET_SECONDS // length
        assert sum(map(sum, windows)) <= 1.1 * SUSPECTS_BUDGET + least


def test_a_healthy_fleet_shares_its_own_budget_and_suspects_take_nothing_of_it() -> None:
    lookups, clock = made()
    taken(lookups, clock, 10, suspect=True)
    shares = [lookups.take(key, 900, 30, suspect=False) for key in range(100, 1100)]
    clock.seconds += 30
    shares = [lookups.take(key, 900, 30, suspect=False) for key in range(100, 1100)]

    assert set(shares) == {BUDGET // 1000}


def test_who_is_suspect_no_more_or_gone_leaves_its_share_to_the_others() -> None:
    lookups, clock = made()
    taken(lookups, clock, 1000, suspect=True)
    for key in range(10, 500):
        lookups.share(key, 900, 30, suspect=False)
    for key in range(500, 1000):
        lookups.forget(key)
    clock.seconds += 30

    assert lookups.share(1, 900, 30, suspect=True) >= 900
