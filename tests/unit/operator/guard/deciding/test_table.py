"""The guard's table, case by case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from frametrace_api.status_tracing import GuardState, Hold, ProbationActivity, PurgeState, RollbackStep, RollbackTrigger

from tests.unit.operator.guard.site import Site

HEALTHY, SUSPECT, PROBATION = GuardState.HEALTHY, GuardState.SUSPECT, GuardState.PROBATION
ROLLING_BACK, ROLLED_BACK, DISABLED = GuardState.ROLLING_BACK, GuardState.ROLLED_BACK, GuardState.DISABLED


def rolled_back(**spec: object) -> Site:
    site = Site(**spec)
    site.windows(2, missing=100)
    assert site.state is ROLLED_BACK
    return site


def test_a_pipeline_begins_healthy_and_traces_what_its_spec_says() -> None:
    site = Site()

    site.settle()

    assert site.state is HEALTHY
    assert site.plan.instrumented
    assert site.plan.on
    assert not site.plan.ratios


def test_one_bad_window_makes_suspect_and_two_clean_ones_healthy() -> None:
    site = Site()
    site.window(missing=100)
    assert site.state is SUSPECT

    site.window()
    assert site.state is SUSPECT
    site.window()

    assert site.state is HEALTHY


@pytest.mark.parametrize(
    ("bad", "trigger"),
    [
        ({"missing": 100}, RollbackTrigger.TRACES_MISSING),
        ({"overhead": 9.0}, RollbackTrigger.OVERHEAD),
        ({"backend": {"failed_spans": 700}}, RollbackTrigger.BACKEND_UNSTABLE),
    ],
)
def test_each_trigger_alone_rolls_back_after_two_bad_windows(bad: dict[str, object], trigger: RollbackTrigger) -> None:
    site = Site()
    site.windows(2)
    site.windows(2, **bad)

    assert site.states == [HEALTHY, SUSPECT, ROLLING_BACK, ROLLED_BACK]
    assert site.status is not None
    assert site.status.last_rollback is not None
    assert site.status.last_rollback.trigger is trigger
    assert not site.plan.instrumented


@pytest.mark.parametrize("backend", [{"failed_probes": 3}, {"restarts": 2}])
def test_an_unstable_jaeger_needs_no_second_window(backend: dict[str, object]) -> None:
    site = Site()

    site.window(backend=backend)

    assert site.state is ROLLED_BACK


@pytest.mark.parametrize(
    "backend", [{"failed_probes": 9, "excused_probes": 9}, {"restarts": 5}, {"failed_spans": 7000}]
)
def test_what_has_an_excuse_is_no_reason(backend: dict[str, object]) -> None:
    site = Site()

    site.windows(4, backend={**backend, "excuse": "node n1 is down"})

    assert site.states == [HEALTHY]


def test_a_rollback_goes_step_by_step_and_waits_for_the_pods() -> None:
    site = Site()
    site.obedient = False
    site.windows(2, missing=100)
    assert site.status is not None
    assert site.status.last_rollback is not None
    assert site.status.last_rollback.step is RollbackStep.LIVE_OFF
    assert site.plan.instrumented
    assert not site.plan.on

    site.later(15)
    site.settle()
    assert site.status.last_rollback.step is RollbackStep.RESTARTING
    assert site.status.last_rollback.live_off_time is None
    assert not site.plan.instrumented

    site.obedient = True
    site.settle()
    assert site.state is ROLLED_BACK
    assert site.status.last_rollback.purge is PurgeState.DONE
    assert site.plan.purge_generation == 1


def test_alarm_only_says_so_and_leaves_tracing_in() -> None:
    site = Site(guard={"rollback": "AlarmOnly"})
    site.settle()

    site.windows(5, missing=100)

    assert site.states == [HEALTHY, SUSPECT]
    assert site.status is not None
    assert site.status.suspicion is not None
    assert site.status.suspicion.alarm_time is not None
    assert "100 of 1000 traces are missing" in site.status.suspicion.message
    assert site.plan.on


def test_probation_goes_from_one_camera_to_all() -> None:
    site = rolled_back(cameras=20)
    site.later(900)
    site.settle()
    assert site.state is PROBATION
    assert site.plan.ratios["cam0"] == "1"
    traced = []
    for _ in range(20):
        site.window()
        traced.append(sum(ratio != "0" for ratio in site.plan.ratios.values()) or 20)
        if site.state is HEALTHY:
            break

    assert site.state is HEALTHY
    assert sorted(set(traced)) == [1, 2, 10, 20]
    assert not site.plan.ratios


def test_pods_get_instrumentation_before_anything_is_traced() -> None:
    site = rolled_back()
    site.obedient = False
    site.later(900)
    site.step()

    assert site.state is PROBATION
    assert site.status is not None
    assert site.status.probation is not None
    assert site.status.probation.activity is ProbationActivity.RESTARTING
    assert site.plan.instrumented
    assert set(site.plan.ratios.values()) == {"0"}


def test_a_failed_step_pauses_and_a_second_one_rolls_back_with_a_longer_wait() -> None:
    site = rolled_back()
    assert site.status is not None
    first = site.status.next_attempt_time
    assert first is not None
    site.later(900)
    site.settle()
    site.windows(3, missing=100)
    assert site.status.probation is not None
    assert site.status.probation.activity is ProbationActivity.PAUSED
    assert not site.plan.on

    site.windows(2, missing=100)
    assert site.plan.on
    site.windows(3, missing=100)

    assert site.state is ROLLED_BACK
    assert len(site.rollbacks) == 2
    assert site.status.last_rollback is not None
    assert site.status.last_rollback.completion_time is not None
    assert site.status.next_attempt_time == site.status.last_rollback.completion_time + timedelta(seconds=1800)


def test_a_person_takes_tracing_out_and_only_a_person_brings_it_back() -> None:
    site = Site()
    site.settle()
    site.ask("rollback")
    site.settle()
    assert site.state is ROLLED_BACK
    assert site.status is not None
    assert site.status.hold is Hold.REQUESTED
    site.later(1_000_000)
    site.settle()
    assert site.state is ROLLED_BACK

    site.ask("reenable")
    site.settle()

    assert site.state is PROBATION
    site.windows(20)
    assert site.state is HEALTHY
    assert len(site.rollbacks) == 1


def test_a_request_while_rolled_back_holds_it() -> None:
    site = rolled_back()
    site.ask("rollback")
    site.later(900)
    site.settle()

    assert site.state is ROLLED_BACK
    assert site.status is not None
    assert site.status.next_attempt_time is None
    assert len(site.rollbacks) == 1


def test_a_bad_request_is_done_with_and_changes_nothing() -> None:
    site = Site()
    site.ask("rollback", "now")
    site.windows(3)

    assert site.states == [HEALTHY]
    assert site.status is not None
    assert site.status.handled_rollback_request == "now"


def test_a_manual_recovery_waits_for_a_person() -> None:
    site = rolled_back(guard={"recovery": {"mode": "Manual"}})
    site.later(1_000_000)
    site.settle()
    assert site.state is ROLLED_BACK
    assert site.status is not None
    assert site.status.hold is Hold.MANUAL

    site.ask("reenable")
    site.settle()
    assert site.state is PROBATION


def test_disabled_and_enabled_again() -> None:
    site = rolled_back()
    site.spec = {"mode": "Running", "tracing_mode": "Disabled"}
    site.settle()
    assert site.state is DISABLED
    assert site.plan.purge_generation == 1

    site.spec = {}
    site.settle()
    site.window()

    assert site.state is HEALTHY
    assert site.status is not None
    assert site.status.attempts == 0


def test_the_status_of_a_calm_pipeline_does_not_change() -> None:
    site = Site()
    site.windows(3)
    before = site.status

    site.windows(30)

    assert site.status == before


def test_no_attempt_is_made_while_jaeger_does_not_answer() -> None:
    site = rolled_back()
    site.later(900)
    site.windows(5, backend={"failed_probes": 30})
    assert site.state is ROLLED_BACK

    site.window()

    assert site.state is PROBATION
    assert site.status is not None
    assert site.status.attempts == 1


def test_no_attempt_is_made_by_an_operator_that_has_not_heard_from_jaeger_yet() -> None:
    site = rolled_back()
    site.windows(3, backend={"failed_probes": 30})
    site.later(900)

    site.takeover()
    site.settle()
    assert site.state is ROLLED_BACK

    site.window()
    assert site.state is PROBATION


def test_no_attempt_is_made_as_a_pipeline_wakes_whose_jaeger_is_away() -> None:
    site = rolled_back()
    site.spec = {"mode": "Suspended"}
    site.later(900)
    site.settle()

    site.spec = {}
    site.takeover()  # nothing is measured of a pipeline that sleeps, and what was known is forgotten
    site.settle()

    assert site.state is ROLLED_BACK
    assert site.status is not None
    assert site.status.attempts == 0
