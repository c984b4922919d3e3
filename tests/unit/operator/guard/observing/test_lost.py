"""Where the guard stands when its status is lost: never in where it was out, and never for ever out by mistake."""

from __future__ import annotations

from datetime import timedelta

import pytest
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING
from frametrace_api.status_tracing import (
    GuardState,
    Hold,
    LastRollback,
    ProbationActivity,
    PurgeState,
    RollbackStep,
    RollbackTrigger,
)
from frametrace_operator.guard.deciding.table import advance, tracing_plan
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.observing.lost import Traces, infer
from frametrace_operator.guard.plan import Progress
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.operator.guard.site import NOON, Site, pipeline

STAMP = "2026-03-01T11:00:00Z"
REPORT = LastRollback(
    id="r1",
    trigger=RollbackTrigger.TRACES_MISSING,
    message="4 of 100 missing",
    step=RollbackStep.DONE,
    start_time=NOON,
    purge_generation=2,
)


def test_a_pipeline_on_which_the_guard_has_not_acted_is_new() -> None:
    assert infer(Traces(), pipeline(), NOON) is None
    assert infer(Traces(sdk_disabled=(False, False), live_on=True), pipeline(), NOON) is None
    assert infer(Traces(sdk_disabled=(True,)), pipeline(tracing_mode="Disabled"), NOON) is None


def test_pods_without_instrumentation_are_rolled_back_for_the_reason_of_the_report() -> None:
    status = infer(Traces((True, True), live_on=False, report=REPORT, purge_generation=3), pipeline(), NOON)

    assert status is not None
    assert status.state is GuardState.ROLLED_BACK
    assert status.last_rollback is not None
    assert status.last_rollback.trigger is RollbackTrigger.TRACES_MISSING
    assert status.last_rollback.purge_generation == 3
    assert status.last_rollback.purge is PurgeState.PENDING
    assert status.hold is None


def test_a_rollback_by_hand_stays_held_without_its_report() -> None:
    status = infer(Traces((True, True), live_on=False), pipeline(annotations={ROLLBACK_TRACING: STAMP}), NOON)

    assert status is not None
    assert status.hold is Hold.REQUESTED
    assert status.handled_rollback_request == STAMP


def test_a_rollback_of_the_guards_own_that_a_person_holds_stays_held() -> None:
    held = pipeline(annotations={ROLLBACK_TRACING: "2026-03-01T12:30:00Z"})
    status = infer(Traces((True, True), live_on=False, report=REPORT), held, NOON)

    assert status is not None
    assert status.hold is Hold.REQUESTED


def test_a_wish_to_come_back_that_is_older_than_the_rollback_was_obeyed_already() -> None:
    again = pipeline(annotations={REENABLE_TRACING: STAMP})
    status = infer(Traces((True, True), live_on=False, report=REPORT), again, NOON)
    assert status is not None
    after = advance(status, Evidence(), Progress(uninstrumented=True, instrumented=False), again, NOON)
    assert after.state is GuardState.ROLLED_BACK


@pytest.mark.parametrize(("disabled", "step"), [((True, False), "Restarting"), ((False, False), "LiveOff")])
def test_what_is_half_out_goes_out(disabled: tuple[bool, ...], step: str) -> None:
    status = infer(Traces(disabled, live_on=False, report=REPORT), pipeline(), NOON)

    assert status is not None
    assert status.state is GuardState.ROLLING_BACK
    assert status.last_rollback is not None
    assert status.last_rollback.step == step


def test_a_probation_begins_again_at_its_first_step() -> None:
    ratios = {"cam0": "1", "cam1": "0", "cam2": "0", "cam3": "0"}
    status = infer(Traces((False, False), live_on=True, live_ratios=ratios, report=REPORT), pipeline(), NOON)

    assert status is not None
    assert status.probation is not None
    assert status.probation.activity is ProbationActivity.RESTARTING
    assert status.attempts == 1


@pytest.mark.parametrize(
    ("disabled", "ratios"), [((True, True), {}), ((False, False), {"cam0": "1", "cam1": "0", "cam2": "0", "cam3": "0"})]
)
def test_attempts_that_failed_are_known_from_the_report(disabled: tuple[bool, ...], ratios: dict[str, str]) -> None:
    traces = Traces(disabled, live_on=not any(disabled), live_ratios=ratios, report=REPORT, attempts=3)
    status = infer(traces, pipeline(), NOON)

    assert status is not None
    assert status.attempts == 3
    after = advance(status, Evidence(), Progress(uninstrumented=True, instrumented=False), pipeline(), NOON)
    assert after.attempts == 3
    if after.state is GuardState.ROLLED_BACK:
        assert after.next_attempt_time == NOON + timedelta(seconds=900 * 2**3)


@pytest.mark.parametrize("generation", [0, 3])
def test_while_tracing_is_disabled_the_last_purge_is_known_from_the_report(generation: int) -> None:
    traces = Traces((True, True), live_on=False, report=REPORT, attempts=3, purge_generation=generation)
    disabled = pipeline(tracing_mode="Disabled")

    status = infer(traces, disabled, NOON)

    assert status is not None
    assert (status.state, status.attempts, status.probation, status.hold) == (GuardState.DISABLED, 0, None, None)
    assert tracing_plan(status, disabled).purge_generation == max(2, generation)


def test_a_rollback_after_a_status_that_was_lost_while_disabled_clears_the_traces() -> None:
    site = Site()
    site.windows(2, missing=100)
    assert site.status is not None
    report = site.status.last_rollback
    assert site.plan.purge_generation == 1
    site.spec = {"tracing_mode": "Disabled"}
    site.settle()

    site.status = infer(Traces((True, True), live_on=False, report=report), site.pipeline, site.now)
    site.settle()
    assert site.state is GuardState.DISABLED
    site.spec = {}
    site.windows(4, missing=100)

    assert site.state is GuardState.ROLLED_BACK
    assert site.plan.purge_generation == 2


@given(
    st.builds(
        Traces,
        sdk_disabled=st.lists(st.booleans(), min_size=1, max_size=4).map(tuple),
        live_on=st.sampled_from([None, True, False]),
        report=st.sampled_from([None, REPORT]),
        purge_generation=st.integers(0, 5),
    ),
    st.sampled_from(["Enabled", "Disabled"]),
)
def test_whatever_is_left_nothing_is_traced_that_was_not_and_no_purge_is_forgotten(traces: Traces, mode: str) -> None:
    found = pipeline(tracing_mode=mode)
    status = infer(traces, found, NOON)
    plan = tracing_plan(status, found)

    if all(traces.sdk_disabled):
        assert not plan.instrumented
    if any(traces.sdk_disabled) or traces.live_on is False:
        assert not plan.on
    reported = traces.report.purge_generation if traces.report is not None else 0
    assert plan.purge_generation == max(traces.purge_generation, reported or 0)
