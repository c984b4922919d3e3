"""Lists: newest first, page by page, none twice and none left out, whatever the order in which Jaeger got them."""

from __future__ import annotations

import random
from typing import Any

import pytest


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
