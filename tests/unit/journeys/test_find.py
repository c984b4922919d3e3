"""Parts of a frame's ID find its frames in a Jaeger, whatever came afterwards and in whatever order Jaeger answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from camera_runtime.journeys.base import JaegerUnavailableError, Matches
from camera_runtime.journeys.memory import MemoryJaeger
from camera_runtime.journeys.stored import JaegerJourneys
from frame_tracking import FrameQuery, Journey

from tests.generated.fleet import Shot, fleet, in_batches

BEGIN = datetime(2024, 3, 15, 10, 14, tzinfo=UTC)
NOW = BEGIN + timedelta(minutes=4)
YARD = {"pipeline.name": "yard"}
Find = Callable[..., Matches]


@pytest.fixture(params=[False, True], ids=["memory", "badger"])
def find(request: pytest.FixtureRequest) -> Find:
    """Look for a part of an ID among frames that a Jaeger got in this order."""

    def look(text: str, shots: Iterable[Shot], limit: int = 20, now: datetime = NOW) -> Matches:
        jaeger = MemoryJaeger((shot.journey() for shot in shots), by_start=request.param)
        found = JaegerJourneys(jaeger, YARD, lambda: now).find(FrameQuery.parse(text), limit)
        assert len(jaeger.asked) <= 20
        return found

    return look


def newest(shots: Iterable[Shot], text: str, limit: int = 20) -> list[str]:
    query = FrameQuery.parse(text)
    return sorted((str(shot.frame_id) for shot in shots if query.matches(shot.frame_id)), reverse=True)[:limit]


def ids(found: Matches) -> list[str]:
    return [str(journey.frame_id) for journey in found.journeys]


@pytest.mark.parametrize(("cameras", "per_second"), [(1, 10), (1, 30), (2, 15), (12, 10)])
@pytest.mark.parametrize(
    "text", ["20240315T1015", "2024-03-15T10:15_cam01", "20240315T101530", "20240315T101530_cam01", "20240315T10"]
)
def test_a_time_finds_its_newest_frames_whatever_came_afterwards(
    find: Find, text: str, cameras: int, per_second: int
) -> None:
    shots = fleet(cameras, per_second, 180, BEGIN) if cameras < 12 else fleet(cameras, per_second, 100, BEGIN)
    for limit in (20, 50):
        found = find(text, in_batches(shots), limit)
        assert ids(found) == newest(shots, text, limit)
        assert found.more is (len(newest(shots, text, 1000)) > limit)
        assert (found.cut, found.caveats()) == (False, ())


def test_a_frame_is_found_by_its_time_however_far_its_clock_has_drifted(find: Find) -> None:
    others = fleet(3, 30, 20, BEGIN)
    for apart in (timedelta(milliseconds=-30), timedelta(milliseconds=700), timedelta(seconds=-1)):
        odd = Shot(BEGIN + timedelta(seconds=10), "cam09", 7, "bbbbb", apart=apart)
        assert ids(find("20240315T101410_cam09", [*others, odd])) == [odd.frame_id]
        assert ids(find(str(odd.frame_id)[:21], [*others, odd])) == [odd.frame_id]


def test_frames_without_a_time_are_found_in_a_year(find: Find) -> None:
    shots = [Shot(BEGIN - timedelta(days=day), number=day) for day in range(300, 0, -10)]
    assert ids(find("cam01_000290", shots)) == [shots[1].frame_id]
    assert len(ids(find("cam01", shots, 100))) == 30
    none = find("cam02_000290", shots)
    assert (none.journeys, none.caveats()) == ((), ("looked for frames of the last 366 days",))


def test_a_session_is_found_behind_many_others(find: Find) -> None:
    """Its first frame tells where it is; and where that is no longer kept, the one after it tells where it ended."""
    names = {"cam01": "b0b0b", "cam02": "c1c1c"}
    before = [replace(shot, session=names[shot.camera]) for shot in fleet(2, 30, 20, BEGIN)]
    after = fleet(2, 30, 60, BEGIN + timedelta(seconds=30))
    for kept in (before, [shot for shot in before if shot.number > 100]):
        shots = in_batches([*kept, *after])
        for text in ("cam01_b0b0b", "b0b0b", "20240315T1014_cam01_b0b0b"):
            found = find(text, shots)
            assert ids(found) == newest(shots, text), text
            assert (found.cut, found.more) == (False, True)


def test_a_session_is_found_that_went_on_beside_another_of_the_same_camera(find: Find) -> None:
    """Such as that of a camera of the same name in another pipeline, on a Jaeger that both use."""
    long = [replace(shot, session="b0b0b") for shot in fleet(1, 30, 100, BEGIN)]
    short = [
        replace(shot, session=name)
        for name, at in (("c1c1c", 30), ("d2d2d", 60))
        for shot in fleet(1, 30, 5, BEGIN + timedelta(seconds=at))
    ]
    for text in ("b0b0b", "cam01_b0b0b", "c1c1c", "cam01_d2d2d"):
        shots = in_batches([*long, *short])
        assert ids(find(text, shots)) == newest(shots, text), text


def test_of_a_session_that_is_not_found_it_is_said_how_many_frames_were_looked_through(find: Find) -> None:
    found = find("cam01_zzzzz", fleet(1, 30, 100, BEGIN))
    assert found.journeys == ()
    assert found.caveats()[0] == f"looked through the newest {found.looked:,} traces that may match"
    assert 600 <= found.looked < 1200


def test_a_word_is_a_camera_first_and_then_a_session(find: Find) -> None:
    shots = [*fleet(1, 30, 10, BEGIN), Shot(BEGIN + timedelta(minutes=1), "a7f3c", 1, "b0b0b")]
    assert ids(find("a7f3c", shots)) == [shots[-1].frame_id]
    assert ids(find("cam01", shots)) == newest(shots, "cam01")
    assert ids(find("b0b0b", shots)) == [shots[-1].frame_id]


def test_a_number_of_many_cameras_and_sessions_is_found(find: Find) -> None:
    shots = [
        replace(shot, session=session)
        for session in ("a7f3c", "b0b0b", "c1c1c", "d2d2d")
        for shot in fleet(100, 1, 3, BEGIN)
    ]
    for text in ("cam077_000002", "000002", "cam077_b0b0b_000002", "b0b0b_000002", "20240315_cam077_000002", "cam77_2"):
        assert ids(find(text, shots, 1000)) == newest(shots, text, 1000), text


STAGES = ("motion", "archive")


@pytest.mark.parametrize(
    "text",
    [
        "20240315_cam01_000007",
        "20240315T101410_cam01",
        "20240315T1014",
        "cam01",
        "cam01_a7f3c",
        "cam01_000007",
    ],
)
@pytest.mark.parametrize("kind", [{"kept_by": "archive"}, {"lost": True}])
def test_a_frame_without_a_span_of_the_capture_is_found(find: Find, text: str, kind: dict[str, str]) -> None:
    own = replace(Shot(BEGIN + timedelta(seconds=10), number=7, stages=STAGES), **kind)
    others = [replace(shot, camera="cam02", session="b0b0b", stages=STAGES) for shot in fleet(1, 30, 20, BEGIN)]
    if kind == {"lost": True} and "cam" not in text:  # where a time alone has other frames, nothing seems to be missing
        others = []
    assert own.frame_id in ids(find(text, [*others, own], 1000))


def test_frames_that_a_stage_kept_stand_among_the_others(find: Find) -> None:
    shots = fleet(1, 30, 20, BEGIN)
    late = timedelta(seconds=40)
    mixed = [replace(shot, stages=STAGES, kept_by="motion", apart=late) if shot.number % 10 else shot for shot in shots]
    for text in ("cam01", "20240315T1014", "20240315T101405_cam01"):
        assert ids(find(text, mixed)) == newest(shots, text)


def test_of_a_shared_jaeger_only_the_pipelines_own_frames_count() -> None:
    own = fleet(1, 30, 2, BEGIN)
    others = [
        replace(shot, namespace="site-b", session="b0b0b") for shot in fleet(4, 30, 5, BEGIN + timedelta(seconds=9))
    ]
    jaeger = MemoryJaeger(shot.journey() for shot in (*own, *others))
    source = JaegerJourneys(
        jaeger,
        YARD,
        lambda: NOW,
        owns=lambda journey: journey.spans[0].resource.get("k8s.namespace.name") == "site-a",
        stages=lambda: STAGES,
        keep=timedelta(hours=1),
    )
    for text in ("cam01", "20240315T1014", "cam01_a7f3c", "a7f3c", "cam01_000007"):
        assert ids(source.find(FrameQuery.parse(text), 50)) == newest(own, text, 50), text


def test_a_jaeger_that_takes_too_long_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    shots = fleet(1, 30, 100, BEGIN)
    clock = iter(range(0, 100_000, 15))
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    source = JaegerJourneys(MemoryJaeger(shot.journey() for shot in shots), YARD, lambda: NOW)
    with pytest.raises(JaegerUnavailableError, match="Jaeger at memory takes too long to answer"):
        source.find(FrameQuery.parse("20240315T1015"), 20)


def test_services_beyond_measure_are_not_all_searched() -> None:
    jaeger = MemoryJaeger([Shot(BEGIN, stages=tuple(f"shop-{number}" for number in range(100))).journey()])
    found = JaegerJourneys(jaeger, clock=lambda: NOW).find(FrameQuery.parse("cam02"), 20)
    assert "did not look at the spans of 68 more services" in found.caveats()
    assert len(jaeger.asked) < 150


SHOP = Shot(BEGIN, "cam77", 1, "zzzzz", pipeline="shop", stages=tuple(f"shop-{number:02}" for number in range(40)))
"""Forty services of another program in the same Jaeger."""


def test_services_of_others_are_asked_only_where_nothing_else_is_found() -> None:
    own = [replace(shot, stages=(*STAGES, "zoom")) for shot in fleet(2, 30, 20, BEGIN)]
    among = replace(Shot(BEGIN + timedelta(seconds=30), number=7, stages=("zoom",)), kept_by="zoom")
    alone = replace(among, camera="cam09")
    jaeger = MemoryJaeger(shot.journey() for shot in (*own, SHOP, among, alone))
    source = JaegerJourneys(jaeger, clock=lambda: NOW)
    assert ids(source.find(FrameQuery.parse("cam01"), 20))[0] == among.frame_id
    assert len(jaeger.asked) <= 8
    found = source.find(FrameQuery.parse("cam09"), 20)
    assert (ids(found), found.unasked) == ([alone.frame_id], 0)


class Nameless(MemoryJaeger):
    """A Jaeger without the older query API, or behind a proxy that lets searches through alone."""

    def services(self) -> tuple[str, ...]:
        raise JaegerUnavailableError("Jaeger at memory answered 403")


def test_a_jaeger_that_does_not_tell_its_services_is_searched_all_the_same() -> None:
    shots = [replace(shot, stages=STAGES) for shot in fleet(2, 30, 20, BEGIN)]
    source = JaegerJourneys(Nameless(shot.journey() for shot in shots), YARD, lambda: NOW)
    for text in ("cam01", "20240315T1014", "cam01_000007", "cam01_a7f3c"):
        found = source.find(FrameQuery.parse(text), 20)
        assert (ids(found), found.unnamed) == (newest(shots, text), False), text
    without = [replace(shot, stages=()) for shot in shots]
    for text, there in (("cam01", True), ("cam09", False)):
        found = JaegerJourneys(Nameless(shot.journey() for shot in without), YARD, lambda: NOW).find(
            FrameQuery.parse(text), 20
        )
        assert bool(found.journeys) is there
        assert "did not look at the spans of stages, for Jaeger does not tell which services it has" in found.caveats()


def test_an_empty_day_is_no_jaeger_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    jaeger = MemoryJaeger(shot.journey() for shot in (*fleet(1, 30, 10, BEGIN), SHOP))
    monkeypatch.setattr("time.monotonic", lambda: float(len(jaeger.asked)))
    for text in ("20230101", "999999"):
        found = JaegerJourneys(jaeger, clock=lambda: NOW).find(FrameQuery.parse(text), 20)
        assert found.journeys == ()
        assert "not all could be looked through, for Jaeger takes too long" in found.caveats()


@pytest.mark.parametrize("time", ["00010101T000000000000", "99991231T235959999999"])
@pytest.mark.parametrize("by_start", [False, True])
def test_a_foreign_frame_of_the_end_of_all_time_breaks_no_search(time: str, *, by_start: bool) -> None:
    shots = fleet(1, 10, 20, BEGIN)
    (span, *_) = Shot(BEGIN, number=1).journey().spans
    foreign = replace(span, attributes={**span.attributes, "frame.id": f"{time}_cam01_bbbbb_000001"})
    jaeger = MemoryJaeger([*(shot.journey() for shot in shots), Journey.of("f" * 32, [foreign])], by_start=by_start)
    source = JaegerJourneys(jaeger, YARD, lambda: NOW)
    assert ids(source.find(FrameQuery.parse("cam01_a7f3c"), 20)) == newest(shots, "a7f3c")
    assert ids(source.find(FrameQuery.parse("a7f3c"), 20)) == newest(shots, "a7f3c")
    source.find(FrameQuery.parse("bbbbb"), 20)


def test_a_session_alone_is_found_in_a_fleet_of_many(find: Find) -> None:
    """A hundred cameras, started four times: more first frames than are asked for at once."""
    shots = [
        Shot(
            BEGIN + timedelta(minutes=start, seconds=camera / 10),
            f"cam{camera:03d}",
            number,
            f"{start:02x}{camera:03d}",
        )
        for start in range(4)
        for camera in range(100)
        for number in range(1, 12)
    ]
    later = BEGIN + timedelta(minutes=9)
    for text in ("00007", "01007", "03007", "cam007_00007"):
        assert ids(find(text, shots, now=later)) == newest(shots, text), text
    named = [*shots, Shot(BEGIN, "00007", 1, "b0b0b")]
    assert ids(find("00007", named, now=later)) == [named[-1].frame_id]


def test_no_more_frames_of_stages_are_held_than_are_of_use() -> None:
    stages = tuple(f"stage{number:02}" for number in range(32))
    shots = [
        replace(shot, session=f"{number:05}", stages=(stage,), kept_by=stage)
        for number, stage in enumerate(stages)
        for shot in fleet(1, 30, 5, BEGIN + timedelta(milliseconds=number))
    ]
    jaeger = MemoryJaeger(shot.journey() for shot in shots)
    held: set[str] = set()

    def note(journey: Journey) -> bool:
        held.add(str(journey.frame_id))
        return True

    source = JaegerJourneys(jaeger, YARD, lambda: NOW, stages=lambda: stages, owns=note)
    assert ids(source.find(FrameQuery.parse("cam01"), 50)) == newest(shots, "cam01", 50)
    assert len(held) < 500  # each stage has 150
