"""The size of a span in the status: written when it is another one, kept by the next operator, gone with the volume."""

from __future__ import annotations

from dataclasses import replace

import pytest
from frametrace_api.quantities import bytes_of
from frametrace_api.status_tracing import TracingStatus
from frametrace_operator.assess.rollback import within_budget
from frametrace_operator.guard.evidence import BYTES_A_SPAN, Evidence, Projection
from frametrace_operator.guard.observing.asking import watched_of
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.operator.guard.site import Site
from tests.unit.operator.guard.test_conditions import facts

BADGER = {"managed": {"storage": "Badger"}}
EXTERNAL = {"external": {"otlpEndpoint": "http://jaeger.site:4318", "queryUrl": "https://jaeger.site/query"}}
REDUCING = {"backend": BADGER, "budget": {"bytesPerDay": "10G", "action": "ReduceSampling"}}


def status_of(site: Site) -> TracingStatus:
    assert site.status is not None
    return site.status


def measure(site: Site, spans: float, bytes_per_span: int | None, windows: int = 3) -> None:
    """Pods send so many spans a day at ratio 1; the volume says the size of one; windows are projected as the watch is told to."""
    for _ in range(windows):
        site.later(30)
        status = site.status or TracingStatus(state="Healthy")
        watched = watched_of(site.pipeline, status, ())
        assert watched is not None
        size, ratio = watched.bytes_per_span, float(status.effective_ratio or 1)
        found = Projection(site.now, spans * ratio * (size or BYTES_A_SPAN), ratio, bytes_per_span=size)
        site.evidence = Evidence(projection=found, bytes_per_span=bytes_per_span)
        site.settle()


def test_traces_are_projected_by_the_volumes_own_size_and_the_condition_names_it() -> None:
    site = Site(backend=BADGER)
    measure(site, 10e6, None)
    assert status_of(site).bytes_per_span is None
    assert f"at {BYTES_A_SPAN} bytes a span;" in within_budget(facts(site)).message

    measure(site, 10e6, 3 * BYTES_A_SPAN)

    assert status_of(site).bytes_per_span == 3 * BYTES_A_SPAN
    assert bytes_of(status_of(site).projected_bytes_per_day or "1") == pytest.approx(30e6 * BYTES_A_SPAN, rel=0.05)
    verdict = within_budget(facts(site))
    assert verdict.reason == "OverBudget"
    assert f"at {3 * BYTES_A_SPAN} bytes a span, as measured at its Jaeger" in verdict.message


def test_the_bytes_are_told_in_the_new_size_at_once() -> None:
    site = Site(backend=BADGER)
    measure(site, 4e6, None)
    site.evidence = replace(site.evidence, bytes_per_span=2 * BYTES_A_SPAN)
    site.settle()

    assert bytes_of(status_of(site).projected_bytes_per_day or "1") == pytest.approx(8e6 * BYTES_A_SPAN, rel=0.05)


def test_a_size_that_sways_by_less_than_a_fifth_writes_nothing() -> None:
    site = Site(backend=BADGER)
    measure(site, 10e6, 1000)
    before = status_of(site)

    for size in (850, 1150, 1000, None, 1199):
        measure(site, 10e6, size, windows=1)

    assert site.status == before
    measure(site, 10e6, 1201)
    assert status_of(site).bytes_per_span == 1201


@given(st.integers(100, 10_000))
def test_an_operator_that_begins_anew_moves_no_ratio(size: int) -> None:
    site = Site(**REDUCING)
    measure(site, 40e6, size, windows=30)
    before = status_of(site)

    site.takeover()
    measure(site, 40e6, None, windows=30)
    assert site.status == before, "it has the size from the status"
    measure(site, 40e6, round(size * 1.15), windows=30)
    assert site.status == before


@pytest.mark.parametrize("other", [{"managed": {"storage": "Memory"}}, EXTERNAL])
def test_it_goes_with_the_volume(other: dict[str, object]) -> None:
    site = Site(backend=BADGER)
    measure(site, 10e6, 2000)
    site.spec["backend"] = other
    measure(site, 10e6, 2000)

    assert status_of(site).bytes_per_span is None
    assert f"at {BYTES_A_SPAN} bytes a span;" in within_budget(facts(site)).message


@pytest.mark.parametrize("size", [300, 2000, 8000])
def test_all_ratios_fit_after_another_size_and_what_was_tried_before_is_no_part_that_stays(size: int) -> None:
    site = Site(**REDUCING)
    measure(site, 40e6, None, windows=12)
    assert status_of(site).budget_before is not None or status_of(site).budget_factor is not None
    measure(site, 40e6, size, windows=40)
    made = 40e6 * size * float(status_of(site).effective_ratio or 0)

    assert made == pytest.approx(min(9e9, 40e6 * size), rel=0.26)
    assert made <= 10e9
    assert f"at {size} bytes a span, as measured at its Jaeger" in within_budget(facts(site)).message
    factor = status_of(site).budget_factor
    measure(site, 40e6, size, windows=100)
    assert status_of(site).budget_factor == factor, "no flapping"
