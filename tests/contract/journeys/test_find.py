# ruff: noqa: ANN001 - the fixtures' types live in conftest.py, which cannot be imported
"""Search and lists on a real Jaeger, with either storage: each gives its own traces of too many, and the newest are found in both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from camera_runtime.journeys.base import Matches
from camera_runtime.journeys.jaeger import Jaeger
from camera_runtime.journeys.stored import JaegerJourneys
from camera_runtime.page.belonging import Belonging
from camera_runtime.page.frames import Frames
from frame_tracking import FrameQuery

from scripts.servers.jaeger import JaegerServer
from tests.generated.fleet import Shot, fleet, in_batches
from tests.real.page import send

pytestmark = pytest.mark.contract
STAGES = ("motion", "archive")


@dataclass
class Stored:
    """A Jaeger, what it has of one pipeline, and when that began."""

    server: JaegerServer
    begin: datetime

    def put(self, shots: Iterable[Shot]) -> None:
        send(self.server, (shot.journey() for shot in shots))

    def find(self, text: str, limit: int = 20) -> Matches:
        return JaegerJourneys(Jaeger(self.server.query_url)).find(FrameQuery.parse(text), limit)


@pytest.fixture(scope="module", params=[False, True], ids=["memory", "badger"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """Three minutes of two cameras at 15 frames a second, which a restart has parted in two sessions."""
    server = JaegerServer(tmp_path_factory.mktemp("jaeger"), badger=request.param)
    begin = (datetime.now(UTC) - timedelta(minutes=10)).replace(second=0, microsecond=0)
    made = Stored(server, begin)
    made.put(in_batches(shots_of(begin)))
    yield made
    server.stop()


def shots_of(begin: datetime) -> list[Shot]:
    names = {"cam01": "b0b0b", "cam02": "c1c1c"}
    before = [replace(shot, session=names[shot.camera]) for shot in fleet(2, 15, 50, begin)]
    return [*before, *fleet(2, 15, 130, begin + timedelta(seconds=50))]


def newest(shots: Iterable[Shot], text: str, limit: int = 20) -> list[str]:
    query = FrameQuery.parse(text)
    return sorted((str(shot.frame_id) for shot in shots if query.matches(shot.frame_id)), reverse=True)[:limit]


def ids(found: Matches) -> list[str]:
    return [str(journey.frame_id) for journey in found.journeys]


TEXTS: dict[str, Callable[[datetime], str]] = {
    "a minute": lambda begin: f"{begin + timedelta(minutes=1):%Y%m%dT%H%M}",
    "a minute of a camera": lambda begin: f"{begin + timedelta(minutes=1):%Y-%m-%dT%H:%M}_cam01",
    "a second": lambda begin: f"{begin + timedelta(seconds=100):%Y%m%dT%H%M%S}",
    "a second of a camera": lambda begin: f"{begin + timedelta(seconds=100):%Y%m%dT%H%M%S}_cam02",
    "a session": lambda _: "b0b0b",
    "a session of a camera": lambda _: "cam02_c1c1c",
    "a number": lambda _: "cam01_000077",
    "a number alone": lambda _: "000077",
    "a camera": lambda _: "cam01",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("limit", [20, 50])
def test_parts_of_an_id_find_the_newest_frames_whatever_came_afterwards(stored, text, limit) -> None:
    shots, part = shots_of(stored.begin), text(stored.begin)
    found = stored.find(part, limit)
    assert ids(found) == newest(shots, part, limit)
    assert (found.cut, found.more) == (False, len(newest(shots, part, 10_000)) > limit)


def test_frames_without_a_span_of_the_capture_are_found(stored) -> None:
    time = stored.begin + timedelta(seconds=30)
    kept = Shot(time, "cam08", 7, stages=STAGES, kept_by="archive")
    lost = Shot(time, "cam09", 8, stages=STAGES, lost=True)
    stored.put([kept, lost])
    for shot in (kept, lost):
        for text in (
            shot.camera,
            f"{time:%Y%m%dT%H%M%S}_{shot.camera}",
            f"{time:%Y%m%d}_{shot.camera}_00000{shot.number}",
        ):
            assert ids(stored.find(text)) == [shot.frame_id], text


def test_a_jaeger_that_holds_few_traces_is_asked_for_few(tmp_path: Path) -> None:
    begin = datetime.now(UTC) - timedelta(seconds=20)
    shots = fleet(1, 30, 1, begin)
    server = JaegerServer(tmp_path, max_traces=40)
    try:
        send(server, (shot.journey() for shot in shots))
        found = {
            text: JaegerJourneys(Jaeger(server.query_url)).find(FrameQuery.parse(text), 20)
            for text in ("cam01", "cam01_000007", "cam01_a7f3c", f"{begin:%Y%m%d}")
        }
    finally:
        server.stop()
    assert {text: ids(each) for text, each in found.items()} == {text: newest(shots, text) for text in found}


@pytest.mark.parametrize("badger", [False, True], ids=["memory", "badger"])
def test_lists_are_full_at_64_cameras_and_30_frames_a_second(tmp_path: Path, *, badger: bool) -> None:
    begin = datetime.now(UTC) - timedelta(seconds=20)
    own = fleet(64, 30, 3, begin)
    others = [replace(shot, namespace="site-b") for shot in fleet(4, 30, 3, begin + timedelta(seconds=4))]
    server = JaegerServer(tmp_path, badger=badger)
    try:
        send(server, (shot.journey() for shot in in_batches([*own, *others])))
        frames = Frames(Jaeger(server.query_url), Belonging("site-a", "yard"), 3600, lambda: datetime.now(UTC))
        listed = [frames.newest(count) for count in (50, 250)]
    finally:
        server.stop()
    for page, count in zip(listed, (50, 250), strict=True):
        assert [journey.frame_id for journey in page.journeys] == [
            str(shot.frame_id) for shot in own[: -count - 1 : -1]
        ]
        assert page.older is not None
