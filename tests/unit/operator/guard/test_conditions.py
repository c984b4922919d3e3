"""What the conditions say of tracing in each state of the guard; their words do not change from window to window."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_api.status import ConditionStatus
from frametrace_api.status_tracing import AuditResult
from frametrace_operator.assess.facts import Facts
from frametrace_operator.assess.rollback import changing_tracing, rolled_back, within_budget
from frametrace_operator.assess.traces import traces_flowing
from frametrace_operator.assess.verdict import Verdict
from frametrace_operator.guard.evidence import Evidence, Projection
from frametrace_operator.guard.plan import Progress
from frametrace_operator.observation import Observation, PodView

from tests.unit.operator.guard.site import Site, audit

TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN


def facts(site: Site, **fields: Any) -> Facts:
    jaeger = PodView("yard-jaeger-1", "u-j", "jaeger", "", running=True, ready=True)
    return Facts(site.pipeline, Observation(site.now, "u-1", pods=(jaeger,)), tracing=site.status, **fields)


def said(verdict: Verdict) -> tuple[ConditionStatus, str]:
    return verdict.status, verdict.reason


def settled(**spec: Any) -> Site:
    site = Site(**spec)
    site.settle()
    return site


def test_of_an_audit_with_unknown_frames_the_share_is_of_those_that_are_known() -> None:
    site = settled()
    site.later(30)
    site.evidence = Evidence(audits=(audit(site.now, 10, unknown=500, high=51.0),))
    site.settle()

    assert site.status is not None
    assert site.status.last_audit is not None
    assert (site.status.completeness_percent, site.status.last_audit.missing_percent_high) == ("98", "51")


def test_before_anything_was_measured_the_pods_own_word_counts() -> None:
    assert said(traces_flowing(facts(settled()))) == (UNKNOWN, "Starting")
    assert said(rolled_back(facts(settled()))) == (FALSE, "NotRolledBack")
    assert said(within_budget(facts(settled()))) == (UNKNOWN, "NoProjection")


@pytest.mark.parametrize(
    ("lost", "fields", "status", "reason"),
    [
        (0, {}, TRUE, "Complete"),
        (5, {}, TRUE, "Complete"),
        (0, {"result": AuditResult.INSUFFICIENT_EVIDENCE, "reason": "3 frames ended"}, UNKNOWN, "InsufficientEvidence"),
        (0, {"result": AuditResult.UNKNOWN, "reason": "pods were replaced"}, UNKNOWN, "Unknown"),
        (0, {"result": AuditResult.UNKNOWN, "unknown": 9, "evicted": 9}, UNKNOWN, "StorageTooSmall"),
    ],
)
def test_what_an_audit_found(lost: int, fields: dict[str, Any], status: ConditionStatus, reason: str) -> None:
    site = settled()
    site.later(30)
    site.evidence = Evidence(audits=(audit(site.now, lost, **fields),))
    site.settle()

    verdict = traces_flowing(facts(site))

    assert said(verdict) == (status, reason)
    assert fields.get("reason", "") in verdict.message


def test_an_alarm_names_frames_and_cause() -> None:
    site = settled(guard={"rollback": "AlarmOnly"})
    site.windows(2, missing=100)

    verdict = traces_flowing(facts(site))

    assert said(verdict) == (FALSE, "TracesMissing")
    assert "_cam0_aaaaa_000000" in verdict.message
    assert "most at motion" in verdict.message
    assert said(rolled_back(facts(site))) == (FALSE, "Alarm")
    before = verdict
    site.windows(10, missing=90)
    assert traces_flowing(facts(site)) == before


def test_a_rollback_says_how_far_it_is_and_what_keeps_it() -> None:
    site = settled()
    site.obedient = False
    site.windows(2, missing=100)
    site.later(15)
    site.settle()
    stuck = Progress(stuck="capture cam0: pod x: ErrImagePull")

    verdict = rolled_back(facts(site, progress=stuck))

    assert said(verdict) == (TRUE, "TracesMissing")
    assert "pods are being replaced" in verdict.message
    assert "ErrImagePull" in verdict.message
    assert changing_tracing(site.status)
    assert said(traces_flowing(facts(site))) == (FALSE, "TracingRolledBack")


def test_a_probation_says_which_step_it_makes() -> None:
    site = settled()
    site.windows(2, missing=100)
    assert "tracing comes back at" in rolled_back(facts(site)).message
    site.later(900)
    site.settle()
    assert said(rolled_back(facts(site))) == (TRUE, "Probation")
    assert "one camera traced" in rolled_back(facts(site)).message
    site.windows(3, missing=200)
    assert "failed, and is made again soon: 200 of 1000" in rolled_back(facts(site)).message
    assert said(traces_flowing(facts(site))) == (FALSE, "TracingRolledBack")


@pytest.mark.parametrize(
    ("action", "bytes_a_day", "status", "reason"),
    [
        ("Warn", 5e9, TRUE, "WithinBudget"),
        ("Warn", 20e9, FALSE, "OverBudget"),
        ("ReduceSampling", 20e9, TRUE, "SamplingReduced"),
    ],
)
def test_the_budget(action: str, bytes_a_day: float, status: ConditionStatus, reason: str) -> None:
    site = settled(budget={"action": action})
    site.later(30)
    site.evidence = Evidence(projection=Projection(site.now, bytes_a_day, 1.0))
    site.settle()

    assert said(within_budget(facts(site))) == (status, reason)


def test_what_a_rollback_left_behind_is_named_with_the_pods_own_reason() -> None:
    site = settled()
    site.behind = ("capture cam01",)
    site.windows(2, missing=100)
    site.later(300)
    site.settle()

    verdict = rolled_back(facts(site, progress=site.progress()))

    assert said(verdict) == (TRUE, "TracesMissing")
    assert "the pods of capture cam01 could not be replaced" in verdict.message
    assert "ErrImagePull" in verdict.message
