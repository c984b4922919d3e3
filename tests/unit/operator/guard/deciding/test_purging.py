"""How the clearing of traces goes on: carried out while tracing is out, given up where it would do harm or cannot be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from frametrace_api.status_tracing import (
    GuardState,
    LastRollback,
    PurgeState,
    RollbackStep,
    RollbackTrigger,
    TracingStatus,
)
from frametrace_operator.guard.acting.purge_call import purge_call
from frametrace_operator.guard.deciding.purging import backend_of, purged
from frametrace_operator.guard.deciding.situation import Situation
from frametrace_operator.guard.deciding.timing import look_again
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.plan import Progress
from frametrace_operator.guard.reporting.news import tracing_news

from tests.unit.operator.guard.site import NOON, Site, pipeline

PLAIN = {"external": {"otlpEndpoint": "http://j:4318", "queryUrl": "http://j:16686"}}
HOOK = {"external": {**PLAIN["external"], "purge": {"webhook": {"url": "https://purge.example/"}}}}
NEVER = {"guard": {"purge": "Never"}}
OUT, BACK = GuardState.ROLLED_BACK, GuardState.PROBATION
PENDING, DONE, FAILED, GIVEN_UP = PurgeState.PENDING, PurgeState.DONE, PurgeState.FAILED, PurgeState.GIVEN_UP


def rolled_back(purge: PurgeState) -> LastRollback:
    trigger, step = RollbackTrigger.REQUESTED, RollbackStep.DONE
    return LastRollback(id="one", trigger=trigger, message="", step=step, start_time=NOON, purge=purge)


@pytest.mark.parametrize(
    ("tracing", "state", "told", "after"),
    [
        ({"backend": HOOK}, OUT, FAILED, FAILED),
        ({"backend": HOOK}, OUT, DONE, DONE),
        ({"backend": HOOK}, BACK, FAILED, GIVEN_UP),
        ({"backend": HOOK}, BACK, DONE, DONE),
        ({"backend": HOOK}, GuardState.DISABLED, PENDING, GIVEN_UP),
        ({"backend": HOOK, **NEVER}, OUT, PurgeState.NOT_ASKED, GIVEN_UP),
        ({"backend": PLAIN}, OUT, PurgeState.NOT_ASKED, GIVEN_UP),
        ({}, OUT, PENDING, PENDING),
        ({}, BACK, PENDING, PENDING),
    ],
)
@pytest.mark.parametrize("before", [PENDING, FAILED])
def test_a_purge_goes_on(
    tracing: dict[str, Any], state: GuardState, told: PurgeState, after: PurgeState, before: PurgeState
) -> None:
    last = rolled_back(before)
    status = TracingStatus(state=OUT, last_rollback=last)
    now = Situation(status, Evidence(), Progress(purge=told), pipeline(**tracing), NOON)
    assert purged(last, last, now, state) == {"purge": after}


@pytest.mark.parametrize(
    ("ordered", "after"),
    [(False, {"purge": GIVEN_UP, "purge_generation": 2}), (True, {"purge": PENDING})],
)
def test_a_managed_storage_that_was_not_told_yet_is_not_cleared_where_the_owner_wants_none_cleared(
    ordered: bool,  # noqa: FBT001
    after: dict[str, Any],
) -> None:
    last = rolled_back(PENDING).model_copy(update={"purge_generation": 3})
    status = TracingStatus(state=OUT, last_rollback=last)
    now = Situation(status, Evidence(), Progress(purge=PENDING, ordered=ordered), pipeline(**NEVER), NOON)

    assert purged(last, last, now, OUT) == after


OTHER = {"external": {**HOOK["external"], "queryUrl": "http://other:16686"}}


@pytest.mark.parametrize(("of", "then"), [({}, HOOK), (HOOK, {"managed": {}}), (HOOK, OTHER)])
@pytest.mark.parametrize("before", [PurgeState.NOT_ASKED, PENDING, FAILED])
def test_no_storage_is_cleared_that_the_rollback_was_not_about(
    of: dict[str, Any], then: dict[str, Any], before: PurgeState
) -> None:
    was, now = pipeline(**({"backend": of} if of else {})), pipeline(backend=then)
    last = rolled_back(before).model_copy(update={"backend": backend_of(was)})
    status = TracingStatus(state=OUT, last_rollback=last)
    progress = Progress(purge=before, report_kept=True)

    assert purge_call(now, status) is None
    assert purged(last, last, Situation(status, Evidence(), progress, now, NOON), OUT) == {"purge": GIVEN_UP}
    assert purged(last, last, Situation(status, Evidence(), progress, was, NOON), OUT)["purge"] != GIVEN_UP


def test_a_rollback_keeps_which_backend_it_is_about_and_gives_the_purge_up_when_the_owner_moves_away() -> None:
    site = Site(backend={"managed": {"storage": "Badger", "size": "10Gi"}})
    site.settle()
    obey = site.progress
    site.progress = lambda: replace(obey(), purge=FAILED)  # type: ignore[method-assign]
    site.ask("rollback")
    site.settle()
    assert site.status is not None
    assert site.status.last_rollback is not None
    assert (site.status.last_rollback.backend, site.status.last_rollback.purge) == ("Managed", FAILED)

    site.spec = {"backend": HOOK}
    site.settle()

    assert purge_call(site.pipeline, site.status) is None
    assert site.status.last_rollback.purge is GIVEN_UP


def test_what_was_given_up_stays_so() -> None:
    last = rolled_back(GIVEN_UP)
    now = Situation(TracingStatus(state=OUT), Evidence(), Progress(), pipeline(backend=HOOK), NOON)
    assert purged(last, last, now, OUT) == {}


def test_a_webhooks_caller_wakes_by_itself_and_a_managed_storage_is_looked_at() -> None:
    status = TracingStatus(state=GuardState.HEALTHY, last_rollback=rolled_back(FAILED))
    assert look_again(status, pipeline(backend=HOOK), NOON) is None
    assert look_again(status, pipeline(), NOON) == 5.0


def test_a_purge_that_is_given_up_is_told() -> None:
    before, after = (TracingStatus(state=OUT, last_rollback=rolled_back(purge)) for purge in (FAILED, GIVEN_UP))
    assert [notice.reason for notice in tracing_news(before, after)] == ["TracePurgeGivenUp"]
