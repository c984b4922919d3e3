"""When the guard wants to be asked again by itself: wherever only time ends a wait."""

from __future__ import annotations

from typing import Any

from frametrace_operator.guard.deciding.timing import look_again
from frametrace_operator.guard.evidence import Evidence, Projection

from tests.unit.operator.guard.site import Site


def waits(site: Site) -> float | None:
    site.settle()
    return look_again(site.status, site.pipeline, site.now)


def rolled_back(**spec: Any) -> Site:
    site = Site(**spec)
    site.windows(2, missing=100)
    return site


def test_a_healthy_pipeline_wants_nothing() -> None:
    assert waits(Site()) is None


def test_a_rollback_is_looked_at_until_the_pods_have_obeyed() -> None:
    site = Site()
    site.obedient = False
    site.windows(2, missing=100)
    assert waits(site) == 1.0
    site.later(15)
    assert waits(site) == 3.0


def test_the_wait_of_a_rollback_ends_by_itself_and_that_of_a_person_never() -> None:
    assert waits(rolled_back()) == 900
    assert waits(rolled_back(guard={"recovery": {"mode": "Manual"}})) is None


def test_a_probation_is_looked_at_when_its_step_is_over() -> None:
    site = rolled_back()
    site.later(900)
    assert waits(site) == 60
    site.later(70)
    assert waits(site) == 5.0


def test_a_suspended_pipeline_waits_for_nothing() -> None:
    site = rolled_back()
    site.spec = {"mode": "Suspended"}
    assert waits(site) is None


def test_a_purge_that_no_storage_can_carry_out_wakes_nobody_while_tracing_is_disabled() -> None:
    site = Site()
    site.obedient = False
    site.windows(2, missing=100)
    site.later(15)
    site.settle()
    site.spec = {"tracing_mode": "Disabled"}
    assert waits(site) is None


def test_a_lowered_ratio_is_thought_over_again() -> None:
    site = Site(budget={"action": "ReduceSampling"})
    site.settle()
    site.evidence = Evidence(projection=Projection(site.now, 20e9, 1.0))
    assert waits(site) == 90
    site.later(200)
    assert waits(site) == 100
    site.later(200)
    assert waits(site) == 300
