"""A walk from the newest downward gives the newest, all that there are, and says where it stopped, in whatever order Jaeger answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from camera_runtime.journeys.base import AnswerTooLargeError
from camera_runtime.journeys.downward import Bounds, Downward, Walked
from camera_runtime.journeys.jaeger import Search
from camera_runtime.journeys.memory import MemoryJaeger
from frame_tracking import Journey

from tests.generated.fleet import Shot, fleet, in_batches

BEGIN = datetime(2024, 3, 15, 10, 15, tzinfo=UTC)
SEARCH = Search({"pipeline.name": "yard"}, BEGIN, BEGIN + timedelta(hours=1), 100)


def jaeger_of(shots: list[Shot], *, by_start: bool) -> MemoryJaeger:
    return MemoryJaeger((shot.journey() for shot in shots), by_start=by_start)


def all_of(_: Journey) -> bool:
    return True


def ids(walked: Walked) -> list[str]:
    return [str(journey.frame_id) for journey in walked.journeys]


@pytest.mark.parametrize("by_start", [False, True])
@pytest.mark.parametrize("first", [None, timedelta(seconds=2), timedelta(minutes=59, seconds=55)])
def test_the_newest_are_found_whatever_the_order_of_answers(first: timedelta | None, *, by_start: bool) -> None:
    shots = fleet(20, 30, 10, BEGIN + timedelta(minutes=1))
    jaeger = jaeger_of(in_batches(shots), by_start=by_start)

    walked = Downward(jaeger, SEARCH, first).take(50, all_of)

    assert ids(walked) == [str(shot.frame_id) for shot in shots[:-51:-1]]
    assert not walked.ended
    assert len(jaeger.asked) <= 10


@pytest.mark.parametrize("by_start", [False, True])
def test_all_are_found_where_few_are_wanted(*, by_start: bool) -> None:
    shots = fleet(4, 30, 10, BEGIN)
    jaeger = jaeger_of(in_batches(shots), by_start=by_start)
    wanted = [str(shot.frame_id) for shot in reversed(shots) if shot.number % 60 == 0]

    walked = Downward(jaeger, SEARCH, bounds=Bounds(requests=60)).take(50, lambda each: str(each.frame_id) in wanted)

    assert ids(walked) == wanted
    assert (walked.ended, walked.looked) == (True, len(shots))


def test_a_walk_ends_within_its_bounds_and_says_how_far_it_came() -> None:
    shots = fleet(4, 30, 20, BEGIN)
    jaeger = jaeger_of(shots, by_start=True)

    walked = Downward(jaeger, SEARCH, bounds=Bounds(traces=300)).take(10, lambda _: False)

    assert not walked.ended
    assert 300 <= walked.looked < 500
    seen = [shot for shot in shots if round(shot.time.timestamp() * 1_000_000) + 2 >= walked.since_us]
    assert len(seen) == walked.looked


def test_a_walk_ends_when_its_time_is_over() -> None:
    clock = iter(range(0, 1000, 5))
    walk = Downward(jaeger_of(fleet(4, 30, 20, BEGIN), by_start=True), SEARCH, monotonic=lambda: next(clock))
    assert not walk.take(10, lambda _: False).ended


def test_an_answer_that_is_too_large_is_asked_for_in_parts() -> None:
    shots = fleet(4, 30, 2, BEGIN)
    jaeger = jaeger_of(shots, by_start=False)
    jaeger.largest = 30

    walked = Downward(jaeger, SEARCH).take(50, all_of)

    assert ids(walked) == [str(shot.frame_id) for shot in shots[:-51:-1]]
    jaeger.largest = 0
    with pytest.raises(AnswerTooLargeError):
        Downward(jaeger, SEARCH).take(50, all_of)


def test_where_more_than_may_be_asked_for_began_in_one_microsecond_it_is_said_that_not_all_were_seen() -> None:
    shots = [replace(shot, time=BEGIN) for shot in fleet(99, 3, 1, BEGIN)]
    jaeger = jaeger_of(shots, by_start=False)

    walked = Downward(jaeger, replace(SEARCH, begin=BEGIN - timedelta(hours=1))).take(500, all_of)

    assert (len(walked.journeys), walked.ended) == (100, False)
    assert len(jaeger.asked) < 10


def test_a_long_time_without_anything_takes_few_requests() -> None:
    jaeger = jaeger_of([Shot(BEGIN)], by_start=False)
    search = replace(SEARCH, end=BEGIN + timedelta(days=365))

    walked = Downward(jaeger, search, timedelta(seconds=10)).take(10, all_of)

    assert (len(walked.journeys), walked.ended) == (1, True)
    assert len(jaeger.asked) == 2
