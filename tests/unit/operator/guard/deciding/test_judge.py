"""Which windows are bad, clean, or say nothing; and what is said of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from frametrace_api.status_tracing import AuditMethod, AuditResult, RollbackTrigger
from frametrace_operator.guard.deciding.judge import Judgement, judge
from frametrace_operator.guard.evidence import BackendHealth, Cause, Evidence, Overhead

from tests.unit.operator.guard.site import NOON, WINDOW, audit, pipeline

GUARD = pipeline().spec.tracing.guard
NOTHING = {"result": AuditResult.UNKNOWN, "reason": "Jaeger was silent"}
FEW = {"result": AuditResult.INSUFFICIENT_EVIDENCE}


def missing(*windows: tuple[int, dict[str, Any]], **evidence: Any) -> Judgement:
    """The judgement of these windows: frames missing of a thousand, and what else is said of each."""
    audits = tuple(audit(NOON + n * WINDOW, lost, **fields) for n, (lost, fields) in enumerate(windows))
    return judge(Evidence(audits=audits, **evidence), GUARD, None, None)[0]


def backend(*windows: dict[str, Any], since: Any = None) -> Judgement:
    """The judgement of these windows of Jaeger."""
    backends = tuple(BackendHealth(NOON + n * WINDOW, **fields) for n, fields in enumerate(windows))
    return judge(Evidence(backends=backends), GUARD, since, since)[2]


@pytest.mark.parametrize("between", [NOTHING, FEW])
def test_a_window_that_says_nothing_neither_counts_nor_ends_a_row(between: dict[str, Any]) -> None:
    assert missing((100, {}), (0, between), (100, {})).bad == 2
    assert missing((0, between), (0, between)).bad == 0


def test_only_a_clean_window_ends_a_row() -> None:
    assert missing((100, {}), (0, {}), (100, {})).bad == 1
    assert missing((100, {}), (0, {})).clean == 1


def test_windows_are_in_a_row_by_their_own_time_whenever_they_are_told() -> None:
    first, second, third = (audit(NOON + n * WINDOW, lost) for n, lost in enumerate((100, 0, 100)))
    assert judge(Evidence(audits=(second, first, third)), GUARD, None, None)[0].bad == 1
    told_last = judge(Evidence(audits=(second, first)), GUARD, None, None)[0]
    assert (told_last.bad, told_last.clean, told_last.doubtful) == (0, 1, True)


def test_an_interval_across_the_limit_says_nothing() -> None:
    across = {"method": AuditMethod.SAMPLED, "low": 0.4, "high": 2.6}
    assert missing((100, {}), (15, across), (100, {})).bad == 2
    assert missing((100, {}), (15, across)).clean == 0


def test_what_is_unknown_may_be_missing_and_is_not_clean() -> None:
    judged = missing((100, {}), (5, {"unknown": 400, "high": 40.5}), (100, {}))
    assert judged.bad == 2
    assert missing((5, {"unknown": 400, "high": 40.5})).clean == 0
    assert "10 to 50 %" in missing((100, {"unknown": 400, "high": 50.0})).message


def test_the_low_end_of_a_sample_decides() -> None:
    judged = missing((15, {"method": AuditMethod.SAMPLED, "low": 1.01, "high": 2.6}))
    assert judged.bad == 1
    assert "1 to 2.6 %" in judged.message


def test_what_is_missing_within_the_limit_is_doubtful_and_not_bad() -> None:
    judged = missing((9, {}))
    assert (judged.bad, judged.clean, judged.doubtful) == (0, 1, True)


def test_exactly_the_limit_is_allowed() -> None:
    assert missing((10, {})).bad == 0
    assert missing((11, {})).bad == 1


def test_what_went_while_jaeger_was_excused_is_no_reason() -> None:
    down = (BackendHealth(NOON - timedelta(seconds=5), failed_probes=4, excuse="node n1 is down"),)
    lost = {"cause": Cause.EXPORT_FAILED}
    assert missing((100, lost), backends=down).bad == 0
    assert missing((100, {"cause": Cause.CONTEXT_LOST}), backends=down).bad == 1


def test_a_window_that_is_told_late_is_excused_by_what_was_while_it_lasted() -> None:
    down = (BackendHealth(NOON - timedelta(seconds=88), failed_probes=4, excuse="node n1 is down"),)
    lost = {"cause": Cause.EXPORT_FAILED}
    late = lost | {"window_start": NOON - 3 * WINDOW, "window_end": NOON - 2 * WINDOW}
    assert missing((100, late), backends=down).bad == 0
    assert missing((100, lost), backends=down).bad == 1


def test_the_sentence_says_what_where_why_and_what_to_do() -> None:
    words = missing((100, {}), (100, {}), dropped={"buffer_full": 7}).message
    assert "100 of 1000 traces are missing or incomplete (10 %; limit 1 %)" in words
    assert "2 bad windows of 30 s in a row" in words
    assert "most at motion" in words
    assert "7 buffer_full" in words
    assert "check what stands between the pods and Jaeger" in words


@pytest.mark.parametrize(
    ("tracing", "other", "bad"), [(1.0, 10.0, 1), (0.5, 10.0, 0), (0.5, 9.9, 0), (0.61, 10.0, 1), (0.59, 1.0, 0), (9, 0, 0)]
)  # fmt: skip
def test_overhead_is_bad_above_the_limit_and_above_two_percent_of_a_core(
    tracing: float, other: float, bad: int
) -> None:
    judged = judge(Evidence(overheads=(Overhead(NOON, 30, tracing, other),)), GUARD, None, None)[1]
    assert judged.trigger is RollbackTrigger.OVERHEAD
    assert judged.bad == bad


def test_refused_spans_count_over_windows_and_probes_at_once() -> None:
    assert not backend({"spans": 1000, "failed_spans": 11}).certain
    assert backend({"spans": 1000, "failed_spans": 11}, {"spans": 1000, "failed_spans": 11}).certain
    assert not backend({"spans": 1000, "failed_spans": 10}, {"spans": 1000, "failed_spans": 10}).bad
    assert not backend({"failed_probes": 2}).certain
    assert backend({"failed_probes": 3, "probe_error": "timeout"}).certain
    assert "timeout" in backend({"failed_probes": 3, "probe_error": "timeout"}).message
    assert "restarted 2 times" in backend({"restarts": 2}).message


def test_a_failed_probe_makes_a_window_not_clean() -> None:
    assert backend({}, {"failed_probes": 1}, {}).clean == 2
    assert backend({"failed_probes": 1}).clean == 0


def test_a_jaeger_that_fails_after_a_step_began_is_seen_before_its_first_window_ends() -> None:
    """`since` is after the last window, which the probes are told of."""

    def told(seconds: float, **fields: Any) -> Judgement:
        return backend({"probed_at": NOON + timedelta(seconds=seconds), **fields}, since=NOON + timedelta(seconds=5))

    assert told(20, failed_probes=3).certain
    assert told(20, failed_probes=3).bad == GUARD.failure_windows
    assert not told(19, failed_probes=3).certain, "the row began before the step"
    assert not told(20, failed_probes=2).bad
    assert not told(20, failed_probes=3, excused_probes=3, excuse="its node is down").certain
    assert not told(304, restarts=2).certain
    assert told(305, restarts=2).certain


def test_restarts_from_before_a_rollback_are_not_met_again() -> None:
    assert not backend({"restarts": 2}, since=NOON - timedelta(seconds=60)).certain
    assert backend({"restarts": 2}, since=NOON - timedelta(seconds=300)).certain


def test_windows_that_began_before_count_no_more() -> None:
    evidence = Evidence(audits=(audit(NOON, 100), audit(NOON + WINDOW, 100), audit(NOON + 2 * WINDOW, 100)))
    assert judge(evidence, GUARD, NOON, None)[0].bad == 1


def test_a_window_that_is_looked_up_late_is_of_its_frames_own_time() -> None:
    late = audit(NOON + timedelta(seconds=300), 100, window_start=NOON - WINDOW, window_end=NOON)
    assert judge(Evidence(audits=(late,)), GUARD, NOON, None)[0].bad == 0


def test_what_failed_while_jaeger_was_excused_counts_in_no_window_that_it_reached_into() -> None:
    failed = {"spans": 100, "failed_spans": 100}
    down = failed | {"excuse": "node n1 is down"}
    assert backend(down, failed).bad == 0
    assert backend(down, failed, failed).bad == 1
    assert backend(down, {"failed_probes": 3}).certain
