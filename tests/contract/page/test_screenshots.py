# ruff: noqa: ANN001 - the fixtures' types live in conftest.py, which cannot be imported
"""The documentation's pictures of the page are of this page: taken here as they were taken for it, and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from frame_tracking import FrameID

from scripts.screenshots.shots import IMAGES, SHOTS, take

pytestmark = pytest.mark.contract

HEAD = 150
"""Pixels from the top in which the same stands whichever frames there are: the pipeline's name, the search."""


def pixels(path: Path) -> Any:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.int16)


def test_each_picture_of_the_documentation_is_one_of_the_page_as_it_is(
    browser, page, newest_frame, tmp_path: Path
) -> None:
    taken = {path.name: path for path in take(browser, page.url, FrameID(newest_frame()), tmp_path)}

    assert sorted(taken) == sorted(path.name for path in IMAGES.iterdir())
    for shot in SHOTS:
        now, kept = pixels(taken[shot.path.name]), pixels(shot.path)
        assert now.shape == kept.shape == (shot.height, shot.width, 3)
        differs = float(np.abs(now[:HEAD] - kept[:HEAD]).mean())
        assert differs < 4, f"{shot.path.name} is of another page ({differs:.1f} of 255): run make screenshots"
