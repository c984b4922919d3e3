from __future__ import annotations

import copy
import os
import pickle
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from frame_tracking import Clock, FrameID, FrameIDGenerator, InvalidFrameIDError
from hypothesis import given
from hypothesis import strategies as st

EXAMPLE = "20240315T101530123456_cam01_a7f3c_000123"
CAMERAS = st.from_regex(r"\A[a-z0-9](?:[-a-z0-9]{0,30}[a-z0-9])?\Z")
SESSIONS = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=5, max_size=5)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - UTC is added
DRIFT = timedelta(seconds=1, microseconds=60)
PARTS = st.tuples(TIMES, CAMERAS, SESSIONS, st.integers(1, 10**18 - 1))


@given(PARTS)
def test_an_id_reads_back_as_its_parts(parts: tuple[datetime, str, str, int]) -> None:
    built = FrameID.build(*parts)

    read = FrameID(str(built))

    assert (read.time, read.camera, read.session, read.sequence) == parts
    assert (read, read.trace_id, read.is_exact) == (built, built.trace_id, True)


@given(
    st.one_of(
        st.text(), st.text("0123456789T_abc-", max_size=60), st.from_regex(r"\A[0-9]{8}(T[0-9]{12})?_\w+_\w+_[0-9]+\Z")
    )
)
def test_reading_any_text_gives_an_id_or_its_own_error(text: str) -> None:
    try:
        frame_id = FrameID(text)
    except InvalidFrameIDError:
        return
    assert str(frame_id) == text
    assert len(frame_id.trace_id) == 32


def test_the_error_quotes_the_beginning_of_a_long_text() -> None:
    with pytest.raises(InvalidFrameIDError) as caught:
        FrameID("x" * 100_000)

    assert len(str(caught.value)) < 200


@given(PARTS, PARTS)
def test_lexical_order_is_time_order_across_cameras(
    one: tuple[datetime, str, str, int], two: tuple[datetime, str, str, int]
) -> None:
    first, second = FrameID.build(*one), FrameID.build(*two)

    if first.time != second.time:
        assert (first < second) == (first.time < second.time)


def test_the_example_reads_as_the_documentation_says() -> None:
    frame_id = FrameID(EXAMPLE)

    assert frame_id.time == datetime(2024, 3, 15, 10, 15, 30, 123456, tzinfo=UTC)
    assert (frame_id.camera, frame_id.session, frame_id.sequence) == ("cam01", "a7f3c", 123)


def test_the_older_form_means_a_day() -> None:
    frame_id = FrameID("20240315_cam01_000123")

    assert frame_id.time == datetime(2024, 3, 15, tzinfo=UTC)
    assert (frame_id.session, frame_id.is_exact) == (None, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20240315T101530123456_cam01_a7f3c_00123",  # five digits
        "20240315T101530123456_cam01_000123",  # a time and no session
        "20240315_cam01_a7f3c_000123",  # a session and no time
        "20240230T101530123456_cam01_a7f3c_000123",  # no such day
        "20240315T251530123456_cam01_a7f3c_000123",
        "20240315T101530123456_CAM01_a7f3c_000123",
        "20240315T101530123456_-cam_a7f3c_000123",
        f"20240315T101530123456_{'c' * 33}_a7f3c_000123",
        "20240315T101530123456_cam01_a7f3u_000123",  # u is not in base 32
        EXAMPLE + "\n",
        "２0240315T101530123456_cam01_a7f3c_000123",  # noqa: RUF001 - a full-width digit
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidFrameIDError, match="is not a frame ID such as"):
        FrameID(text)


def test_the_trace_id_is_milliseconds_and_hash() -> None:
    frame_id = FrameID(EXAMPLE)
    milliseconds = int(frame_id.time.timestamp() * 1000)

    assert frame_id.trace_id[:12] == f"{milliseconds:012x}"
    assert frame_id.trace_id == FrameID(EXAMPLE).trace_id
    assert frame_id.trace_id[12:] != FrameID(EXAMPLE[:-1] + "4").trace_id[12:]


def test_the_trace_ids_low_half_is_uniform() -> None:
    lows = [int(FrameID(f"20240315T101530{n:06d}_cam01_a7f3c_{n:06d}").trace_id[16:], 16) for n in range(4000)]

    quarters = [sum(low >> 62 == quarter for low in lows) for quarter in range(4)]
    assert all(850 < quarter < 1150 for quarter in quarters)


