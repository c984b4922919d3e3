"""Figures of pairs, and which frames are asked for."""

from __future__ import annotations

import pytest
from frame_tracking import FrameID

from scripts.bench.completeness_parts.audit import first_frames
from scripts.bench.pairs import ratio_of_pairs


def test_the_ratio_is_that_of_most_pairs_whatever_few_others_say() -> None:
    low, ratio, high = ratio_of_pairs([(2.0, 1.0)] * 40 + [(50.0, 1.0)] * 3)

    assert (low, ratio, high) == pytest.approx((2.0, 2.0, 2.0))


def test_the_interval_holds_the_ratio() -> None:
    low, ratio, high = ratio_of_pairs([(1.0 + number / 50, 2.0) for number in range(21)])

    assert low < ratio < high
    assert ratio == pytest.approx(0.6)


def frame(sequence: int, session: str = "a7f3c") -> FrameID:
    return FrameID(f"20240315T101530{sequence:06d}_cam01_{session}_{sequence:06d}")


def test_the_first_frames_of_a_session_are_asked_for_once_each() -> None:
    assert first_frames([frame(2), frame(1), frame(2), frame(9)], 2) == ([frame(1), frame(2)], 0)


def test_numbers_that_are_not_among_the_frames_are_counted() -> None:
    assert first_frames([frame(2), frame(5), frame(9)], 2) == ([frame(2), frame(5)], 3)
    assert first_frames([], 2) == ([], 0)


def test_two_sessions_give_no_figure() -> None:
    with pytest.raises(RuntimeError, match="new session"):
        first_frames([frame(1), frame(2, "bbbbb")], 5)
