"""What outlives looks for cycles is left out of the next ones, until an hour is over."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from frametrace_operator import garbage
from frametrace_operator.garbage import Outlived, collect_seldom

MANY = 1000


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    thresholds, callbacks = gc.get_threshold(), list(gc.callbacks)
    yield
    gc.callbacks[:] = callbacks
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Node:
    """One of a cycle, of itself alone."""

    def __init__(self) -> None:
        self.me = self


def test_what_is_there_already_is_looked_through_no_more() -> None:
    collect_seldom()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] > 700
    assert isinstance(gc.callbacks[-1], Outlived)


def test_what_outlived_two_looks_is_left_out_of_the_third_where_it_is_much() -> None:
    gc.collect()
    gc.freeze()
    before = gc.get_freeze_count()
    gc.callbacks.append(Outlived(MANY))
    few = [[number] for number in range(MANY // 10)]
    gc.collect(1)
    gc.collect()
    assert gc.get_freeze_count() == before
    many = [[number] for number in range(2 * MANY)]
    gc.collect(1)
    gc.collect()
    assert gc.get_freeze_count() - before > len(many) + len(few)


def test_what_died_in_a_cycle_after_it_was_left_out_is_found_by_the_first_look_after_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gc.collect()
    monkeypatch.setattr(garbage.time, "monotonic", lambda: 0.0)
    gc.callbacks.append(Outlived(0))
    node = Node()
    seen = weakref.ref(node)
    gc.collect(1)
    gc.collect()
    del node
    gc.collect()
    assert seen() is not None
    monkeypatch.setattr(garbage.time, "monotonic", lambda: 3601.0)
    gc.collect()
    assert seen() is None


def test_what_outlives_the_hours_look_is_left_out_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    monkeypatch.setattr(garbage.time, "monotonic", lambda: 0.0)
    gc.callbacks.append(Outlived(MANY))
    many = [[number] for number in range(2 * MANY)]
    gc.freeze()
    monkeypatch.setattr(garbage.time, "monotonic", lambda: 3601.0)
    node = Node()
    seen = weakref.ref(node)
    del node
    gc.collect()

    assert seen() is None, "it was dead before"
    assert gc.get_freeze_count() > len(many)
