"""Pods that cannot be replaced hold up neither the end of a rollback, nor a person's wish, nor the way back."""

from __future__ import annotations

from frametrace_api.status_tracing import GuardState, LastRollback, ProbationActivity, RollbackStep

from tests.unit.operator.guard.site import Site

PROBATION, ROLLING_BACK, ROLLED_BACK = GuardState.PROBATION, GuardState.ROLLING_BACK, GuardState.ROLLED_BACK


def going(**spec: object) -> Site:
    """A rollback that has come to the pods, two of which cannot be replaced."""
    site = Site(**spec)
    site.settle()
    site.behind = ("stage motion", "capture cam01")
    site.windows(2, missing=100)
    assert site.state is ROLLING_BACK
    return site


def last(site: Site) -> LastRollback:
    assert site.status is not None
    assert site.status.last_rollback is not None
    return site.status.last_rollback


def test_a_rollback_ends_after_five_minutes_and_names_what_it_left_behind() -> None:
    site = going()
    site.later(299)
    site.settle()
    assert site.state is ROLLING_BACK

    site.later(1)
    site.settle()

    assert site.state is ROLLED_BACK
    assert last(site).step is RollbackStep.DONE
    assert last(site).left_behind == ("stage motion", "capture cam01")
    assert not site.plan.instrumented, "what is left behind is still to be replaced"


def test_what_was_left_behind_leaves_the_list_as_it_is_replaced_and_nothing_joins_it() -> None:
    site = going()
    site.later(300)
    site.settle()

    site.behind = ("capture cam01", "capture cam02")
    site.settle()
    assert last(site).left_behind == ("capture cam01",)
    site.behind = ()
    site.settle()
    assert last(site).left_behind == ()
    assert site.state is ROLLED_BACK


def test_a_list_that_is_full_is_filled_up_again() -> None:
    site = going()
    site.behind = tuple(f"capture cam{number:02}" for number in range(30))
    site.later(300)
    site.settle()
    assert len(last(site).left_behind) == 20

    site.behind = site.behind[15:]
    site.settle()

    assert last(site).left_behind == site.behind


def test_a_person_who_wants_tracing_back_waits_for_no_pod_that_is_stuck() -> None:
    site = going()
    site.ask("reenable")

    site.settle()

    assert site.state is PROBATION
    assert site.states[-2:] == [ROLLED_BACK, PROBATION]
    assert last(site).left_behind == ()


def test_a_status_that_was_lost_gives_the_pods_their_time_anew() -> None:
    site = going()
    site.later(200)
    assert site.status is not None
    site.status = site.status.model_copy(update={"state_since": site.now})
    site.later(200)
    site.settle()

    assert site.state is ROLLING_BACK


def test_a_return_goes_on_without_the_pods_that_do_not_come_back() -> None:
    site = Site()
    site.windows(2, missing=100)
    site.later(900)
    site.behind = ("capture cam01",)
    site.settle()
    assert site.state is PROBATION
    site.later(599)
    site.settle()
    assert site.status is not None
    assert site.status.probation is not None
    assert site.status.probation.activity is ProbationActivity.RESTARTING

    site.later(1)
    site.settle()

    assert site.status.probation is not None
    assert site.status.probation.activity is ProbationActivity.MEASURING


def test_a_return_of_which_nothing_can_be_said_does_not_last_for_ever() -> None:
    site = Site(cameras=1)
    site.windows(2, missing=100)
    site.later(900)
    site.settle()
    assert site.state is PROBATION
    for _ in range(70):
        site.measure()
        audits = site.evidence.audits
        site.evidence = site.unsaid(audits)
        site.settle()

    assert site.state is GuardState.HEALTHY
    assert len(site.rollbacks) == 1


def returning_in_part() -> Site:
    """A return that measures the pods that are back; one capture cannot come back."""
    site = Site()
    site.settle()
    site.ask("rollback")
    site.settle()
    site.later(60)
    site.behind = ("capture cam3",)
    site.ask("reenable")
    site.settle()
    return site


def test_alarm_only_ends_a_return_that_a_pod_keeps_from_being_whole_and_takes_nothing_out() -> None:
    site = returning_in_part()
    site.spec = {"guard": {"rollback": "AlarmOnly"}}
    site.settle()
    assert site.state is PROBATION

    site.later(600)
    site.settle()
    assert site.state is GuardState.HEALTHY

    site.windows(12, missing=200)
    assert site.state is GuardState.SUSPECT
    assert len(site.rollbacks) == 1


def test_alarm_only_ends_a_step_under_way_and_takes_nothing_out() -> None:
    site = returning_in_part()
    site.later(600)
    site.settle()
    site.windows(6, missing=200)
    assert site.status is not None
    assert site.status.probation is not None
    assert site.status.probation.failures == 1

    site.spec = {"guard": {"rollback": "AlarmOnly"}}
    site.windows(12, missing=200)

    assert site.states[-2:] == [GuardState.HEALTHY, GuardState.SUSPECT]
    assert len(site.rollbacks) == 1
