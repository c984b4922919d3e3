"""What is kept of the time between two readings: bytes a day stay as they were known, though a pod is replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from frame_tracking import Ledger, SpanCount, Topology
from frametrace_api.guard import Guard
from frametrace_api.status_tracing import AuditResult
from frametrace_operator.guard.audit.readings import Between, Reading
from frametrace_operator.guard.deciding.judge import Judgement, judge
from frametrace_operator.guard.evidence import BYTES_A_SPAN
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.measuring.history import History
from frametrace_operator.guard.measuring.probes import Probed
from frametrace_operator.guard.measuring.watched import Watched

from tests.unit.operator.guard.site import audit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDS, A_DAY = 30, 86_400
WATCHED = Watched(frozenset(), Topology.of([]), JaegerAt("http://jaeger.example:16686"))


class Pods:
    """Pods by name, and what each has exported."""

    def __init__(self) -> None:
        self.history, self.now, self.exported = History(), NOON, dict.fromkeys("ab", 0)
        self._before = self._reading()

    def window(self, spans: int) -> float | None:
        """Let each pod export so many spans; the bytes a day that are projected then, in spans of a window."""
        self.now += timedelta(seconds=SECONDS)
        self.exported = {pod: count + spans for pod, count in self.exported.items()}
        before, self._before = self._before, self._reading()
        self.history.window(self.now, (before, self._before), Between(), Probed(), WATCHED)
        found = self.history.evidence.projection
        return None if found is None else found.bytes_per_day / BYTES_A_SPAN / A_DAY * SECONDS

    def replace(self, old: str, new: str) -> None:
        """Let another pod take a pod's place; what the old one exported is told no more."""
        del self.exported[old]
        self.exported[new] = 0

    def _reading(self) -> Reading:
        ledgers = {
            pod: Ledger(
                pipeline="yard",
                service="motion",
                pod=pod,
                revision="r",
                started=1.0,
                spans=SpanCount(created=count, exported=count),
            )
            for pod, count in self.exported.items()
        }
        return Reading(self.now.timestamp(), ledgers)


def test_a_pod_that_is_replaced_does_not_seem_to_halve_the_storage() -> None:
    pods = Pods()
    assert pods.window(1000) == pytest.approx(2000)
    pods.replace("b", "c")
    assert pods.window(1000) == pytest.approx(2000)
    assert pods.window(600) == pytest.approx(1200), "seen whole again"


def test_what_is_known_in_part_raises_it() -> None:
    pods = Pods()
    assert pods.window(1000) == pytest.approx(2000)
    pods.replace("b", "c")
    assert pods.window(5000) == pytest.approx(5000)


def test_it_begins_with_what_is_known() -> None:
    pods = Pods()
    pods.replace("b", "c")
    assert pods.window(1000) == pytest.approx(1000)


def judged(failure_windows: int, pattern: str, times: int) -> tuple[Judgement, History]:
    """What so many windows say of missing traces: of each pattern's letters `b` is a bad one, and `u` says nothing."""
    history = History()
    history.keep(failure_windows)
    for number, kind in enumerate(pattern * times):
        at = NOON + number * timedelta(seconds=SECONDS)
        unknown = audit(at, result=AuditResult.UNKNOWN, unknown=1000, high=100.0)
        history.audited(audit(at, 200) if kind == "b" else unknown)
    return judge(history.evidence, Guard(failure_windows=failure_windows), None, None)[0], history


@pytest.mark.parametrize("failure_windows", [1, 2, 10, 11, 15, 20])
@pytest.mark.parametrize("pattern", ["b", "bbu", "buu"])
def test_every_row_that_can_be_asked_for_is_met(failure_windows: int, pattern: str) -> None:
    assert judged(failure_windows, pattern, 100)[0].certain


def test_longer_rows_of_jaegers_windows_are_met_too() -> None:
    history = History()
    history.keep(20)
    pods = Pods()
    pods.history = history
    for _ in range(100):
        pods.window(1000)
    assert len(history.evidence.backends) == len(history.evidence.overheads) == 60


def test_frames_are_named_of_the_last_windows_alone() -> None:
    audits = judged(20, "b", 100)[1].evidence.audits

    assert [bool(each.frames) for each in audits] == [False] * 40 + [True] * 20
    assert {each.missing for each in audits} == {200}


class Jaeger:
    """A Jaeger that is probed, and what a pod's look at the cluster says for it."""

    def __init__(self) -> None:
        self.history, self.now, self.failed, self.excuse = History(), NOON, 0, ""

    def look(self, excuse: str) -> Judgement:
        """A look at the cluster finds this excuse, or none any more."""
        self.excuse = excuse
        return self.probe(self.failed)

    def probe(self, failed: int) -> Judgement:
        """So many probes in a row have failed by now; what is judged then."""
        self.failed = failed
        self.history.probed(self.now, self._probed, self._watched)
        return self.judged

    def window(self) -> Judgement:
        """A window ends."""
        self.now += timedelta(seconds=SECONDS)
        readings = Reading(self.now.timestamp() - SECONDS), Reading(self.now.timestamp())
        self.history.window(self.now, readings, Between(), self._probed, self._watched)
        return self.judged

    @property
    def judged(self) -> Judgement:
        return judge(self.history.evidence, Guard(), None, None)[2]

    @property
    def _probed(self) -> Probed:
        return Probed(failed=self.failed, error="connection refused" if self.failed else "")

    @property
    def _watched(self) -> Watched:
        return replace(WATCHED, excuse=self.excuse)


def test_probes_that_failed_under_an_excuse_are_held_against_jaeger_in_no_later_window() -> None:
    jaeger = Jaeger()
    jaeger.window()
    jaeger.probe(1)
    jaeger.look("its image cannot be pulled")
    assert not jaeger.probe(119).certain
    jaeger.probe(120)

    assert not jaeger.look("").certain, "the image is there, and Jaeger opens its storage"
    assert not jaeger.window().certain, "a window is noted before the next probe"
    assert not jaeger.probe(122).certain
    assert not jaeger.window().certain


def test_probes_that_fail_once_an_excuse_is_over_are_enough_at_once_though_the_last_window_was_excused() -> None:
    jaeger = Jaeger()
    jaeger.window()
    jaeger.look("its image cannot be pulled")
    jaeger.probe(120)
    jaeger.look("")
    jaeger.probe(122)

    judged = jaeger.probe(123)

    assert judged.certain
    assert judged.message.startswith("Jaeger failed 3 probes in a row, 5 s apart: connection refused")


def test_a_probe_that_is_answered_begins_the_row_anew() -> None:
    jaeger = Jaeger()
    jaeger.look("its image cannot be pulled")
    jaeger.probe(120)
    jaeger.look("")
    jaeger.probe(0)
    assert not jaeger.probe(2).certain
    assert jaeger.probe(3).certain
