"""The report of a rollback: its words, what an operator that takes over keeps of it, and how many there are."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from frame_tracking import FrameID
from frametrace_api.status_tracing import (
    AuditMethod,
    AuditResult,
    GuardState,
    LastRollback,
    RollbackStep,
    RollbackTrigger,
    TracingStatus,
)
from frametrace_operator.decide import decide
from frametrace_operator.guard.evidence import AuditFinding, BackendHealth, Cause, Evidence, MissingFrame, Overhead
from frametrace_operator.guard.reporting.advice import advice
from frametrace_operator.guard.reporting.kept_reports import REPORTS_KEPT
from frametrace_operator.guard.reporting.report import JSON_KEY, TEXT_KEY, report
from frametrace_operator.manifests import Child
from frametrace_operator.observation import Observation, PodView
from frametrace_operator.pipeline import Pipeline

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FRAME = FrameID("20260301T115959000000_cam01_abcde_000123")
PIPELINE = Pipeline.from_object(
    {
        "metadata": {"namespace": "site-a", "name": "yard", "uid": "u", "generation": 1},
        "spec": {"cameras": [{"id": "cam01", "source": {"url": "test://"}}], "stages": []},
    }
)
AUDIT = AuditFinding(
    NOW,
    NOW - timedelta(seconds=30),
    NOW,
    AuditResult.MISSING,
    AuditMethod.EXACT,
    900,
    900,
    missing=90,
    low=10.0,
    high=10.0,
    frames=tuple(MissingFrame(FRAME, "motion", Cause.LOST_ON_THE_WAY) for _ in range(1000)),
    hop="motion",
    cause=Cause.LOST_ON_THE_WAY,
)
EVIDENCE = Evidence(
    audits=(AUDIT,) * 20,
    overheads=(Overhead(NOW, 30.0, 1.0, 9.0),),
    backends=(BackendHealth(NOW, failed_probes=3, probe_error="http://u:s3cret@jaeger: refused", spans=10),),
    dropped={"buffer_full": 7},
)
POD = PodView("yard-cam01-1", "1", "capture", "cam01", running=True, ready=True, restarts=2)


def status(number: int = 1, trigger: RollbackTrigger = RollbackTrigger.TRACES_MISSING, **fields: Any) -> TracingStatus:
    last = LastRollback(
        id=f"20260301-12000{number}-abcdef",
        trigger=trigger,
        message="10 % of the traces were missing",
        step=RollbackStep.LIVE_OFF,
        start_time=NOW,
        **fields,
    )
    return TracingStatus(state=GuardState.ROLLING_BACK, last_rollback=last)


def seen(*children: Child) -> Observation:
    owner = {"controller": True, "uid": "u", "kind": "CameraPipeline", "name": "yard"}
    live = {
        child.key: child.body | {"metadata": child.body["metadata"] | {"uid": "1", "ownerReferences": [owner]}}
        for child in children
    }
    return Observation(NOW, "u", live=live, pods=(POD,))


def made(before: TracingStatus, evidence: Evidence = EVIDENCE, *known: Child) -> Child:
    child = report(PIPELINE, before, evidence, seen(*known))
    assert child is not None
    return child


def test_it_says_what_was_measured_where_and_what_to_look_at() -> None:
    text = made(status()).body["data"][TEXT_KEY]
    for part in (
        "Rollback 20260301-120001-abcdef of tracing in site-a/yard: TracesMissing",
        "Likely cause: 10.00 % of the traces were missing or incomplete, most of them at motion: Jaeger acknowledged",
        "What to check:\n  - collectors, gateways and proxies between the pods and Jaeger",
        "90 of 900 missing, 0 unknown (Exact)",
        f"{FRAME}  from motion on: LostOnTheWay",
        "and 980 more in report.json",
        "buffer_full: 7",
        "3 failed probes in a row",
        "yard-cam01-1 (capture cam01): ready, 2 restarts",
        "2026-03-01T12:00:00Z        decided to take tracing out",
    ):
        assert part in text
    assert "s3cret" not in text


def test_it_names_the_newest_frames_first() -> None:
    def audit(minute: int) -> AuditFinding:
        ids = [FrameID(f"20260301T11{minute}{second:02}000000_cam01_abcde_{second:06}") for second in range(15)]
        return replace(AUDIT, frames=tuple(MissingFrame(each, "motion", Cause.NOT_FOUND) for each in ids))

    late = audit(57)  # what was still on its way is told of after its window
    text = made(status(), Evidence(audits=(audit(10), audit(58), late))).body["data"][TEXT_KEY]
    named = [line.split()[0] for line in text.splitlines() if "_cam01_" in line]

    assert named == [str(frame.frame_id) for each in (audit(58), late) for frame in reversed(each.frames)][:20]
    assert "and 25 more in report.json" in text


@pytest.mark.parametrize("cause", [None, *Cause])
@pytest.mark.parametrize("trigger", RollbackTrigger)
def test_what_to_look_at_fits_the_jaeger(trigger: RollbackTrigger, cause: Cause | None) -> None:
    before, evidence = status(trigger=trigger), Evidence(audits=(replace(AUDIT, cause=cause),))
    last = before.last_rollback
    assert last is not None

    own, foreign = (" ".join(advice(last, before, evidence, external=external)) for external in (False, True))

    assert not re.search(r"role=jaeger|backend\.managed|its pod|Jaeger's pod", foreign)
    assert ("role=jaeger" in own) == ("your Jaeger" in foreign)


def test_the_report_of_a_pipeline_with_an_external_jaeger_sends_nobody_to_a_pod() -> None:
    external = {"otlpEndpoint": "http://j:4318", "queryUrl": "http://j:16686"}
    spec = {**PIPELINE.spec.to_object(), "tracing": {"backend": {"external": external}}}
    metadata = {"namespace": "site-a", "name": "yard", "uid": "u", "generation": 1}
    pipeline = Pipeline.from_object({"metadata": metadata, "spec": spec})

    child = report(pipeline, status(trigger=RollbackTrigger.BACKEND_UNSTABLE), EVIDENCE, seen())

    assert child is not None
    assert "What to check:\n  - your Jaeger's own log" in child.body["data"][TEXT_KEY]


def test_every_trigger_has_its_words() -> None:
    for trigger in RollbackTrigger:
        for evidence in (EVIDENCE, Evidence()):
            content = json.loads(made(status(trigger=trigger), evidence).body["data"][JSON_KEY])
            assert content["likelyCause"]
            assert content["check"]


def test_it_fits_into_a_config_map() -> None:
    assert len(json.dumps(made(status()).body)) < 900_000


def test_an_operator_that_takes_over_keeps_the_evidence_and_brings_the_steps_up_to_date() -> None:
    first = made(status())
    later = made(status(completion_time=NOW + timedelta(seconds=40)), Evidence(), first)
    before, after = (json.loads(child.body["data"][JSON_KEY]) for child in (first, later))
    assert after["evidence"] == before["evidence"]
    assert [step["what"] for step in after["steps"]][1] == "the last pod ran without instrumentation"
    assert later.key == first.key
    assert made(status(), Evidence(), first).body == first.body, "the same state, the same report: no write"


def test_it_keeps_the_count_of_attempts() -> None:
    before = status().model_copy(update={"attempts": 2})
    first = made(before)
    later = made(before.model_copy(update={"attempts": 3}), Evidence(), first)
    assert [json.loads(child.body["data"][JSON_KEY])["attempts"] for child in (first, later)] == [2, 3]


def test_a_report_that_somebody_spoiled_is_made_anew() -> None:
    first = made(status())
    spoiled = Child(first.role, first.item, first.body | {"data": {JSON_KEY: "{"}})
    assert "TracesMissing" in made(status(), Evidence(), spoiled).body["data"][TEXT_KEY]


def test_one_that_was_deleted_after_it_was_kept_is_not_made_again() -> None:
    done = status(report_name="gone").model_copy(update={"state": GuardState.ROLLED_BACK})
    assert report(PIPELINE, done, EVIDENCE, seen()) is None
    assert report(PIPELINE, None, EVIDENCE, seen()) is None


def test_the_last_few_stay_though_nobody_wants_them() -> None:
    reports = [made(status(number)) for number in range(REPORTS_KEPT + 2)]
    plan = decide(seen(*reports), (reports[-1],))
    assert {key for key, _ in plan.delete} == {child.key for child in reports[:2]}
    assert not decide(seen(*reports[:REPORTS_KEPT]), ()).delete


def test_what_a_rollback_left_behind_stands_among_its_steps() -> None:
    text = made(status(completion_time=NOW, left_behind=("capture cam01",))).body["data"][TEXT_KEY]
    assert "it ended without capture cam01, whose pods could not be replaced" in text
