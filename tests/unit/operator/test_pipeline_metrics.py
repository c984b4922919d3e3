"""What the operator's metrics tell of each pipeline: its cameras, its stages, its broker, and what the guard found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from frametrace_api.status import CameraPipelineStatus
from frametrace_api.status_tracing import AuditResult
from frametrace_operator.guard.evidence import BackendHealth, Evidence, Overhead, Projection
from frametrace_operator.keys import PipelineKey
from frametrace_operator.metrics import Metrics
from frametrace_operator.pipeline import Pipeline
from prometheus_client.parser import text_string_to_metric_families

from tests.unit.operator.guard.site import NOON, audit, pipeline

YARD = pipeline(guard={"maxMissingPercent": "2"}, budget={"bytesPerDay": "5G"})


def status(**tracing: Any) -> CameraPipelineStatus:
    known = {"state": "Healthy", **tracing}
    return CameraPipelineStatus.model_validate({"tracing": known, "cameras": [{"id": "cam0", "state": "Unavailable"}]})


def condition(kind: str, value: str, reason: str) -> dict[str, Any]:
    return {"type": kind, "status": value, "reason": reason, "message": "", "lastTransitionTime": NOON}


def stands(*conditions: dict[str, Any], stages: tuple[str, ...] = ()) -> CameraPipelineStatus:
    known = [{"name": f"s{at}", "state": state} for at, state in enumerate(stages)]
    return CameraPipelineStatus.model_validate({"conditions": list(conditions), "stages": known})


def rollback(name: str) -> dict[str, Any]:
    return {"id": name, "trigger": "TracesMissing", "message": "m", "step": "LiveOff", "startTime": NOON}


def told(metrics: Metrics, *labels: str) -> dict[str, float]:
    """Samples with these label values besides the pipeline's, by name."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
        if sample.labels.get("pipeline") == "yard"
        and sorted(v for k, v in sample.labels.items() if k not in {"namespace", "pipeline"}) == sorted(labels)
    }


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def test_limits_and_budget_are_the_pipelines_own(metrics: Metrics) -> None:
    metrics.by_pipeline.saw(YARD, status(), 3)

    found = told(metrics)
    assert found["frametrace_guard_missing_limit_ratio"] == 0.02
    assert found["frametrace_guard_overhead_limit_ratio"] == 0.05
    assert found["frametrace_guard_budget_bytes_per_day"] == 5e9
    assert found["frametrace_pipeline_unreadable_pods"] == 3
    assert told(metrics, "Unavailable")["frametrace_pipeline_cameras"] == 1
    assert told(metrics, "Capturing")["frametrace_pipeline_cameras"] == 0


@pytest.mark.parametrize(("value", "told_as"), [("True", 1), ("False", 0), ("Unknown", 0)])
def test_whether_frames_flow_is_told_with_the_reason(metrics: Metrics, value: str, told_as: int) -> None:
    metrics.by_pipeline.saw(YARD, stands(condition("Ready", value, "StagesUnavailable")), 0)

    assert told(metrics, "StagesUnavailable")["frametrace_pipeline_ready"] == told_as


def test_a_pipeline_that_is_suspended_is_not_told_as_one_that_is_not_ready(metrics: Metrics) -> None:
    metrics.by_pipeline.saw(YARD, stands(condition("Ready", "False", "Suspended")), 0)

    assert "frametrace_pipeline_ready" not in told(metrics, "Suspended")


@pytest.mark.parametrize(("value", "told_as"), [("True", 1), ("False", 0), ("Unknown", None)])
def test_a_broker_of_which_nobody_knows_is_not_told_as_one_that_is_down(
    metrics: Metrics, value: str, told_as: int | None
) -> None:
    metrics.by_pipeline.saw(YARD, stands(condition("BrokerAvailable", value, "Unreachable")), 0)

    assert told(metrics).get("frametrace_pipeline_broker_available") == told_as


