"""The query of a URL: whatever it holds, it is read within bounds or refused in one sentence."""

from __future__ import annotations

import pytest
from camera_runtime.page.request import BadRequestError, Cursor, Order, PageRequest
from hypothesis import example, given
from hypothesis import strategies as st

CURSOR = Cursor(1_710_497_730_000_000, "ab" * 16)


def read_or_refused(query: str) -> PageRequest | str:
    """What is asked for, or why nothing is."""
    try:
        return PageRequest.read(query)
    except BadRequestError as error:
        return str(error)


def test_all_fields_are_read_and_written_again() -> None:
    wanted = PageRequest(camera="cam01", order=Order.SLOWEST, before=CURSOR)
    assert wanted.link() == f"?camera=cam01&order=slowest&before=1710497730000000-{'ab' * 16}"
    assert PageRequest.read(wanted.link().removeprefix("?")) == wanted
    assert wanted.link(before="") == "?camera=cam01&order=slowest"


@given(st.text(), st.text(), st.text(), st.text())
@example("a" * 10_000, "", "", "")
@example("\x00\x1b[31m", "", "", "")
def test_any_fields_are_read_or_refused_in_a_sentence(frame: str, camera: str, order: str, before: str) -> None:
    read = read_or_refused(PageRequest().link(q=frame, camera=camera, order=order, before=before).removeprefix("?"))
    shown = read.frame if isinstance(read, PageRequest) else read
    assert len(shown) <= 300
    assert shown.isprintable()


@given(st.text())
def test_any_query_is_read_or_refused(query: str) -> None:
    assert read_or_refused(query)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("q=" + "a" * 10_000, "too long"),
        ("q=cam%00", r"no such characters: cam\\x00"),
        ("camera=CAM_1", "lower-case"),
        ("order=oldest", "newest or slowest"),
        ("before=yesterday", "go back"),
        ("&".join(f"a{n}=1" for n in range(20)), "at most 8"),
    ],
)
def test_what_is_wrong_is_said(query: str, words: str) -> None:
    with pytest.raises(BadRequestError, match=words):
        PageRequest.read(query)
