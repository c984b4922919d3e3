"""The guard's table under anything that can happen: what holds for every sequence of windows, requests, crashes and hours."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

from frametrace_api.status_tracing import (
    GuardState,
    ProbationActivity,
    PurgeState,
    RollbackStep,
    RollbackTrigger,
    TracingStatus,
)
from frametrace_operator.guard.deciding.recovery import calm_time, wait
from frametrace_operator.guard.deciding.situation import Situation
from frametrace_operator.guard.deciding.table import TRANSITIONS, Transition, advance, transition
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.operator.guard.site import NOON, Site, pipeline

HEALTHY, PROBATION, ROLLED_BACK = GuardState.HEALTHY, GuardState.PROBATION, GuardState.ROLLED_BACK

windows = st.fixed_dictionaries(
    {
        "missing": st.sampled_from([0, 0, 0, 1, 100, 1000]),
        "overhead": st.sampled_from([1.0, 1.0, 9.0]),
        "backend": st.sampled_from(
            [
                None,
                None,
                {"failed_probes": 3},
                {"restarts": 2},
                {"failed_spans": 900},
                {"failed_probes": 5, "excused_probes": 5, "excuse": "a node is down"},
            ]
        ),
    }
)
happenings = st.one_of(
    windows.map(lambda measured: ("window", measured)),
    st.sampled_from(
        [
            ("ask", "rollback"),
            ("ask", "reenable"),
            ("ask", "nonsense"),
            ("takeover", None),
            ("stubborn", None),
            ("obedient", None),
            ("behind", ("capture cam0",)),
            ("behind", ()),
            ("later", 900),
            ("later", 20_000),
            ("spec", {}),
            ("spec", {"cameras": 1}),
            ("spec", {"cameras": 9}),
            ("spec", {"mode": "Suspended"}),
            ("spec", {"tracing_mode": "Disabled"}),
            ("spec", {"guard": {"rollback": "AlarmOnly"}}),
            ("spec", {"guard": {"recovery": {"mode": "Manual"}}}),
            ("spec", {"guard": {"purge": "Never", "recovery": {"afterSeconds": 10, "maxAttempts": 1}}}),
            ("spec", {"sampling": {"ratio": "0"}}),
        ]
    ),
)


class Recorded(Site):
    """A site that knows which rows of the table were made."""

    def __init__(self, **spec: Any) -> None:
        super().__init__(**spec)
        self.rows: list[Transition] = []

    def step(self) -> TracingStatus:
        before, progress = self.status, self.progress()
        after = super().step()
        if before is None:
            return after
        now = self.now.replace(microsecond=0)
        row = transition(Situation(before, self.evidence, progress, self.pipeline, now))
        if row is not None:
            assert before.state in row.sources
            assert after.state is row.target
            assert row.why
            self.rows.append(row)
        else:
            assert after.state is before.state
            assert _place(after) == _place(before), "a step without a reason"
        return after

    def happen(self, kind: str, what: Any) -> None:
        match kind:
            case "window":
                self.measure(**what)
            case "ask":
                self.annotations["frametrace.dev/rollback-tracing"] = (
                    "tomorrow" if what == "nonsense" else self.annotations.get("frametrace.dev/rollback-tracing", "")
                )
                if what != "nonsense":
                    self.ask(what)
            case "takeover":
                self.takeover()
            case "stubborn" | "obedient":
                self.obedient = kind == "obedient"
            case "behind":
                self.behind = what
            case "later":
                self.later(what)
            case "spec":
                self.spec = what


def _place(status: TracingStatus) -> tuple[Any, ...]:
    last, probation = status.last_rollback, status.probation
    return (
        status.state,
        (last.id, last.step) if last is not None else None,
        (probation.cameras_percent, probation.activity, probation.failures) if probation is not None else None,
    )


def play(happened: list[tuple[str, Any]], **spec: Any) -> Recorded:
    site = Recorded(**spec)
    site.settle()
    for kind, what in happened:
        site.happen(kind, what)
        site.settle()
    return site


@given(st.lists(happenings, max_size=40))
def test_no_step_is_made_without_a_reason_and_every_sequence_comes_to_rest(happened: list[tuple[str, Any]]) -> None:
    site = play(happened)

    assert site.status is not None
    status = site.status
    assert (status.probation is not None) == (status.state is PROBATION)
    assert (status.suspicion is not None) == (status.state is GuardState.SUSPECT)
    assert status.next_attempt_time is None or status.state is ROLLED_BACK
    assert status.hold is None or status.state is ROLLED_BACK
    if status.state is ROLLED_BACK:
        assert not site.plan.instrumented
        assert (status.hold is None) != (status.next_attempt_time is None)


@given(st.lists(happenings, max_size=30))
def test_purges_are_counted_up_only(happened: list[tuple[str, Any]]) -> None:
    site = Recorded()
    site.settle()
    before = 0
    for kind, what in happened:
        site.happen(kind, what)
        for _ in range(6):
            site.step()
            last = site.status.last_rollback if site.status is not None else None
            called_back = last is not None and last.purge is PurgeState.GIVEN_UP  # before the storage was told of it
            assert site.plan.purge_generation - before in ((-1, 0) if called_back else (0, 1))
            before = site.plan.purge_generation
    assert before <= len(site.rollbacks)


@given(st.lists(windows, min_size=1, max_size=25), st.lists(st.booleans(), min_size=25, max_size=25))
def test_a_pass_that_died_is_made_again_with_the_same_end(measured: list[Any], died: list[bool]) -> None:
    """A pass whose status was not written is a pass that was not made: the next one sees the same world."""
    whole, broken = Site(), Site()
    for window, dies in zip(measured, died, strict=False):
        for site in (whole, broken):
            site.measure(**window)
        if dies:
            advance(broken.status, broken.evidence, broken.progress(), broken.pipeline, broken.now)
        for site in (whole, broken):
            site.settle()

    assert broken.status == whole.status


@given(st.lists(windows, max_size=8), st.integers(0, 40))
def test_a_takeover_in_the_midst_of_a_rollback_ends_it_once(measured: list[Any], at: int) -> None:
    site = Site()
    site.windows(2, missing=100) if not measured else [site.window(**one) for one in measured]
    site.windows(2, missing=100)
    count = len(site.rollbacks)
    for step in range(40):
        if step == at:
            site.takeover()
        site.step()
    assert len(site.rollbacks) == count
    assert site.state in (ROLLED_BACK, PROBATION, HEALTHY, GuardState.SUSPECT)


@given(st.lists(windows, min_size=1, max_size=20))
def test_one_cause_makes_one_rollback(measured: list[Any]) -> None:
    """Whatever was measured before a rollback makes no second one, however often it is looked at."""
    site = Site()
    for window in measured:
        site.window(**window)
    count, old = len(site.rollbacks), site.evidence
    site.ask("rollback")
    site.settle()
    site.later(1)
    site.ask("reenable")
    for _ in range(60):
        site.evidence = old
        site.settle()
        site.later(60)

    assert len(site.rollbacks) <= count + 1


def test_every_state_and_every_row_is_reached() -> None:
    made: Counter[str] = Counter()
    states: set[GuardState] = set()
    bad, good = ("window", {"missing": 100}), ("window", {"missing": 0})
    stories: list[list[tuple[str, Any]]] = [
        [bad, good, good],
        [bad, bad, ("later", 900), *[good] * 20],
        [bad, bad, ("later", 900), *[bad] * 12],
        [("ask", "rollback"), good, ("later", 5), ("ask", "reenable"), good, good, ("spec", {"mode": "Suspended"}), ("spec", {})],
        [("ask", "rollback"), good, ("later", 5), ("ask", "reenable"), ("spec", {"guard": {"rollback": "AlarmOnly"}}), good],
        [("spec", {"tracing_mode": "Disabled"}), ("spec", {})],
        [bad, ("spec", {"sampling": {"ratio": "0"}})],
        [("ask", "rollback"), good, ("later", 5), ("ask", "reenable"), ("takeover", None), ("later", 300), ("later", 300)],
        [good, ("behind", ("capture cam0",)), bad, bad, ("later", 300), ("later", 900), ("later", 600)],
    ]  # fmt: skip
    for story in stories:
        site = play(story)
        made.update(row.why for row in site.rows)
        states.update(site.states)

    assert states == set(GuardState)
    assert {row.why for row in TRANSITIONS} == set(made)


def _hours(site: Site, hours: float, sick: Any) -> list[timedelta]:
    """Windows of so many hours; `sick(n)` says how many frames are missing in the n-th. Waits before each attempt."""
    waits: list[timedelta] = []
    seen: set[str] = set()
    for number in range(int(hours * 120)):
        site.window(missing=sick(number))
        status = site.status
        assert status is not None
        last = status.last_rollback
        if status.state is ROLLED_BACK and last is not None and last.id not in seen and status.next_attempt_time:
            assert last.completion_time is not None
            seen.add(last.id)
            waits.append(status.next_attempt_time - last.completion_time)
    return waits


def test_a_signal_that_flips_each_window_for_a_day_never_flaps() -> None:
    site = Site()
    site.settle()

    _hours(site, 24, lambda n: 100 * (n % 2))

    assert site.rollbacks == []
    assert len(site.states) <= 2


def test_a_jaeger_that_stays_sick_for_a_day_is_met_with_longer_waits_and_then_a_person() -> None:
    site = Site()

    waits = _hours(site, 24, lambda _: 100)

    assert waits == [timedelta(seconds=900 * 2**n) for n in range(5)]
    assert len(site.rollbacks) == 6
    assert site.status is not None
    assert site.status.hold is not None


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_day_of_sick_and_well_times_is_bounded_by_the_rule_of_recovery(sick: int, well: int) -> None:
    """Every rollback is followed by a wait of afterSeconds at least; a short one only after long calm."""
    site = Site()

    waits = _hours(site, 24, lambda n: 100 if n % (sick + well) < sick else 0)

    recovery = site.pipeline.spec.tracing.guard.recovery
    shortest = wait(recovery, 0) + calm_time(recovery, 1)
    resets = sum(later < before for before, later in pairwise(waits))
    assert resets <= timedelta(hours=24) / shortest
    assert len(site.rollbacks) <= (resets + 1) * (recovery.max_attempts + 1)
    for before, later in pairwise(waits):
        assert later in (2 * before, wait(recovery, 0))


@given(st.integers(0, 30), st.integers(10, 86_400))
def test_waits_never_get_shorter_with_attempts(attempts: int, after: int) -> None:
    recovery = pipeline(guard={"recovery": {"afterSeconds": after}}).spec.tracing.guard.recovery

    assert timedelta(seconds=after) <= wait(recovery, attempts) <= wait(recovery, attempts + 1) <= timedelta(days=7)


def test_a_day_of_health_writes_one_status() -> None:
    site = Site()
    site.windows(3)
    before = site.status

    _hours(site, 24, lambda _: 0)

    assert site.status == before
    assert site.status is not None
    assert site.status.state_since == NOON.replace(microsecond=0) + timedelta(seconds=30)
    assert RollbackTrigger.TRACES_MISSING not in str(site.status)
    assert ProbationActivity.PAUSED not in str(site.status)
    assert RollbackStep.LIVE_OFF not in str(site.status)
