"""The dashboard of all pipelines, and of the operator that looks after them."""

from __future__ import annotations

from typing import Any, Final

from grafana_foundation_sdk.builders.dashboard import Dashboard

from scripts.dashboards.frame_tracking import UID as ONE_PIPELINE
from scripts.dashboards.panels import finished, lines, link, number, rows, states, table_of
from scripts.dashboards.queries import now, over_time
from scripts.dashboards.variables import choice, source

__all__ = ["UID", "fleet"]

UID: Final = "frametrace-fleet"

_PIPELINES = 'namespace=~"$namespace",pipeline=~"$pipeline"'
_BY = "by (namespace, pipeline)"
_NAME = "{{namespace}}/{{pipeline}}"
_OPEN = (
    f"/d/{ONE_PIPELINE}?${{__url_time_range}}&${{prometheus:queryparam}}&${{jaeger:queryparam}}"
    "&var-namespace=${__data.fields.namespace}&var-pipeline=${__data.fields.pipeline}"
)
_TO_PIPELINE = {"/^pipeline$/": link("Open this pipeline", _OPEN)}


def fleet() -> Any:
    """Return the dashboard."""
    title = "Frametrace / Fleet"
    dashboard = Dashboard(title).uid(UID).tags(["frametrace"]).refresh("30s").time("now-3h", "now").timezone("browser")
    dashboard = dashboard.description("All camera pipelines: which of them need somebody, and how the operator does.")
    cameras = "frametrace_pipeline_cameras"
    for variable in (
        source("prometheus", "Prometheus"),
        source("jaeger", "Jaeger"),
        choice("namespace", "Namespace", f"label_values({cameras}, namespace)", many=True),
        choice("pipeline", "Pipeline", f'label_values({cameras}{{namespace=~"$namespace"}}, pipeline)', many=True),
    ):
        dashboard = dashboard.with_variable(variable)
    return finished(rows(dashboard, Now=_now(), Pipelines=_pipelines(), Tracing=_tracing(), Operator=_operator()))


def _now() -> list[Any]:
    ready = f"sum(max {_BY} (frametrace_pipeline_ready{{{_PIPELINES}}}))"
    away = f'sum(frametrace_pipeline_cameras{{{_PIPELINES},state=~"Unavailable|Unknown"}})'
    fps = f"sum(rate(frametrace_frames_captured_total{{{_PIPELINES}}}[$__rate_interval]))"
    out = f'sum(frametrace_guard_state{{{_PIPELINES},state=~"RollingBack|RolledBack"}})'
    size = f"sum(max {_BY} (frametrace_guard_projected_bytes_per_day{{{_PIPELINES}}}))"
    blind = f"sum(max {_BY} (frametrace_pipeline_unreadable_pods{{{_PIPELINES}}}))"
    bad = ((0, "green"), (1, "red"))
    return [
        number("Pipelines ready", "Pipelines whose frames of every camera reach every last stage.", "none", now(ready)),
        number("Cameras away", "Cameras of which the operator sees no frames.", "none", now(away), steps=bad),
        number("Frames captured", "Frames captured a second, all pipelines together.", "suffix: frames/s", now(fps)),
        number(
            "Tracing rolled back", "Pipelines whose tracing is out, or on its way out.", "none", now(out), steps=bad
        ),
        number(
            "Storage a day", "Bytes of traces a day at the present rate, all pipelines together.", "decbytes", now(size)
        ),
        number("Pods unreadable", "Pods that run and give the operator no ledger.", "none", now(blind), steps=bad),
    ]


def _pipelines() -> list[Any]:
    why = "sum by (ready, reason) (frametrace_operator_pipelines)"
    ready = f"bottomk(50, max by (namespace, pipeline, reason) (frametrace_pipeline_ready{{{_PIPELINES}}}))"
    away = f'topk(50, sum {_BY} (frametrace_pipeline_cameras{{{_PIPELINES},state=~"Unavailable|Unknown"}}))'
    fps = f"topk(20, sum {_BY} (rate(frametrace_frames_captured_total{{{_PIPELINES}}}[$__rate_interval])))"
    lag = f"topk(20, max by (namespace, pipeline, stage) (frametrace_queue_lag_frames{{{_PIPELINES}}}))"
    lost = f'topk(20, sum {_BY} (rate(frametrace_frames_ended_total{{{_PIPELINES},outcome!="completed"}}[$__rate_interval]))) or on () vector(0)'
    p95 = f"topk(20, max by (namespace, pipeline, stage) (frame_processing_duration{{{_PIPELINES}}}))"
    return [
        table_of("Ready", "Pipelines that are not ready (0) first, with the reason of their condition; a click on the pipeline opens it.", "none", now(ready, table=True), width=8, links=_TO_PIPELINE),
        table_of("Cameras away", "Cameras that are away, by pipeline, most first; a click on the pipeline opens it.", "none", now(away, table=True), width=8, links=_TO_PIPELINE),
        lines("Why pipelines are ready or not", "Pipelines by their condition Ready and its reason.", "none", over_time(why, "{{ready}} {{reason}}"), width=8),
        lines("Frames a second", "Frames captured a second; the 20 busiest pipelines.", "suffix: frames/s", over_time(fps, _NAME), width=6),
        lines("Broker lag", "Frames that wait for a stage; the 20 longest queues.", "suffix: frames", over_time(lag, f"{_NAME} {{{{stage}}}}"), width=6),
        lines("Frames lost", "Frames dropped or dead-lettered a second; the 20 worst pipelines.", "suffix: frames/s", over_time(lost, _NAME), width=6),
        lines("Stage latency (p95)", "The recorded series frame_processing_duration; the 20 slowest stages.", "s", over_time(p95, f"{_NAME} {{{{stage}}}}"), width=6),
    ]  # fmt: skip


