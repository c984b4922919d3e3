"""Bytes a day: projected from ledgers, kept coarse, and fitted by a lower ratio that rises again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from frame_tracking import Ledger, SpanCount
from frametrace_api.quantities import bytes_of
from frametrace_operator.guard.deciding.budget import byte_text
from frametrace_operator.guard.evidence import Evidence, Projection
from frametrace_operator.guard.measuring.projecting import BYTES_A_SPAN, projection
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.operator.guard.site import NOON, Site

REDUCING = {"budget": {"bytesPerDay": "10G", "action": "ReduceSampling"}}


def ledger(exported: int, pod: str = "a", started: float = 1.0) -> Ledger:
    spans = SpanCount(created=exported, exported=exported)
    return Ledger(pipeline="yard", service="motion", pod=pod, revision="r", started=started, spans=spans)


def project(site: Site, whole: float) -> None:
    """Cameras make so many bytes a day at ratio 1; what is measured is that at the ratio in force."""
    for _ in range(3):
        site.later(30)
        ratio = float(site.status.effective_ratio or 1) if site.status is not None else 1.0
        site.evidence = Evidence(projection=Projection(site.now, whole * ratio, ratio))
        site.settle()


def test_spans_of_two_readings_make_bytes_a_day() -> None:
    found = projection([ledger(1000)], [ledger(7000)], at=NOON, seconds=30, ratio=1.0)
    assert found is not None
    assert found.bytes_per_day == 6000 / 30 * 86_400 * BYTES_A_SPAN


def test_a_process_that_is_new_or_began_anew_counts_from_its_first_reading() -> None:
    found = projection([ledger(1000)], [ledger(9, started=2.0), ledger(5, "b")], at=NOON, seconds=30, ratio=1.0)
    assert found is not None
    assert found.bytes_per_day == 0


@pytest.mark.parametrize(("grown", "size"), [(9e6, 900), (0, BYTES_A_SPAN / 4), (9e9, BYTES_A_SPAN * 4), (-5.0, 112.5)])
def test_the_volumes_growth_corrects_the_size_of_a_span_within_reason(grown: float, size: float) -> None:
    found = projection([ledger(0)], [ledger(10_000)], at=NOON, seconds=86_400, ratio=1.0, grown=grown)
    assert found is not None
    assert found.bytes_per_day == 10_000 * size


@given(st.floats(0, 1e15))
def test_bytes_are_written_as_a_quantity_near_to_them(number: float) -> None:
    assert bytes_of(byte_text(number)) == pytest.approx(max(1, number), rel=0.06, abs=0.6)


def test_a_warning_leaves_the_ratio() -> None:
    site = Site()
    project(site, 20e9)
    assert site.status is not None
    assert site.status.projected_bytes_per_day == "20G"
    assert site.status.effective_ratio == "1"


def test_the_ratio_is_lowered_to_fit_and_raised_again() -> None:
    site = Site(**REDUCING)
    project(site, 20e9)
    assert site.status is not None
    assert site.status.effective_ratio == "0.45"
    assert site.plan.ratios == dict.fromkeys(("cam0", "cam1", "cam2", "cam3"), "0.45")

    project(site, 15e9)
    assert site.status.effective_ratio == "0.45", "not so soon"
    site.later(300)
    project(site, 15e9)
    assert site.status.effective_ratio == "0.6"

    site.later(300)
    project(site, 5e9)
    assert site.status.effective_ratio == "1"
    assert site.status.budget_factor is None


def test_a_rate_that_sways_moves_no_ratio_and_writes_nothing() -> None:
    site = Site(**REDUCING)
    project(site, 20e9)
    project(site, 20e9)
    before = site.status

    for n in range(50):
        site.later(300)
        project(site, 20e9 * (1 + 0.1 * (-1) ** n))

    assert site.status == before


def test_a_projection_of_another_ratio_is_not_acted_upon_twice() -> None:
    site = Site(**REDUCING)
    site.settle()
    site.evidence = Evidence(projection=Projection(site.now, 20e9, 1.0))
    site.settle()
    for _ in range(5):
        site.later(30)
        site.settle()

    assert site.status is not None
    assert site.status.effective_ratio == "0.45"


@given(st.lists(st.floats(1e9, 1e12), min_size=1, max_size=20))
def test_what_fits_stays_within_the_budget(rates: list[float]) -> None:
    site = Site(**REDUCING)
    for whole in rates:
        site.later(600)
        project(site, whole)
        assert site.status is not None
        assert whole * float(site.status.effective_ratio or 0) <= 10e9 * 1.000_001


def test_warn_again_gives_the_ratio_back() -> None:
    site = Site(**REDUCING)
    project(site, 20e9)
    site.spec = {}
    site.later(timedelta(minutes=1).total_seconds())
    site.settle()
    assert site.status is not None
    assert site.status.effective_ratio == "1"
