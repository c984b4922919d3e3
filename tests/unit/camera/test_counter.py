"""The number in a picture is read back exactly, at any size, and a damaged one is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.camera.counter import MAX_COUNT, draw_cells, draw_digits, read_cells


@given(count=st.integers(0, MAX_COUNT - 1), width=st.sampled_from([320, 640, 1280, 1920]))
def test_a_number_is_read_as_it_was_drawn(count: int, width: int) -> None:
    luma = np.full((width * 9 // 16, width), 90, np.uint8)

    draw_cells(luma, count)
    draw_digits(luma, count)

    assert read_cells(luma) == count


def test_a_number_survives_a_smaller_picture_and_noise() -> None:
    luma = np.full((1080, 1920), 90, np.uint8)
    draw_cells(luma, 123_456)

    smaller = luma[::3, ::3] + np.random.default_rng(1).integers(0, 20, (360, 640), np.uint8)

    assert read_cells(smaller) == 123_456


@pytest.mark.parametrize("level", [16, 128, 235])
def test_a_picture_without_a_number_is_refused(level: int) -> None:
    with pytest.raises(ValueError, match="no readable number"):
        read_cells(np.full((360, 640), level, np.uint8))


@pytest.mark.parametrize("count", [-1, MAX_COUNT])
def test_a_number_that_does_not_fit_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="picture's number"):
        draw_cells(np.zeros((360, 640), np.uint8), count)
