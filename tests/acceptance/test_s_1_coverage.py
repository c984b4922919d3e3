"""Row S.1: all frames have complete traces. Here its short form; `make prove` runs it over 10,000 frames."""

from __future__ import annotations

import pytest

from scripts.bench.completeness_parts.over import FRAMES, QUICK_FRAMES, one

pytestmark = pytest.mark.contract


@pytest.mark.timeout(180)
def test_s_1_every_frame_has_a_complete_trace(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nS.1, short form: {QUICK_FRAMES} frames instead of {FRAMES}; `make prove` runs it whole")

    found = one("redis", QUICK_FRAMES)

    assert (found.asked, found.complete, found.wrong) == (QUICK_FRAMES, QUICK_FRAMES, {})
