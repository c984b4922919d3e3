"""Lists: newest first, page by page, none twice and none left out, whatever the order in which Jaeger got them."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.generated.fleet import fleet, in_batches


def walk(visit: Any, count: int, camera: str = "") -> list[list[int]]:
    """The numbers of the frames on all pages, from the newest on."""
    pages, before = [], None
    while True:
        listed = visit.frames.newest(count, camera, before)
        pages.append([int(journey.frame_id.rsplit("_", 1)[1]) for journey in listed.journeys])
        if listed.older is None:
            return pages
        before = listed.older
        assert len(pages) < 500


@pytest.mark.parametrize("seed", range(3))
def test_all_frames_are_on_the_pages_once_in_order(visit: Any, journey_of: Any, seed: int) -> None:
    numbers = list(range(1, 1203))
    random.Random(seed).shuffle(numbers)
    visit.store(*(journey_of(number) for number in numbers))
    pages = walk(visit, 50)
    assert [number for page in pages for number in page] == list(range(1202, 0, -1))
    assert list(map(len, pages)) == [*([50] * 24), 2]
    assert max(search.limit for search in visit.jaeger.asked) <= 1000


@pytest.mark.parametrize("most", [7, 10, 64])
def test_a_jaeger_that_lets_few_be_asked_for_at_once_gives_all_the_same(visit: Any, journey_of: Any, most: int) -> None:
    visit.frames._most = most
    visit.store(*(journey_of(number) for number in range(1, 200)))
    assert [number for page in walk(visit, 20) for number in page] == list(range(199, 0, -1))
    assert {search.limit for search in visit.jaeger.asked} <= set(range(most + 1))


@pytest.mark.parametrize("by_start", [False, True], ids=["memory", "badger"])
@pytest.mark.parametrize(("cameras", "per_second"), [(128, 30), (64, 30), (10, 30), (1, 5)])
def test_pages_are_full_however_many_frames_come_in_whatever_batches(
    visit: Any, cameras: int, per_second: int, *, by_start: bool
) -> None:
    shots = fleet(cameras, per_second, 3 if cameras > 10 else 60, visit.now - timedelta(seconds=60))
    visit.jaeger.by_start = by_start
    visit.store(*(shot.journey() for shot in in_batches(shots)))
    newest = [str(shot.frame_id) for shot in reversed(shots)]
    for count in (50, 250):
        visit.jaeger.asked.clear()
        first = visit.frames.newest(count)
        second = visit.frames.newest(count, before=first.older)
        found = [str(journey.frame_id) for journey in (*first.journeys, *second.journeys)]
        assert found == newest[: 2 * count]
        assert len(visit.jaeger.asked) <= 16


def test_a_namesake_in_another_namespace_hides_no_frame(visit: Any) -> None:
    own = fleet(1, 10, 4, visit.now - timedelta(minutes=10))
    others = [replace(shot, namespace="site-b") for shot in fleet(4, 30, 5, visit.now - timedelta(minutes=1))]
    visit.store(*(shot.journey() for shot in (*own, *others)))
    listed = visit.frames.newest(50)
    assert [journey.frame_id for journey in listed.journeys] == [shot.frame_id for shot in reversed(own)]
    assert (listed.older, listed.looked) == (None, 0)


def test_where_others_have_too_many_it_is_said_how_many_were_looked_through(visit: Any) -> None:
    own = fleet(1, 1, 1, visit.now - timedelta(minutes=10))
    others = [replace(shot, namespace="site-b") for shot in fleet(20, 30, 6, visit.now - timedelta(minutes=1))]
    visit.store(*(shot.journey() for shot in (*own, *others)))
    listed = visit.frames.newest(50)
    assert (listed.journeys, 3000 <= listed.looked < 3500) == ((), True)
    assert [len(page) for page in walk(visit, 50)] == [0, 1]


def test_of_a_jaeger_of_ones_own_all_that_it_keeps_is_listed(external: Any, journey_of: Any) -> None:
    external.store(journey_of(1))
    for days in (0.5, 20, 300):
        external.now = external.now.replace(hour=12) + timedelta(days=days)
        assert walk(external, 10) == [[1]]
        external.now -= timedelta(days=days)


def test_an_empty_jaeger_and_one_with_a_page_exactly(visit: Any, journey_of: Any) -> None:
    assert walk(visit, 50) == [[]]
    visit.store(*(journey_of(number) for number in range(1, 51)))
    assert walk(visit, 50) == [list(range(50, 0, -1))]
    assert list(map(len, walk(visit, 25))) == [25, 25]


def test_one_camera_has_pages_of_its_own(visit: Any, journey_of: Any) -> None:
    visit.store(*(journey_of(number, camera=f"cam{1 + number % 2:02d}") for number in range(1, 200)))
    pages = walk(visit, 20, "cam02")
    assert [number for page in pages for number in page] == list(range(199, 0, -2))


def test_frames_of_others_are_passed_over(visit: Any, journey_of: Any) -> None:
    visit.store(*(journey_of(number, namespace="site-a" if number % 40 == 0 else "site-b") for number in range(1, 400)))
    pages = walk(visit, 10)
    assert [number for page in pages for number in page] == list(range(360, 0, -40))


def test_frames_that_began_at_once_are_all_there(visit: Any, journey_of: Any) -> None:
    """More of them than are asked for at once began in one millisecond of two seconds with nothing else."""
    early, late = [journey_of(number) for number in range(1, 30)], journey_of(1000)
    visit.store(late, *early)
    assert [number for page in walk(visit, 7) for number in page] == [1000, *range(29, 0, -1)]


def test_nothing_older_than_what_is_kept_is_looked_for(visit: Any, journey_of: Any) -> None:
    visit.store(journey_of(1))
    visit.now = visit.now.replace(hour=12)
    assert walk(visit, 10) == [[]]
