"""The formulas for large fleets use figures on the safe side of what was measured, and say what the page says."""

from __future__ import annotations

import math
import re

import pytest
import yaml
from frametrace_operator.guard.evidence import BYTES_A_SPAN

from scripts.bench.page import DATA
from scripts.bench.sizing import FIGURES, PAGE, PIPELINES_AN_OPERATOR, Figure, Fleet, need, page, spans_a_frame
from scripts.prove.results import load

_MOST_OFF = 3.0


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)
def test_figures_are_on_the_safe_side_of_what_was_measured_and_near_it(figure: Figure) -> None:
    measured = load(DATA)[figure.benchmark].outcome["details"][figure.detail]

    safe = figure.planned >= measured if figure.most else figure.planned <= measured
    assert safe, f"{figure.says}: measured {measured}, planned with {figure.planned}"
    assert 1 / _MOST_OFF <= figure.planned / measured <= _MOST_OFF


def test_an_operator_was_seen_to_carry_the_pipelines_that_it_is_planned_with() -> None:
    outcome = load(DATA)["operator_scale"].outcome
    details = outcome["details"]

    assert outcome["case"].startswith(f"{PIPELINES_AN_OPERATOR} pipelines, ")
    met = {bar for bar, ok in details["bars"].items() if ok}
    assert {"seconds", "MiB", "change p99 s", "changes lost"} <= {re.sub(r" [<>=]+ .*", "", bar) for bar in met}
    chart = yaml.safe_load((PAGE.parents[2] / "charts" / "frametrace" / "values.yaml").read_text(encoding="utf-8"))
    assert details["peak_mebibytes"] < int(chart["resources"]["limits"]["memory"].removesuffix("Mi"))


def test_a_core_carries_the_captures_that_the_page_says() -> None:
    carried = math.floor(1000 / (FIGURES["capture"].planned * Fleet(1).frames_per_second))

    assert f"at 5 frames a second of 12 ms a core carries {carried}." in PAGE.read_text(encoding="utf-8")


def test_the_page_has_the_formulas_table_and_figures() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "run: python -m scripts.bench.sizing"
    assert f"(../reference/benchmarks.md#operator_scale) | {PIPELINES_AN_OPERATOR:,} pipelines |" in text
    assert "no result" not in text
    for said in ("12 ms", "2.5 ms", "0.1 ms", "500 frames a second", f"{BYTES_A_SPAN} bytes", "1,000 pipelines"):
        assert said in text
    with pytest.raises(ValueError, match="no place"):
        page("# Running big")


@pytest.mark.parametrize(("stages", "spans"), [(0, 3), (1, 5), (2, 7)])
def test_a_frames_spans_are_those_of_the_design(stages: int, spans: int) -> None:
    assert spans_a_frame(stages) == spans


def test_one_camera_at_full_rate_passes_the_default_budget() -> None:
    assert need(Fleet(1, frames_per_second=30)).trace_gigabytes_a_day == pytest.approx(16.3, abs=0.1)


def test_twice_the_cameras_take_twice_as_much_and_pipelines_stay_within_bounds() -> None:
    one, two = need(Fleet(1000)), need(Fleet(2000))

    assert two.cores == pytest.approx(2 * one.cores)
    assert two.redis_gigabytes == pytest.approx(2 * one.redis_gigabytes)
    assert two.pipelines == 2 * one.pipelines
    assert need(Fleet(1000, frames_per_second=1, stages=0)).cameras_a_pipeline == 128


def test_a_camera_that_no_single_redis_carries_is_refused() -> None:
    with pytest.raises(ValueError, match="more than one Redis carries"):
        need(Fleet(1, frames_per_second=120, stages=5))