def test_copies_are_equal() -> None:
    frame_id = FrameID(EXAMPLE)

    for twin in (pickle.loads(pickle.dumps(frame_id)), copy.copy(frame_id), copy.deepcopy(frame_id)):
        assert (twin, twin.time, twin.trace_id) == (frame_id, frame_id.time, frame_id.trace_id)


class Clocks:
    def __init__(self) -> None:
        self.wall, self.monotonic = 1_700_000_000_000_000_000, 5_000_000_000

    def both(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.monotonic)

    def advance(self, nanoseconds: int, *, wall_too: bool = True) -> None:
        self.monotonic += nanoseconds
        self.wall += nanoseconds if wall_too else 0


@given(st.lists(st.integers(0, 2_000_000_000), max_size=40))
def test_ids_rise_strictly_and_densely_while_the_clocks_agree(steps: list[int]) -> None:
    clocks = Clocks()
    generator = FrameIDGenerator("cam01", clock=clocks.both())
    ids = []
    for step in steps:
        clocks.advance(step)
        ids.append(generator.next())

    assert ids == sorted(set(ids))
    assert [frame_id.sequence for frame_id in ids] == list(range(1, len(ids) + 1))
    assert len({frame_id.session for frame_id in ids}) <= 1


def test_a_small_step_of_the_wall_clock_changes_nothing_a_large_one_begins_a_session() -> None:
    clocks, names = Clocks(), iter(["aaaaa", "bbbbb"])
    generator = FrameIDGenerator("cam01", clock=clocks.both(), session=lambda: next(names))
    first = generator.next()
    clocks.wall -= 900_000_000
    second = generator.next()
    clocks.wall -= 200_000_000
    third = generator.next()

    assert [(i.session, i.sequence) for i in (first, second, third)] == [("aaaaa", 1), ("aaaaa", 2), ("bbbbb", 1)]
    assert first < second
    assert third.time == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=clocks.wall // 1000)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(-(10**13), 10**13)), max_size=30))
def test_whatever_the_wall_clock_does_ids_rise_in_a_session_and_none_comes_twice(steps: list[tuple[int, int]]) -> None:
    clocks, names = Clocks(), (f"{n:05d}" for n in range(100))
    generator = FrameIDGenerator("cam01", clock=clocks.both(), session=lambda: next(names))
    sessions = dict[str, list[FrameID]]()
    for step, jump in steps:
        clocks.advance(step)
        clocks.wall += jump
        made = generator.next()
        sessions.setdefault(made.session or "", []).append(made)
        assert abs(made.time - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(microseconds=clocks.wall // 1000)) <= DRIFT

    for ids in sessions.values():
        assert ids == sorted(set(ids))
        assert [frame_id.sequence for frame_id in ids] == list(range(1, len(ids) + 1))


def test_the_sequence_grows_beyond_six_digits() -> None:
    ids = [FrameID.build(datetime(2024, 3, 15, tzinfo=UTC), "cam01", "a7f3c", n) for n in (999_999, 1_000_000)]

    assert [str(frame_id)[-7:] for frame_id in ids] == ["_999999", "1000000"]
    assert [FrameID(str(frame_id)).sequence for frame_id in ids] == [999_999, 1_000_000]


def test_threads_share_a_generator() -> None:
    generator, ids = FrameIDGenerator("cam01", clock=Clock()), list[FrameID]()

    def work() -> None:
        ids.extend(generator.next() for _ in range(500))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(frame_id.sequence for frame_id in ids) == list(range(1, 2001))
    assert len(set(ids)) == 2000


@pytest.mark.parametrize("generate", [lambda: FrameID.generate("forked"), FrameIDGenerator("forked").next])
def test_a_forked_process_begins_a_session_of_its_own(generate: Callable[[], FrameID]) -> None:
    before = generate()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, generate().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs, ours = FrameID(os.read(reading, 200).decode()), generate()
    os.close(reading)
    os.close(writing)

    assert ours.session == before.session != theirs.session
    assert (ours.sequence, theirs.sequence) == (before.sequence + 1, 1)


@pytest.mark.parametrize("camera", ["", "Cam", "a_b", "-a", "a" * 33, "a\n"])
def test_a_camera_that_is_no_label_is_refused(camera: str) -> None:
    with pytest.raises(ValueError, match="DNS label"):
        FrameIDGenerator(camera)
