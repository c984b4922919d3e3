"""How a rollback and a return reach the pods: captures a tenth at a time, stages at once, nothing held up by what is stuck."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frame_tracking.ledger import CameraState
from frametrace_operator.flow import Flow
from frametrace_operator.guard.acting.rollout import rollout
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.observation import Observation, PodView, Workload
from frametrace_operator.pipeline import Pipeline
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUT = TracingPlan(instrumented=False, on=False)
SETTLED = Workload(settled=True, observed=True, updated=1, replaced=True, moved=NOW, sdk_disabled=False)
MOVING = replace(SETTLED, settled=False, sdk_disabled=True)
DONE = replace(SETTLED, sdk_disabled=True)


def pipeline(cameras: int, **spec: Any) -> Pipeline:
    sources = [{"id": f"cam{number:03}", "source": {"url": "test://"}} for number in range(cameras)]
    metadata = {"namespace": "site-a", "name": "yard", "uid": "u", "generation": 1}
    return Pipeline.from_object({"metadata": metadata, "spec": {"cameras": sources, "stages": [], **spec}})


def seen(*captures: Workload, **fields: Any) -> Observation:
    states = {("capture", f"cam{number:03}"): state for number, state in enumerate(captures)}
    return Observation(NOW, "u", workloads=states, **fields)


def waiting(*captures: Workload, **fields: Any) -> int:
    return len(rollout(pipeline(len(captures)), OUT, seen(*captures, **fields)).waiting)


@pytest.mark.parametrize(("cameras", "first"), [(1, 1), (9, 1), (10, 1), (11, 2), (128, 13)])
def test_a_tenth_of_the_captures_begins(cameras: int, first: int) -> None:
    assert waiting(*[SETTLED] * cameras) == cameras - first


def test_the_next_one_follows_when_one_is_through() -> None:
    assert waiting(MOVING, *[SETTLED] * 9) == 9
    assert waiting(DONE, *[SETTLED] * 9) == 8


def test_the_return_goes_the_same_way() -> None:
    back = rollout(pipeline(10), TracingPlan(), seen(*[DONE] * 10))
    assert len(back.waiting) == 9


def test_a_camera_that_is_away_holds_up_nobody() -> None:
    away = CameraState(id="cam000", connected=False, reason="Unreachable")
    starting = CameraState(id="cam000", connected=False, reason="Starting")
    assert waiting(MOVING, *[SETTLED] * 9, flow=Flow(cameras={"cam000": starting})) == 9
    assert waiting(MOVING, *[SETTLED] * 9, flow=Flow(cameras={"cam000": away})) == 8


def test_a_capture_that_is_stuck_holds_up_nobody() -> None:
    pod = PodView("p", "1", "capture", "cam000", trouble="ErrImagePull", message="no such image")
    assert waiting(MOVING, *[SETTLED] * 9, pods=(pod,)) == 8
    slow = replace(MOVING, moved=NOW - timedelta(seconds=31))
    assert waiting(slow, *[SETTLED] * 9) == 8
    assert waiting(replace(slow, observed=False), *[SETTLED] * 9) == 9


def going(seconds: float, *captures: Workload, **fields: Any) -> int:
    """Captures that still wait when a rollback has taken so many seconds."""
    since = NOW - timedelta(seconds=seconds)
    return len(rollout(pipeline(len(captures)), OUT, seen(*captures, **fields), since).waiting)


def test_in_a_rollback_a_capture_is_through_once_its_new_pod_runs() -> None:
    new = PodView("n", "2", "capture", "cam000", running=True, sdk_disabled=True)
    old = PodView("o", "1", "capture", "cam000", sdk_disabled=False)
    assert going(20, MOVING, *[SETTLED] * 9, pods=(new,)) == 8
    assert going(20, MOVING, *[SETTLED] * 9, pods=(new, old)) == 9, "the old one is not gone"
    assert going(20, MOVING, *[SETTLED] * 9, pods=(replace(new, running=False),)) == 9
    assert going(20, replace(MOVING, replaced=False), *[SETTLED] * 9, pods=(new,)) == 9
    assert waiting(MOVING, *[SETTLED] * 9, pods=(new,)) == 9, "a return waits until it is ready"


def test_a_stop_that_hangs_holds_a_rollback_up_for_ten_seconds() -> None:
    hangs = replace(MOVING, replaced=False, moved=NOW - timedelta(seconds=11))
    assert going(20, hangs, *[SETTLED] * 9) == 8
    assert waiting(hangs, *[SETTLED] * 9) == 9


@pytest.mark.parametrize(("seconds", "begin"), [(0, 13), (119, 13), (120, 32), (179, 32), (180, 128)])
def test_more_captures_begin_as_a_rollbacks_time_runs_out(seconds: float, begin: int) -> None:
    assert going(seconds, *[SETTLED] * 128) == 128 - begin


def test_what_does_not_run_changes_at_once() -> None:
    asleep = replace(SETTLED, replicas=0)
    assert waiting(*[asleep] * 20) == 0


def test_the_owners_own_word_is_carried_out_as_any_change_is() -> None:
    disabled = pipeline(10, tracing={"mode": "Disabled"})
    assert not rollout(disabled, OUT, seen(*[SETTLED] * 10)).waiting


def test_a_storage_is_never_told_of_fewer_purges_than_it_knows_of() -> None:
    jaeger = {("jaeger", ""): replace(SETTLED, purge_generation=3)}
    for asked, told in ((0, 3), (3, 3), (4, 4)):
        found = rollout(pipeline(1), TracingPlan(purge_generation=asked), Observation(NOW, "u", workloads=jaeger))
        assert found.tracing.purge_generation == told


@given(st.lists(st.sampled_from([SETTLED, MOVING, DONE]), min_size=1, max_size=60))
def test_never_more_than_a_tenth_is_away(captures: list[Workload]) -> None:
    held = waiting(*captures)
    begun = captures.count(SETTLED) - held
    share = -(-len(captures) // 10)
    assert begun == min(captures.count(SETTLED), max(0, share - captures.count(MOVING)))
