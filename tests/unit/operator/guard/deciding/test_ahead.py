"""Times that have not come yet, in a status and in evidence, hold nothing up and make nothing fresh: the clock was set back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from frametrace_api.status_tracing import GuardState, ProbationActivity, RollbackStep, TracingStatus
from frametrace_operator.guard.deciding.ahead import dated
from frametrace_operator.guard.evidence import BackendHealth, Evidence, Overhead, Projection

from tests.unit.operator.guard.site import NOON, WINDOW, Site, audit

HOUR = 3600


def sick() -> Site:
    site = Site()
    site.obedient = False
    site.windows(2, missing=100)
    return site


def step_of(site: Site) -> RollbackStep:
    assert site.status is not None
    assert site.status.last_rollback is not None
    return site.status.last_rollback.step


def test_a_rollback_goes_on_in_its_time_though_the_clock_is_set_back() -> None:
    site = sick()
    assert step_of(site) is RollbackStep.LIVE_OFF

    site.later(-HOUR)
    site.settle()
    site.later(15)
    site.settle()
    assert step_of(site) is RollbackStep.RESTARTING

    site.later(-HOUR)
    site.settle()
    site.later(300)
    site.settle()
    assert site.state is GuardState.ROLLED_BACK


def test_the_wait_for_a_return_begins_anew_at_most_once() -> None:
    site = Site()
    site.windows(2, missing=100)
    assert site.state is GuardState.ROLLED_BACK

    site.later(-HOUR)
    site.settle()
    site.later(900)
    site.settle()

    assert site.state is GuardState.PROBATION


def test_what_was_measured_before_the_clock_was_set_back_counts_for_no_later_step() -> None:
    site = Site()
    site.windows(2, missing=100)
    site.later(-HOUR)
    site.settle()
    site.later(900)
    site.settle()
    site.later(5)
    site.settle()

    assert site.status is not None
    assert site.status.probation is not None
    assert site.status.probation.activity is ProbationActivity.MEASURING


def test_a_status_of_the_past_stays_the_very_same() -> None:
    site = sick()
    assert site.status is not None
    assert dated(site.status, site.now) is site.status


def test_every_time_of_a_status_that_is_ahead_becomes_now_and_a_windows_own_stay() -> None:
    site = Site()
    site.windows(2, missing=100)
    site.later(900)
    site.settle()
    site.window(missing=100)
    assert site.status is not None
    early = NOON - timedelta(hours=1)

    status = dated(site.status, early)

    told = status.to_object()
    kept = {told["lastAudit"]["windowStart"], told["lastAudit"]["windowEnd"]}
    times = [text for text in _texts(told) if text.startswith("2026-03-01T12") and text not in kept]
    assert times == []
    assert TracingStatus.model_validate(told) == status


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("back", [0, 2, 40, 90, 3600])
def test_evidence_is_that_of_before(back: int) -> None:
    times = [NOON + n * WINDOW for n in range(3)]
    evidence = Evidence(
        audits=tuple(map(audit, times)),
        overheads=tuple(Overhead(at, 30, 1, 9) for at in times),
        backends=tuple(map(BackendHealth, times)),
        projection=Projection(times[-1], 1e9, 1.0),
        decided_at=times[-1],
        ended=7,
        answers=True,
    )
    now = times[-1] - timedelta(seconds=back)

    found = evidence.until(now)

    assert (found is evidence) is (back < 5)
    expected = [at for at in times if at <= now + timedelta(seconds=5)]
    assert [one.at for one in found.audits] == [one.at for one in found.overheads] == expected
    assert [one.at for one in found.backends] == expected
    assert (found.ended, found.answers) == (7, True)
