"""Which findings are worth a pass: those by which it could decide or say anything else than the last one did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from frametrace_api.status_tracing import AuditMethod, AuditResult, GuardState, LastAudit, TracingStatus
from frametrace_operator.guard.deciding.worth import Worth
from frametrace_operator.guard.evidence import BackendHealth, Evidence, Overhead, Projection

from tests.unit.operator.guard.site import NOON, audit, pipeline

GUARD = pipeline().spec.tracing.guard
HEALTHY = TracingStatus(state=GuardState.HEALTHY)
CALM = Evidence(audits=(audit(NOON),), backends=(BackendHealth(NOON),), projection=Projection(NOON, 1e9, 1.0))
LATER = NOON + timedelta(seconds=30)


def told(status: TracingStatus = HEALTHY, evidence: Evidence = CALM) -> Worth[str]:
    worth: Worth[str] = Worth()
    worth.tell("yard", GUARD, status, evidence)
    return worth


def test_a_pipeline_that_no_pass_has_seen_is_news() -> None:
    assert Worth[str]().is_news("yard", CALM)


def test_clean_windows_of_a_healthy_pipeline_are_no_news() -> None:
    worth = told()
    windows = tuple(audit(NOON + timedelta(seconds=30 * number)) for number in range(1, 5))
    costs = tuple(Overhead(one.at, 30.0, 0.01, 9.0) for one in windows)
    found = replace(CALM, audits=windows, overheads=(*costs,), projection=Projection(LATER, 1.01e9, 1.0))
    worth.tell("yard", GUARD, HEALTHY, replace(found, audits=windows[:1], overheads=costs[:1]))

    assert not worth.is_news("yard", found)


def test_what_is_well_before_the_first_window_was_looked_up_is_told_with_that_window() -> None:
    worth = told(evidence=Evidence())
    early = replace(CALM, audits=(), overheads=(Overhead(LATER, 30.0, 0.01, 9.0),))

    assert not worth.is_news("yard", early)
    assert worth.is_news("yard", replace(early, audits=CALM.audits))


@pytest.mark.parametrize(
    "early",
    [
        Evidence(overheads=(Overhead(LATER, 30.0, 3.0, 9.0),)),
        Evidence(backends=(BackendHealth(LATER, failed_probes=1, probe_error="refused"),)),
        Evidence(dropped={"buffer_full": 3}),
    ],
)
def test_what_is_not_well_is_news_before_any_window_was_looked_up(early: Evidence) -> None:
    assert told(evidence=Evidence()).is_news("yard", early)


@pytest.mark.parametrize(
    "found",
    [
        replace(CALM, audits=(*CALM.audits, audit(LATER, 1))),
        replace(CALM, audits=(*CALM.audits, audit(LATER, 100))),
        replace(CALM, audits=(*CALM.audits, audit(LATER, unknown=3, evicted=3))),
        replace(CALM, overheads=(Overhead(LATER, 30.0, 3.0, 9.0),)),
        replace(CALM, backends=(BackendHealth(LATER, failed_probes=1, probe_error="refused"),)),
        replace(CALM, backends=(BackendHealth(LATER, restarts=1),)),
        replace(CALM, backends=(BackendHealth(LATER, excuse="its node is down"),)),
        replace(CALM, dropped={"buffer_full": 3}),
        replace(CALM, projection=Projection(LATER, 2e9, 1.0)),
        replace(CALM, bytes_per_span=600),
        Evidence(),
    ],
)
def test_what_may_change_a_decision_is_news(found: Evidence) -> None:
    assert told().is_news("yard", found)


def test_a_row_of_bad_windows_that_grows_is_news() -> None:
    bad = replace(CALM, audits=(audit(NOON, 100),))

    assert told(evidence=bad).is_news("yard", replace(bad, audits=(*bad.audits, audit(LATER, 100))))


@pytest.mark.parametrize("state", [state for state in GuardState if state is not GuardState.HEALTHY])
def test_while_anything_is_wrong_every_window_is_news(state: GuardState) -> None:
    assert told(HEALTHY.model_copy(update={"state": state})).is_news("yard", CALM)


def test_what_is_forgotten_is_news_again() -> None:
    worth = told()
    worth.forget("yard")

    assert worth.is_news("yard", CALM)


def test_that_traces_were_found_complete_too_long_ago_is_news_once() -> None:
    complete = LastAudit(
        time=NOON,
        result=AuditResult.COMPLETE,
        method=AuditMethod.EXACT,
        window_start=NOON - timedelta(seconds=30),
        window_end=NOON,
        frames_expected=900,
        frames_checked=900,
        frames_missing=0,
        frames_unknown=0,
    )

    def after(seconds: int) -> Evidence:
        moments = (NOON + timedelta(seconds=at) for at in range(30, seconds + 1, 30))
        thin = tuple(replace(audit(at), result=AuditResult.INSUFFICIENT_EVIDENCE, checked=5) for at in moments)
        return replace(CALM, audits=thin, decided_at=NOON)

    status = HEALTHY.model_copy(update={"last_audit": complete})
    worth = told(status, after(30))
    assert not worth.is_news("yard", after(60))
    assert worth.is_news("yard", after(90))

    unsure = complete.model_copy(
        update={"result": AuditResult.INSUFFICIENT_EVIDENCE, "time": NOON + timedelta(seconds=90)}
    )
    worth.tell("yard", GUARD, status.model_copy(update={"last_audit": unsure}), after(90))
    assert not worth.is_news("yard", after(120))
