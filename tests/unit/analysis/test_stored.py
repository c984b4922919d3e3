"""A Jaeger is read whole where it has trouble, and what it could not give is told."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from camera_runtime.analysis.analysis import analyse
from camera_runtime.analysis.memory import MemoryStore
from camera_runtime.analysis.pages import StoredJourneys
from camera_runtime.analysis.patience import Patience
from camera_runtime.journeys.base import JaegerUnavailableError
from frame_tracking import Journey

from tests.generated.journeys import TREE, Made, of_a_web_shop

BEGIN = datetime(2024, 3, 15, 10, 15, 30, tzinfo=UTC)
END = BEGIN + timedelta(minutes=10)
FRAMES = [Made(number, pipeline="entrance").journey() for number in range(1, 3001)]
AWAY = JaegerUnavailableError("Jaeger at memory does not answer (ReadTimeout)")


class Reading:
    """A Jaeger that is read; `waited` are the pauses that were made."""

    def __init__(self, store: MemoryStore, *, of_capture: bool = True, pipeline: str = "") -> None:
        self.waited: list[float] = []
        tags = {"pipeline.name": pipeline} if pipeline else {}
        patience = Patience(self.waited.append)
        self.source = StoredJourneys(store, BEGIN, END, of_capture=of_capture, tags=tags, patience=patience)
        self.told: list[float] = []

    def read(self) -> list[str | None]:
        return [journey.frame_id for journey in self.source.journeys(self.told.append)]


ALL = {journey.frame_id for journey in FRAMES}


def test_a_slice_that_failed_is_asked_for_again() -> None:
    store = MemoryStore(FRAMES)
    store.failing = {1: AWAY, 2: AWAY, 7: AWAY}
    reading = Reading(store)
    read = reading.read()

    assert (len(read), set(read)) == (3000, ALL)
    assert (reading.waited, reading.source.shortfall) == ([1, 2, 1], "")
    assert reading.told[-1] == 1.0


def test_answers_that_are_too_large_are_asked_for_in_shorter_slices() -> None:
    store = MemoryStore(FRAMES[:500])
    store.largest = 37
    reading = Reading(store)
    read = reading.read()

    assert (len(read), set(read)) == (500, {journey.frame_id for journey in FRAMES[:500]})
    assert (reading.waited, reading.source.shortfall) == ([], "")


def test_what_was_read_before_a_jaeger_went_away_is_analysed_and_the_rest_is_told() -> None:
    store = MemoryStore(FRAMES)
    store.failing = dict.fromkeys(range(4, 100), AWAY)
    reading = Reading(store)
    found = analyse(reading.source, {TREE.revision: TREE}, 5)

    assert 0 < found.read.traces < 3000
    assert found.completeness.complete == found.completeness.frames == found.read.traces
    assert "does not answer (ReadTimeout); journeys that began after 2024-03-15T10:1" in found.read.shortfall
    assert reading.waited == [1, 2, 4, 8]


def test_a_jaeger_that_never_gives_a_trace_is_an_error() -> None:
    store = MemoryStore(FRAMES)
    store.failing = dict.fromkeys(range(100), AWAY)

    with pytest.raises(JaegerUnavailableError, match="does not answer"):
        Reading(store).read()


def test_what_never_answered_at_all_is_not_waited_for() -> None:
    store = MemoryStore(FRAMES)
    store.failing, store.services_failing = dict.fromkeys(range(100), AWAY), AWAY
    reading = Reading(store)

    with pytest.raises(JaegerUnavailableError, match="does not answer"):
        reading.read()
    assert reading.waited == []


def test_a_jaeger_that_cannot_name_its_services_is_searched_all_the_same() -> None:
    store = MemoryStore(FRAMES[:10])
    store.services_failing = AWAY

    assert len(Reading(store).read()) == 10
    with pytest.raises(JaegerUnavailableError):
        Reading(store, of_capture=False).read()


def test_more_traces_in_a_millisecond_than_jaeger_gives_are_told() -> None:
    crowd = [Made(1, session=f"a{number:04d}").journey() for number in range(450)]
    reading = Reading(MemoryStore(crowd))

    assert len(reading.read()) < 450
    assert re.fullmatch(
        r"in \d milliseconds it had 400 traces or more each, and gave no more of them", reading.source.shortfall
    )


def test_other_programs_traces_are_not_even_read() -> None:
    lost = Made(5000, pipeline="entrance").journey([1, 2])
    store = MemoryStore([*FRAMES[:50], lost, *(of_a_web_shop(number) for number in range(1, 2001))])
    reading = Reading(store, of_capture=False)
    read = reading.read()

    assert set(read) == {*(journey.frame_id for journey in FRAMES[:50]), lost.frame_id}
    assert [search.limit for search in store.asked if search.service == "shop"] == [20]
    assert {search.service for search in store.asked} == {"rtsp-capture", "archive", "motion", "resize", "shop"}


def test_of_one_pipeline_only_its_own_journeys_are_asked_for() -> None:
    others = [Made(number, pipeline="yard", session="zzzzz").journey() for number in range(1, 500)]
    store = MemoryStore([*FRAMES[:50], *others])
    reading = Reading(store, of_capture=False, pipeline="entrance")

    assert set(reading.read()) == {journey.frame_id for journey in FRAMES[:50]}
    assert all(search.tags == {"pipeline.name": "entrance"} for search in store.asked)


def test_what_jaeger_finds_by_a_resource_is_counted() -> None:
    """Jaeger takes what a resource has for what its spans have, so a journey began where such a span says so."""
    made = [Made(number).journey() for number in range(1, 11)]
    found = [
        Journey.of(each.trace_id, [replace(span, resource={"pipeline.name": "entrance"}) for span in each.spans])
        for each in made
    ]
    read = Reading(MemoryStore(found), pipeline="entrance").read()

    assert sorted(map(str, read)) == sorted(str(each.frame_id) for each in made)


def test_a_service_whose_newest_traces_are_too_large_is_asked_for_one() -> None:
    store = MemoryStore([*FRAMES[:50], *(of_a_web_shop(number) for number in range(1, 50))])
    store.largest = 15
    reading = Reading(store, of_capture=False)

    assert set(reading.read()) == {journey.frame_id for journey in FRAMES[:50]}
    assert [search.limit for search in store.asked if search.service == "shop"] == [20, 1]
    assert reading.waited == []