def test_stages_that_do_not_get_on_or_do_not_answer_are_counted(metrics: Metrics) -> None:
    metrics.by_pipeline.saw(YARD, stands(stages=("Running", "Unavailable", "Starting", "Unknown", "Suspended")), 0)

    assert told(metrics)["frametrace_pipeline_unavailable_stages"] == 2


@pytest.mark.parametrize(
    ("retention", "seconds", "frames"),
    [({}, 30, 1800), ({"frameSeconds": 30}, 15, 900), ({"frameSeconds": 3600, "maxFrames": 50}, 30, 50)],
)
def test_how_long_frames_may_wait_is_the_pipelines_own(
    metrics: Metrics, retention: dict[str, int], seconds: float, frames: int
) -> None:
    spec = {"cameras": [{"id": "cam0", "source": {"url": "test://"}}], "broker": {"retention": retention}}
    yard = Pipeline.from_object({"metadata": {"namespace": "site-a", "name": "yard", "uid": "u"}, "spec": spec})
    metrics.by_pipeline.saw(yard, status(), 0)

    found = told(metrics)
    assert found["frametrace_pipeline_lag_limit_seconds"] == seconds
    assert found["frametrace_pipeline_queue_limit_frames"] == frames


@pytest.mark.parametrize("shared", [True, False])
def test_a_jaeger_of_the_owners_is_told_by_its_host(metrics: Metrics, *, shared: bool) -> None:
    external = {"otlpEndpoint": "http://jaeger.example:4318", "queryUrl": "https://jaeger.example:8443/jaeger"}
    metrics.by_pipeline.saw(pipeline(**({"backend": {"external": external}} if shared else {})), status(), 0)

    assert told(metrics, "jaeger.example:8443").get("frametrace_pipeline_external_jaeger") == (1 if shared else None)


def test_of_a_spec_that_is_refused_that_it_is_not_ready_is_told_and_what_the_guard_goes_on_measuring(
    metrics: Metrics,
) -> None:
    metrics.by_pipeline.saw(YARD, status(), 3)
    metrics.by_pipeline.refused(PipelineKey("site-a", "yard"), stands(condition("Ready", "False", "Stalled")))

    found = told(metrics)
    assert told(metrics, "Stalled")["frametrace_pipeline_ready"] == 0
    assert found["frametrace_guard_missing_limit_ratio"] == 0.02
    assert "frametrace_pipeline_unreadable_pods" not in found
    assert "frametrace_pipeline_cameras" not in told(metrics, "Unavailable")


def test_the_state_is_one_of_all(metrics: Metrics) -> None:
    metrics.by_pipeline.saw(YARD, status(state="Suspect"), 0)

    assert told(metrics, "Suspect")["frametrace_guard_state"] == 1
    assert told(metrics, "Healthy")["frametrace_guard_state"] == 0


def test_a_suspicion_is_an_alarm_once_it_lasted(metrics: Metrics) -> None:
    doubt = {"trigger": "TracesMissing", "message": "m"}
    metrics.by_pipeline.saw(YARD, status(state="Suspect", suspicion=doubt), 0)
    before = told(metrics, "TracesMissing")["frametrace_guard_alarm"]
    metrics.by_pipeline.saw(YARD, status(state="Suspect", suspicion={**doubt, "alarmTime": NOON}), 0)

    assert (before, told(metrics, "TracesMissing")["frametrace_guard_alarm"]) == (0, 1)
    assert told(metrics, "OverheadTooHigh")["frametrace_guard_alarm"] == 0


