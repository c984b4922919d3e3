"""Bytes a day: projected from ledgers, kept coarse, and fitted by a lower ratio that rises again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from frame_tracking import Ledger, SpanCount
from frametrace_api.quantities import bytes_of
from frametrace_api.status import ConditionStatus
from frametrace_api.status_tracing import TracingStatus
from frametrace_operator.assess.rollback import within_budget
from frametrace_operator.guard.deciding.budget import byte_text
from frametrace_operator.guard.evidence import BYTES_A_SPAN, Evidence, Projection
from frametrace_operator.guard.measuring.projecting import Steady, projection
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.operator.guard.site import NOON, Site
from tests.unit.operator.guard.test_conditions import facts

REDUCING = {"budget": {"bytesPerDay": "10G", "action": "ReduceSampling"}}


def ledger(exported: int, pod: str = "a", started: float = 1.0) -> Ledger:
    spans = SpanCount(created=exported, exported=exported)
    return Ledger(pipeline="yard", service="motion", pod=pod, revision="r", started=started, spans=spans)


def project(site: Site, whole: float, fixed: float = 0.0, windows: int = 3) -> None:
    """Cameras make so many bytes a day at ratio 1, and `fixed` ones at any; what is measured is that at the ratio in force."""
    for _ in range(windows):
        site.later(30)
        ratio = float(site.status.effective_ratio or 1) if site.status is not None else 1.0
        site.evidence = Evidence(projection=Projection(site.now, whole * ratio + fixed, ratio))
        site.settle()


def test_spans_of_two_readings_make_bytes_a_day() -> None:
    found = projection([ledger(1000)], [ledger(7000)], at=NOON, seconds=30, ratio=1.0)
    assert found is not None
    assert found.bytes_per_day == 6000 / 30 * 86_400 * BYTES_A_SPAN


def test_the_size_of_a_span_is_the_volumes_where_it_was_measured_and_a_constant_that_the_status_names_where_not() -> (
    None
):
    found = projection([ledger(1000)], [ledger(7000)], at=NOON, seconds=30, ratio=1.0, bytes_per_span=1234)
    assert found == Projection(NOON, 6000 / 30 * 86_400 * 1234, 1.0, bytes_per_span=1234)
    assert str(BYTES_A_SPAN) in str(TracingStatus.model_json_schema()["properties"]["projectedBytesPerDay"])


def test_a_process_that_is_new_or_began_anew_counts_from_its_first_reading() -> None:
    found = projection([ledger(1000)], [ledger(9, started=2.0), ledger(5, "b")], at=NOON, seconds=30, ratio=1.0)
    assert found is not None
    assert found.bytes_per_day == 0


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


def test_a_lowering_that_brings_nothing_is_taken_back_and_tried_again_only_after_long() -> None:
    site = Site(**REDUCING)
    site.settle()
    factors = []
    for _ in range(150):
        project(site, 2e9, fixed=12e9, windows=1)
        assert site.status is not None
        factors.append(site.status.budget_factor)

    assert set(factors) == {None, "0.6428"}
    assert factors.count("0.6428") <= 10, "most of the time nothing is given up for nothing"
    assert site.status is not None
    verdict = within_budget(facts(site))
    assert (verdict.status, verdict.reason) == (ConditionStatus.FALSE, "OverBudget")
    assert "lower ratios were tried and are not enough" in verdict.message


@pytest.mark.parametrize(("whole", "fixed"), [(6e9, 8e9), (40e9, 4e9), (100e9, 0.0), (3e9, 8.5e9)])
def test_what_follows_the_ratio_is_lowered_until_all_fits(whole: float, fixed: float) -> None:
    site = Site(**REDUCING)
    site.settle()
    project(site, whole, fixed, windows=12)

    assert site.status is not None
    ratio = float(site.status.effective_ratio or 0)
    assert 8.5e9 <= whole * ratio + fixed <= 10e9
    assert site.status.budget_before is None
    verdict = within_budget(facts(site))
    assert (verdict.status, verdict.reason) == (ConditionStatus.TRUE, "SamplingReduced")


def test_what_brings_much_stays_though_it_is_not_enough_and_is_said_to_pass_the_budget() -> None:
    site = Site(**REDUCING)
    site.settle()
    lows = []
    for _ in range(300):
        project(site, 85e9, fixed=15e9, windows=1)
        assert site.status is not None
        lows.append(float(site.status.budget_factor or 1))

    assert min(lows) > 0.005
    assert lows[-1] < 0.1
    assert within_budget(facts(site)).reason == "OverBudget"


def test_a_pipeline_whose_cameras_come_one_by_one_ends_within_its_budget() -> None:
    site = Site(**REDUCING)
    site.settle()
    for cameras in (1, 2, 3, 4, 6, 8, 10, 12, *[16] * 40):
        project(site, 4e9 * cameras, windows=1)

    assert site.status is not None
    assert 64e9 * float(site.status.effective_ratio or 0) <= 10e9


def test_more_cameras_right_after_a_lowering_do_not_take_it_back() -> None:
    site = Site(**REDUCING)
    site.settle()
    project(site, 20e9, windows=1)
    assert site.status is not None
    lowered = float(site.status.effective_ratio or 1)
    seen = []
    for _ in range(3):
        project(site, 60e9, windows=1)
        seen.append(float(site.status.effective_ratio or 1))

    assert max(seen) <= lowered < 1
    assert 60e9 * seen[-1] <= 10e9


@pytest.mark.parametrize("empty", [1, 2, 5])
def test_windows_without_spans_raise_no_ratio(empty: int) -> None:
    site = Site(**REDUCING)
    project(site, 40e9)
    site.later(600)
    project(site, 40e9)
    project(site, 0.0, windows=empty)

    assert site.status is not None
    assert site.status.budget_factor == "0.225"


def test_the_ratio_rises_by_the_most_of_several_windows() -> None:
    site = Site(**REDUCING)
    project(site, 40e9)
    site.later(600)
    steady = Steady()
    for whole in (1e9, 1e9, 40e9, 1e9, 0.0, 20e9, 20e9, 20e9):
        assert site.status is not None
        assert site.status.budget_factor == "0.225"
        site.later(30)
        site.evidence = Evidence(projection=steady.told(Projection(site.now, whole * 0.225, 0.225)))
        site.settle()

    assert site.status is not None
    assert site.status.budget_factor == "0.45"


def test_warn_again_gives_the_ratio_back() -> None:
    site = Site(**REDUCING)
    project(site, 20e9)
    site.spec = {}
    site.later(timedelta(minutes=1).total_seconds())
    site.settle()
    assert site.status is not None
    assert site.status.effective_ratio == "1"
