"""How far pods and storage are: read off what they say and what Kubernetes says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frame_tracking import TracingNow
from frametrace_api.status_tracing import LastRollback, PurgeState, RollbackStep, RollbackTrigger
from frametrace_operator.flow import Flow
from frametrace_operator.guard.observing.progress import progress
from frametrace_operator.guard.plan import Progress
from frametrace_operator.naming import report_name
from frametrace_operator.observation import Observation, PodView, Workload
from frametrace_operator.pipeline import Pipeline

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAST = LastRollback(
    id="one", trigger=RollbackTrigger.REQUESTED, message="", step=RollbackStep.RESTARTING, start_time=NOW
)
RUNS = Workload(settled=True, observed=True, updated=1, replaced=True, moved=NOW, sdk_disabled=False)
OUT = replace(RUNS, sdk_disabled=True)
BADGER = {"backend": {"managed": {"storage": "Badger"}}}
EXTERNAL = {"backend": {"external": {"otlpEndpoint": "http://j:4318", "queryUrl": "http://j:16686"}}}


def pod(role: str, item: str, **fields: Any) -> PodView:
    known = {"ip": "10.0.0.1", "running": True, "ready": True, "sdk_disabled": False} | fields
    return PodView(f"{role}-{item}", f"{role}-{item}", role, item, **known)


def look(
    state: Workload = RUNS,
    *pods: PodView,
    says: TracingNow | None = TracingNow.ON,
    last: LastRollback | None = LAST,
    hook: PurgeState = PurgeState.NOT_ASKED,
    jaeger: Workload = RUNS,
    tracing: Any = None,
    **fields: Any,
) -> Progress:
    spec = {
        "cameras": [{"id": "cam01", "source": {"url": "test://"}}],
        "stages": [{"name": "motion", "handler": "motion"}],
        "tracing": tracing or {},
    }
    pipeline = Pipeline.from_object(
        {"metadata": {"namespace": "site-a", "name": "yard", "uid": "u", "generation": 1}, "spec": spec}
    )
    present = pods or tuple(
        pod(role, item, sdk_disabled=state.sdk_disabled) for role, item in (("capture", "cam01"), ("stage", "motion"))
    )
    told = {each.uid: says for each in present if says is not None}
    workloads = {("capture", "cam01"): state, ("stage", "motion"): state, ("jaeger", ""): jaeger}
    seen = Observation(NOW, "u", workloads=workloads, pods=present, flow=Flow(tracing=told), **fields)
    return progress(pipeline, last, seen, instrumented=False, hook=hook)


def test_off_is_what_every_pod_says() -> None:
    assert not look().live_off
    assert look(says=TracingNow.OFF).live_off
    assert look(OUT, says=TracingNow.DISABLED).live_off


def test_a_ready_pod_that_does_not_answer_may_still_trace() -> None:
    assert not look(says=None).live_off


def test_a_pod_that_runs_nothing_does_not_trace() -> None:
    crashing = pod("capture", "cam01", ready=False, trouble="CrashLoopBackOff")
    assert look(RUNS, crashing, says=None).live_off


def test_out_is_when_the_last_pod_is_replaced() -> None:
    assert look(OUT).uninstrumented
    assert not look(OUT).instrumented
    assert look(RUNS).instrumented
    assert not look(RUNS).uninstrumented
    assert not look(replace(OUT, replaced=False)).uninstrumented


def test_an_old_pod_that_is_being_ended_is_not_gone_yet() -> None:
    new = (pod("capture", "cam01", sdk_disabled=True), pod("stage", "motion", sdk_disabled=True))
    ending = pod("stage", "motion", running=False, ready=False)
    assert not look(OUT, *new, ending).uninstrumented
    assert look(OUT, *new, replace(ending, ended=True)).uninstrumented


def test_a_camera_that_is_away_does_not_keep_a_rollback_from_its_end() -> None:
    new = (pod("capture", "cam01", sdk_disabled=True, ready=False), pod("stage", "motion", sdk_disabled=True))
    assert look(replace(OUT, settled=False), *new).uninstrumented


def test_a_new_pod_that_does_not_start_is_told_with_its_own_reason() -> None:
    new = pod("capture", "cam01", sdk_disabled=True, running=False, ready=False, trouble="ErrImagePull", message="gone")
    found = look(OUT, new, pod("stage", "motion", sdk_disabled=True))
    assert not found.uninstrumented
    assert found.stuck == "capture cam01: pod capture-cam01: ErrImagePull: gone"


def test_a_rollout_that_stands_still_without_a_reason_is_told() -> None:
    still = replace(OUT, replaced=False, updated=0, moved=NOW - timedelta(seconds=31))
    assert "no more for 30 s" in look(still).stuck
    assert look(replace(still, moved=NOW)).stuck == ""


def test_what_is_not_replaced_yet_is_named_by_role_and_item() -> None:
    new = (pod("capture", "cam01", sdk_disabled=True), pod("stage", "motion", sdk_disabled=True))
    dead = pod("capture", "cam01", running=False, ready=False)
    assert look(OUT, *new).behind == ()
    assert look(RUNS).behind == ("stage motion", "capture cam01")
    assert look(OUT, *new, dead).behind == ("capture cam01",)
    assert look(OUT, *new, pod("capture", "gone", running=False)).behind == ("capture gone",)


def test_the_report_is_kept_when_it_is_there() -> None:
    assert not look().report_kept
    pipeline = Pipeline.from_object(
        {
            "metadata": {"namespace": "site-a", "name": "yard", "uid": "u"},
            "spec": {"cameras": [{"id": "cam01", "source": {"url": "test://"}}], "stages": []},
        }
    )
    assert look(live={("v1", "ConfigMap", report_name(pipeline, "one")): {}}).report_kept


ASKED = LAST.model_copy(update={"purge": PurgeState.PENDING, "purge_generation": 2})
CLEARED = replace(RUNS, purge_generation=2)
STAYS = pod("jaeger", "", running=False, ready=False, trouble="CrashLoopBackOff")


@pytest.mark.parametrize(
    ("last", "fields", "expected"),
    [
        (LAST, {}, PurgeState.NOT_ASKED),
        (ASKED, {}, PurgeState.PENDING),
        (ASKED, {"jaeger": CLEARED}, PurgeState.DONE),
        (ASKED, {"jaeger": replace(CLEARED, replaced=False)}, PurgeState.PENDING),
        (ASKED, {"jaeger": CLEARED, "tracing": BADGER}, PurgeState.PENDING),
        (ASKED, {"tracing": EXTERNAL, "hook": PurgeState.FAILED}, PurgeState.FAILED),
    ],
)
def test_a_purge_stands(last: LastRollback, fields: Any, expected: PurgeState) -> None:
    assert look(last=last, **fields).purge is expected


def test_a_wiped_volume_is_known_by_the_pod_that_runs_after_it() -> None:
    for jaeger, expected in ((pod("jaeger", ""), PurgeState.DONE), (STAYS, PurgeState.FAILED)):
        assert look(RUNS, jaeger, last=ASKED, jaeger=CLEARED, tracing=BADGER).purge is expected
