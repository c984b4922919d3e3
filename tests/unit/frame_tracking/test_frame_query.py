"""What people type of a frame, read as a search."""

from __future__ import annotations

import pytest
from frame_tracking import FrameID, FrameQuery, InvalidFrameQueryError
from hypothesis import given
from hypothesis import strategies as st

ID = FrameID("20240315T101530123456_cam01_a7f3c_000123")


@pytest.mark.parametrize(
    "text",
    [
        str(ID),
        f"  {ID}\n",
        "20240315_cam01_000123",
        "20240315",
        "20240315T10",
        "20240315T1015",
        "20240315T101530",
        "20240315T101530123456",
        "20240315T1015301",
        "2024-03-15",
        "2024-03-15T10:15",
        "2024-03-15 10:15:30",
        "2024-03-15T10:15:30.123Z",
        "2024-03-15T10:15_cam01",
        "cam01",
        "a7f3c",
        "cam01_a7f3c",
        "cam01_000123",
        "cam01_a7f3c_000123",
        "000123",
    ],
)
def test_parts_of_a_frames_id_find_it(text: str) -> None:
    assert FrameQuery.parse(text).matches(ID)


@pytest.mark.parametrize(
    "text",
    [
        "20240315T101530123457_cam01_a7f3c_000123",
        "20240315_cam01_000124",
        "20240316",
        "20240315T11",
        "2024-03-15T10:16",
        "cam02",
        "a7f3d",
        "cam01_a7f3d",
        "000124",
    ],
)
def test_other_parts_do_not(text: str) -> None:
    assert not FrameQuery.parse(text).matches(ID)


@pytest.mark.parametrize(
    ("text", "word", "session", "sequence"),
    [
        ("cam01_123", "cam01", None, 123),
        ("cam01_1234567", "cam01", None, 1_234_567),
        ("2024-03-15_7", "7", None, None),
        ("cam01_a7f3c_9", "cam01", "a7f3c", 9),
        ("12345678", None, None, 12_345_678),
        ("cam01_12345", "cam01", "12345", None),
        ("123", "123", None, None),
    ],
)
def test_numbers_may_be_written_without_leading_zeros(
    text: str, word: str | None, session: str | None, sequence: int | None
) -> None:
    query = FrameQuery.parse(text)
    assert (query.word, query.session, query.sequence) == (word, session, sequence)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("cam01_12345", "12345 was taken for a session; a frame's number has at least six digits: 012345"),
        ("123", "123 was taken for a camera or a session; a frame's number has at least six digits: 000123"),
        ("cam01_123", ""),
        ("cam01", ""),
    ],
)
def test_what_else_may_have_been_meant_is_said(text: str, hint: str) -> None:
    assert FrameQuery.parse(text).hint == hint


def test_a_whole_frame_id_means_one_frame_and_the_older_form_may_mean_several() -> None:
    assert FrameQuery.parse(ID).exact == ID
    older = FrameQuery.parse("20240315_cam01_000123")
    assert (older.exact, older.word, older.sequence) == (None, "cam01", 123)
    assert older.matches(FrameID("20240315T235959000000_cam01_bbbbb_000123"))


@pytest.mark.parametrize(
    "text", ["", " ", "_", "a_b_c_d", "20241315", "20240315T99", "Cam01", "[bold]x", "\x1b[31m", "cam01_", "x" * 300]
)
def test_what_is_no_part_of_a_frame_id_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InvalidFrameQueryError) as error:
        FrameQuery.parse(text)
    assert "such as 20240315T101530123456_cam01_a7f3c_000123" in str(error.value)
    assert str(error.value).isprintable()


@given(st.text(max_size=60) | st.from_regex(r"[0-9T_a-z:. -]{0,40}", fullmatch=True))
def test_any_text_is_read_or_refused_by_its_own_error(text: str) -> None:
    try:
        FrameQuery.parse(text).matches(ID)
    except InvalidFrameQueryError:
        return
