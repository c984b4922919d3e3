"""What people hear of the guard: each thing once, with frames and cause, within an Event's length."""

from __future__ import annotations

from typing import Any

from frametrace_api.status_tracing import AuditResult, TracingStatus
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.reporting.news import tracing_news
from frametrace_operator.notice import Notice

from tests.unit.operator.guard.site import Site, audit


class Heard(Site):
    """A site that keeps all Events."""

    def __init__(self, **spec: Any) -> None:
        super().__init__(**spec)
        self.events: list[Notice] = []

    def step(self) -> TracingStatus:
        before = self.status
        after = super().step()
        self.events += tracing_news(before, after)
        return after

    def reasons(self) -> list[str]:
        return [notice.reason for notice in self.events]


def test_a_rollback_and_its_return_are_told_step_by_step() -> None:
    site = Heard()
    site.settle()
    site.windows(2, missing=100)
    site.later(900)
    site.settle()
    site.windows(20)

    assert site.reasons() == [
        "TracesMissing",
        "TracingRollbackBegun",
        "TracingRolledBack",
        "TracesPurged",
        "TracingProbation",
        "TracingRecovered",
    ]
    begun, done = site.events[1], site.events[2]
    assert begun.type == "Warning"
    assert "100 of 1000 traces are missing" in begun.note
    assert "_cam0_aaaaa_000000" in begun.note
    assert "and 97 more" in begun.note
    assert "comes back at 2026-03-01 12:16:00 UTC" in done.note


def test_an_alarm_that_nobody_acts_on_is_told_once() -> None:
    site = Heard(guard={"rollback": "AlarmOnly"})
    site.settle()
    site.windows(20, missing=100)

    assert site.reasons() == ["TracesMissing"]
    assert "_cam0_aaaaa_000000" in site.events[0].note


def test_a_failed_step_is_told_with_what_was_measured() -> None:
    site = Heard()
    site.settle()
    site.windows(2, missing=100)
    site.later(900)
    site.settle()
    site.windows(12, missing=200)

    failed = next(notice for notice in site.events if notice.reason == "TracingProbationFailed")
    assert "200 of 1000 traces" in failed.note
    again = [notice for notice in site.events if notice.reason == "TracingRollbackBegun"]
    assert "came back and failed again" in again[1].note


def test_a_storage_that_is_too_small_is_told_apart_from_missing_traces() -> None:
    site = Heard()
    site.settle()
    site.later(30)
    lost = audit(site.now, checked=0, expected=1000, unknown=1000, evicted=1000, result=AuditResult.UNKNOWN)
    site.evidence = Evidence(audits=(lost,))
    site.settle()

    assert site.reasons() == ["TraceStorageTooSmall"]
    assert "enlarge Jaeger's storage" in site.events[0].note
    assert site.state == "Healthy"


def test_a_refused_request_is_told_once() -> None:
    site = Heard()
    site.settle()
    site.ask("rollback", "soon")
    site.windows(3)

    assert site.reasons() == ["RequestRefused"]


def test_no_note_is_longer_than_an_event_may_be() -> None:
    site = Heard()
    site.settle()
    site.windows(2, backend={"failed_probes": 3, "probe_error": "\u00e4" * 2000})

    assert all(len(notice.note.encode()) <= 1024 for notice in site.events)


def test_what_a_rollback_left_behind_is_told_and_that_it_was_replaced_later() -> None:
    site = Heard()
    site.settle()
    site.behind = ("capture cam01",)
    site.windows(2, missing=100)
    site.later(300)
    site.settle()
    ended = site.events[-1]
    site.behind = ()
    site.settle()

    assert (ended.type, ended.reason) == ("Warning", "TracingRolledBack")
    assert "the pods of capture cam01 could not be replaced: their tracing is off by the live switch" in ended.note
    assert "too" in next(event for event in site.events if event.type == "Normal" and "left behind" in event.note).note