def _tracing() -> list[Any]:
    complete = f"bottomk(20, max {_BY} (frametrace_guard_complete_ratio{{{_PIPELINES}}}))"
    overhead = f"topk(20, max {_BY} (frametrace_guard_overhead_ratio{{{_PIPELINES}}}))"
    size = f"topk(20, max {_BY} (frametrace_guard_projected_bytes_per_day{{{_PIPELINES}}}))"
    states_now = f"count by (state) (frametrace_guard_state{{{_PIPELINES}}} == 1)"
    out = f'max {_BY} (frametrace_guard_state{{{_PIPELINES},state=~"RollingBack|RolledBack|Probation"}})'
    alarms = f"sum by (trigger) (frametrace_guard_alarm{{{_PIPELINES}}})"
    rolled = f"max by (namespace, pipeline, trigger) (frametrace_guard_last_rollback_timestamp_seconds{{{_PIPELINES}}}) * 1000"
    return [
        lines("Completeness", "Share of frames whose trace is whole; the 20 worst pipelines.", "percentunit", over_time(complete, _NAME)),
        lines("Overhead", "CPU of tracing, of the pods' CPU without it; the 20 highest.", "percentunit", over_time(overhead, _NAME)),
        lines("Storage a day", "Bytes of traces a day at the present rate; the 20 largest.", "decbytes", over_time(size, _NAME)),
        lines("States of tracing", "Pipelines by the state of their guard.", "none", over_time(states_now, "{{state}}"), width=6),
        lines("Alarms", "Pipelines whose tracing is suspected for guard.failureWindows or longer, by trigger.", "none", over_time(alarms, "{{trigger}}"), width=6),
        states("Rollback timeline", "When tracing of a pipeline was out, or on its way back.", over_time(out, _NAME)),
        table_of("Last rollbacks", "When tracing of a pipeline was last rolled back, and why.", "dateTimeAsIso", now(rolled, table=True), width=24, links=_TO_PIPELINE),
    ]  # fmt: skip


def _operator() -> list[Any]:
    passes = "sum by (result) (rate(frametrace_operator_reconciles_total[$__rate_interval]))"
    p99, ledgers = (
        f"histogram_quantile(0.99, sum by (le) (rate(frametrace_operator_{name}_duration_seconds_bucket[$__rate_interval])))"
        for name in ("reconcile", "ledger_pass")
    )
    writes = "sum by (what) (rate(frametrace_operator_writes_total[$__rate_interval]))"
    return [
        states("Leader", "Which replica leads.", over_time("max by (pod, instance) (frametrace_operator_leader)", "{{instance}} {{pod}}"), width=8),
        lines("Passes", "Passes over pipelines a second, by how they ended.", "suffix: passes/s", over_time(passes, "{{result}}")),
        lines("Length of passes (p99)", "99th percentile of a pass over a pipeline, and of reading all ledgers once.", "s", over_time(p99, "pass"), over_time(ledgers, "ledgers")),
        lines("Backlog and lag", "How late the event loop woke, and for how long no watch was heard or tried, no ledger asked for, and none had.", "s", over_time("max(frametrace_operator_loop_lag_seconds)", "loop"), over_time("max(frametrace_operator_watch_age_seconds)", "watches"), over_time("max(frametrace_operator_ledger_pass_age_seconds)", "ledgers asked for"), over_time("max(frametrace_operator_ledger_silence_seconds)", "ledgers had")),
        lines("Queue", "Pipelines that wait for a pass and are due.", "none", over_time("max(frametrace_operator_queue_depth)", "due")),
        lines("Writes", "Writes to the API server a second, by what was written.", "suffix: writes/s", over_time(writes, "{{what}}")),
    ]  # fmt: skip