def test_what_was_measured_goes_before_what_the_status_keeps(metrics: Metrics) -> None:
    kept = status(completenessPercent="90", overheadPercent="3", projectedBytesPerDay="1G", effectiveRatio="0.5")
    metrics.by_pipeline.saw(YARD, kept, 0)
    coarse = told(metrics)
    evidence = Evidence(
        audits=(audit(NOON, missing=10), audit(NOON, checked=0, result=AuditResult.UNKNOWN, unknown=7)),
        overheads=(Overhead(NOON, 30, 1, 10),),
        backends=(BackendHealth(NOON, failed_probes=2, spans=200, failed_spans=50, restarts=1),),
        projection=Projection(NOON + timedelta(seconds=1), 2e9, 0.5),
    )
    metrics.by_pipeline.watch({PipelineKey("site-a", "yard"): evidence}.__getitem__)
    fresh = told(metrics)

    names = ("guard_complete_ratio", "guard_overhead_ratio", "guard_projected_bytes_per_day")
    assert [coarse[f"frametrace_{name}"] for name in names] == [0.9, 0.03, 1e9]
    assert [fresh[f"frametrace_{name}"] for name in names] == [0.99, 0.1, 2e9]
    assert fresh["frametrace_guard_missing_ratio"] == 0.01
    assert fresh["frametrace_guard_effective_ratio"] == 0.5
    assert told(metrics, "unknown")["frametrace_guard_audit_frames"] == 7
    assert fresh["frametrace_guard_backend_failed_probes"] == 2
    assert fresh["frametrace_guard_backend_failed_spans_ratio"] == 0.25
    assert fresh["frametrace_guard_backend_restarts"] == 1


def test_frames_of_which_nobody_knows_are_not_complete(metrics: Metrics) -> None:
    metrics.by_pipeline.saw(YARD, status(), 0)
    evidence = Evidence(audits=(audit(NOON, missing=100, unknown=800, high=90.0),))
    metrics.by_pipeline.watch({PipelineKey("site-a", "yard"): evidence}.__getitem__)

    assert told(metrics)["frametrace_guard_complete_ratio"] == 0.5


@pytest.mark.parametrize(
    ("results", "windows"),
    [("UUU", 3), ("UCUU", 2), ("UUC", 0), ("UUM", 0), ("UUI", 0), ("U" * 20, 20)],
)
def test_windows_of_which_nobody_could_tell_anything_are_counted_in_a_row(
    metrics: Metrics, results: str, windows: int
) -> None:
    known = {result.value[0]: result for result in AuditResult}
    evidence = Evidence(audits=tuple(audit(NOON, result=known[each]) for each in results))
    metrics.by_pipeline.saw(YARD, status(), 0)
    metrics.by_pipeline.watch({PipelineKey("site-a", "yard"): evidence}.__getitem__)

    assert told(metrics)["frametrace_guard_unknown_windows"] == windows


def test_a_rollback_is_counted_once_and_only_by_the_operator_that_saw_it_begin(metrics: Metrics) -> None:
    metrics.by_pipeline.saw(YARD, status(lastRollback=rollback("first")), 0)
    before = told(metrics, "TracesMissing")
    for _ in range(2):
        metrics.by_pipeline.saw(YARD, status(lastRollback=rollback("second")), 0)
    after = told(metrics, "TracesMissing")

    assert "frametrace_guard_rollbacks_total" not in before
    assert after["frametrace_guard_rollbacks_total"] == 1
    assert after["frametrace_guard_last_rollback_timestamp_seconds"] == NOON.timestamp()


def test_a_rollback_of_before_is_none_of_this_operators_though_the_spec_was_refused_first(metrics: Metrics) -> None:
    metrics.by_pipeline.refused(PipelineKey("site-a", "yard"), status(lastRollback=rollback("first")))
    metrics.by_pipeline.saw(YARD, status(lastRollback=rollback("first")), 0)

    assert "frametrace_guard_rollbacks_total" not in told(metrics, "TracesMissing")


def test_a_pipeline_that_is_gone_leaves_no_gauge(metrics: Metrics) -> None:
    metrics.by_pipeline.saw(YARD, status(), 0)
    metrics.by_pipeline.forget(PipelineKey("site-a", "yard"))

    assert told(metrics) == {}
