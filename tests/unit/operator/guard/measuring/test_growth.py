"""What a span takes on a volume, by the metrics of a badger that the test plays: tables, merges, what is too old, restarts."""

from __future__ import annotations

import pytest
from frametrace_operator.guard.jaeger.base import Taken
from frametrace_operator.guard.measuring.growth import LEAST_BYTES, MOST_BYTES, SHARE, TABLE_BYTES, Growth
from hypothesis import given, settings
from hypothesis import strategies as st

LIFETIME = 3600
WEIGHT, KEPT = 2000.0, 0.4


class Badger:
    """Spans of `weight` bytes, of which files keep a share; it says its size each minute, as badger does."""

    def __init__(self, rate: float, weight: float = WEIGHT, share: float = KEPT) -> None:
        self.rate, self.weight, self.share = rate, weight, share
        self.now = 0.0
        self.spans = self.written = self.memory = self.size = 0.0
        self.files: list[tuple[float, float]] = []
        self.growth = Growth()
        self.found: list[int | None] = []
        self.tell()

    def run(self, seconds: int, window: int = 30, known: int | None = None) -> int | None:
        """Let so many seconds pass; what was found last."""
        for _ in range(seconds // 10):
            self._ten_seconds()
            if self.now % window == 0:
                self.tell(known)
        return self.found[-1]

    def tell(self, known: int | None = None) -> None:
        taken = Taken(int(self.spans), int(self.written), int(self.size))
        self.found.append(self.growth.told(self.now, taken, lifetime=LIFETIME, known=known))

    def restart(self) -> None:
        """It begins to count anew, and has what was in its memory."""
        self.spans = self.written = 0.0

    def _ten_seconds(self) -> None:
        self.now += 10
        self.spans += 10 * self.rate
        self.written += 10 * self.rate * self.weight
        self.memory += 10 * self.rate * self.weight
        while self.memory >= TABLE_BYTES:
            self.memory -= TABLE_BYTES
            self.files.append((self.now, TABLE_BYTES * self.share))
            if len(self.files) % 5 == 0:
                self.files = [file for file in self.files if file[0] > self.now - LIFETIME]
        if self.now % 60 == 0:
            self.size = sum(size for _, size in self.files)


def about(number: float) -> object:
    return pytest.approx(number, rel=0.2)


@given(
    st.floats(50, 5000),
    st.sampled_from([10, 30, 60, 120]),
    st.floats(500, 5000),
    st.floats(0.15, 0.8),  # of 500 bytes: 0.1 is at the least that is believed, where a table more or less decides
    st.integers(0, 7),
)
@settings(max_examples=40)
def test_of_a_new_volume_the_size_of_a_span_is_known_and_stays(
    rate: float, window: int, weight: float, share: float, restarts: int
) -> None:
    badger = Badger(rate, weight, share)
    for _ in range(restarts):  # they cost at most the tables that were begun, and the answer stays
        badger.run(480, window)
        badger.restart()
    badger.run(3 * LIFETIME, window)

    left = LIFETIME - 480 * restarts
    enough = rate * weight * left > 12 * TABLE_BYTES and left >= 900
    assert badger.found[-1] == about(weight * share) or (not enough and badger.found[-1] == about(weight * SHARE))
    assert badger.found[-1] == pytest.approx(badger.found[-LIFETIME // window], rel=0.05), "though traces leave it now"


def test_of_a_volume_that_is_full_already_the_spans_are_weighed() -> None:
    badger = Badger(1000)
    badger.run(2 * LIFETIME)
    badger.growth = Growth()

    assert badger.run(600) == about(WEIGHT * SHARE)


def test_another_operator_begins_with_what_the_one_before_it_measured_and_follows_the_spans() -> None:
    badger = Badger(1000)
    measured = badger.run(2 * LIFETIME)
    badger.growth = Growth()

    assert badger.run(600, known=measured) == measured
    badger.weight *= 2
    assert badger.run(900, known=measured) == pytest.approx(2 * (measured or 0), rel=0.02)


def test_a_volume_that_was_cleared_is_measured_anew() -> None:
    badger = Badger(1000)
    badger.run(LIFETIME)
    badger.share, badger.files, badger.size = 0.7, [], 0.0
    badger.restart()

    assert badger.run(LIFETIME) == about(WEIGHT * 0.7)


def test_a_merge_that_is_under_way_is_no_growth() -> None:
    badger = Badger(1000)
    for _ in range(8):
        badger.run(300)
        badger.size *= 1.6  # the old tables and the new one, when it looked
        badger.run(30)

    assert badger.run(600) == about(WEIGHT * KEPT)


def test_what_says_nothing_changes_nothing() -> None:
    badger = Badger(1000)
    assert badger.run(240) is None
    measured = badger.run(LIFETIME)

    for nothing in (None, Taken(0), Taken(10**6, 10**9), Taken(10**6, None, 10**9)):
        assert badger.growth.told(badger.now, nothing, lifetime=LIFETIME, known=None) == measured
    assert badger.run(600) == measured


@given(st.lists(st.tuples(*[st.integers(0, 2**60)] * 3), max_size=30), st.none() | st.integers(1, 10**6))
def test_nonsense_is_never_told(told: list[tuple[int, int, int]], known: int | None) -> None:
    growth = Growth()
    for number, counts in enumerate(told):
        found = growth.told(300.0 * number, Taken(*counts), lifetime=LIFETIME, known=known)
        assert found is None or LEAST_BYTES <= found <= MOST_BYTES
