"""Room for traces is the operator's own arithmetic, and the page says for how long traces stay where nobody chose a storage."""

from __future__ import annotations

import re

import pytest

from scripts.bench.sizing import FIGURES, PAGE, Fleet, need
from scripts.bench.trace_room import page, room

_GIBIBYTE = 1024**3


def test_the_page_has_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "run: python -m scripts.bench.trace_room"
    with pytest.raises(ValueError, match="no place"):
        page("# Running big")


def test_the_default_storage_of_a_large_pipeline_holds_minutes_and_not_the_hour_that_is_asked_for() -> None:
    found = room(Fleet(100))

    assert found.memory_bytes == 2 * 2 * _GIBIBYTE
    assert found.memory_seconds == pytest.approx(8.7 * 60, abs=5)
    assert "| 100 cameras | 4 GiB | 9 min | 32 GiB |" in PAGE.read_text(encoding="utf-8")


def test_volumes_are_larger_than_what_is_written_to_them() -> None:
    for fleet in (Fleet(1), Fleet(100), Fleet(1000)):
        assert room(fleet).volume_bytes > 1e9 * need(fleet).trace_gigabytes_kept


def test_a_tenth_of_the_frames_stays_ten_times_as_long() -> None:
    assert room(Fleet(100, ratio=0.1)).memory_seconds == pytest.approx(10 * room(Fleet(100)).memory_seconds)


def test_the_page_claims_a_test_for_the_figures_that_have_one() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())

    assert len(FIGURES) == 4
    assert "A test holds the first four against the kept results" in text
    benchmark = (PAGE.parents[2] / "scripts" / "bench" / "operator_scale.py").read_text(encoding="utf-8")
    [(seconds, mebibytes)] = re.findall(r"MOST_SECONDS, MOST_MEBIBYTES, .* = ([0-9]+)\.0, ([0-9]+)\.0,", benchmark)
    assert f"bars are 1,000 pipelines Ready in {seconds} s, with {mebibytes} MiB" in text
