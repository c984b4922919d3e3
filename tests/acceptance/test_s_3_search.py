"""Row S.3: any frame is found by its ID in less than a second. Here its short form; `make bench` runs it with 1,000,000 spans."""

from __future__ import annotations

import pytest

from scripts.bench.search_parts import STORAGES, searched

pytestmark = pytest.mark.contract
SPANS, SEARCHES, BAR_MS = 20_000, 100, 1000.0
PARTS = ("id", "time", "minute", "camera_and_time", "camera_and_number", "session", "session_alone")
WAYS = {
    *("by_id", "by_tag", "by_part", "page_list_of_50", "page_list_of_250"),
    *(f"{who}_by_{part}" for who in ("find", "page") for part in PARTS),
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("storage", STORAGES)
def test_s_3_any_frame_is_found_in_less_than_a_second(storage: str, capsys: pytest.CaptureFixture[str]) -> None:
    [found] = searched(storage, (SPANS,), SEARCHES)
    with capsys.disabled():
        print(f"\nS.3, short form: {SPANS:,} spans instead of 1,000,000; `make bench` runs it whole: {found}")

    assert {key.removeprefix(f"{storage}_32_").partition(f"_{SPANS}_")[0] for key in found} == WAYS
    # The slowest of twenty says more of what else this machine does; the benchmark judges it on a quiet one.
    judged = {key: value for key, value in found.items() if "_p50_" in key or f"{storage}_32_by_" in key}
    assert max(judged.values()) < BAR_MS
