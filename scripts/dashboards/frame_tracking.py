"""The dashboard of one pipeline: how its frames do, and any one frame's journey."""

from __future__ import annotations

from typing import Any, Final

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard

from scripts.dashboards.panels import (
    finished,
    heat_map,
    lines,
    link,
    named,
    number,
    rows,
    states,
    table_of,
    trace_panel,
)
from scripts.dashboards.queries import JAEGER, PROMETHEUS, heat, jaeger_search, jaeger_trace, now, over_time
from scripts.dashboards.variables import choice, source, text_box

__all__ = ["UID", "frame_tracking"]

UID: Final = "frametrace-frame-tracking"

_PIPELINE = 'namespace="$namespace",pipeline="$pipeline"'
_CAMERA = f'{_PIPELINE},camera=~"$camera"'
_STAGE = f'{_CAMERA},stage=~"$stage"'
_CHOSEN = (
    "prometheus", "jaeger", "namespace", "pipeline", "camera", "stage", "frame_id", "service", "slower_than",
)  # fmt: skip
_KEPT = "&".join(["${__url_time_range}", *(f"${{{name}:queryparam}}" for name in _CHOSEN)])
_JOURNEY = f"/d/{UID}?{_KEPT}&var-trace_id=${{__value.raw}}"
_TRACE_COLUMN = "/^(traceID|Trace ID)$/"
_SHOW = {_TRACE_COLUMN: link("Show this frame's journey", _JOURNEY)}


def frame_tracking() -> Any:
    """Return the dashboard."""
    title = "Frametrace / Frame tracking"
    dashboard = Dashboard(title).uid(UID).tags(["frametrace"]).refresh("30s").time("now-1h", "now").timezone("browser")
    dashboard = dashboard.description(
        "One camera pipeline: its frames, their latencies, and any frame's journey by its ID."
    )
    for variable in _variables():
        dashboard = dashboard.with_variable(variable)
    dashboard = dashboard.annotation(_rollbacks())
    return finished(
        rows(dashboard, Now=_now(), Journey=_journey(), Latency=_latency(), Frames=_frames(), Tracing=_tracing())
    )


def _variables() -> list[Any]:
    captured = "frametrace_frames_captured_total"
    where = 'namespace="$namespace"'
    pasted = "A frame's ID as logs, pictures and exemplars have it; the table below finds its trace."
    return [
        source("prometheus", "Prometheus"),
        source("jaeger", "Jaeger"),
        choice("namespace", "Namespace", f"label_values({captured}, namespace)"),
        choice("pipeline", "Pipeline", f"label_values({captured}{{{where}}}, pipeline)"),
        choice("camera", "Camera", f"label_values({captured}{{{_PIPELINE}}}, camera)", many=True),
        choice(
            "stage", "Stage", f"label_values(frame_processing_duration_seconds_count{{{_PIPELINE}}}, stage)", many=True
        ),
        text_box("frame_id", "Frame ID", pasted),
        text_box("trace_id", "Trace ID", "Of the frame whose journey is shown; set by a click on a trace ID below."),
        text_box(
            "service",
            "Slow in",
            "Service in which slow frames are looked for: rtsp-capture, or a stage.",
            "rtsp-capture",
        ),
        text_box("slower_than", "Slower than", "Shortest duration of a slow span, such as 50ms or 1s.", "50ms"),
    ]


def _rollbacks() -> AnnotationQuery:
    expr = f"max by (trigger) (frametrace_guard_last_rollback_timestamp_seconds{{{_PIPELINE}}}) * 1000"
    query = AnnotationQuery().name("Rollbacks").datasource(PROMETHEUS).enable(enable=True).icon_color("red").expr(expr)
    return query.title_format("Tracing rolled back: {{trigger}}").use_value_for_time(use_value_for_time=True)


def _now() -> list[Any]:
    fps = f"sum(rate(frametrace_frames_captured_total{{{_CAMERA}}}[$__rate_interval]))"
    complete = f"max(frametrace_guard_complete_ratio{{{_PIPELINE}}})"
    away = f'sum(max by (state) (frametrace_pipeline_cameras{{{_PIPELINE},state=~"Unavailable|Unknown"}}))'
    overhead = f"max(frametrace_guard_overhead_ratio{{{_PIPELINE}}})"
    size = f"max(frametrace_guard_projected_bytes_per_day{{{_PIPELINE}}})"
    state = f"max by (state) (frametrace_guard_state{{{_PIPELINE}}}) == 1"
    ok = ((0.99, "green"),)
    return [
        number("Frames captured", "Frames captured a second, all chosen cameras together.", "suffix: frames/s", now(fps)),
        number("Traces complete", "Share of the frames looked up whose trace is whole, at the last audit.", "percentunit", now(complete), steps=((0, "red"), *ok)),
        named("Tracing", "State of the guard: Healthy, Suspect, RollingBack, RolledBack, Probation or Disabled.", now(state, "{{state}}")),
        number("Tracing overhead", "CPU that tracing costs, of the pods' CPU without it; above 5 % (by default) the guard acts.", "percentunit", now(overhead), steps=((0, "green"), (0.05, "red"))),
        number("Storage a day", "Bytes of traces a day at the present rate and ratio.", "decbytes", now(size), steps=((0, "green"), (10e9, "orange"))),
        number("Cameras away", "Cameras of the pipeline of which the operator sees no frames, be it for want of a capture.", "none", now(away), steps=((0, "green"), (1, "red"))),
    ]  # fmt: skip


def _journey() -> list[Any]:
    by_id = jaeger_search("rtsp-capture", "frame.id=${frame_id}")
    told = "The trace of the frame whose ID stands above. A click on its trace ID shows its journey beside."
    return [
        table_of("Find the frame", told, "none", by_id, source=JAEGER, width=8, links=_SHOW),
        trace_panel("traces", "The frame's journey", "Every span of the frame, from the camera to its end: work and waits, hop by hop.", jaeger_trace("${trace_id}"), (16, 14)),
        trace_panel("nodeGraph", "The frame's way", "The same journey as a graph: which service handed the frame to which.", jaeger_trace("${trace_id}"), (24, 10)),
    ]  # fmt: skip


def _latency() -> list[Any]:
    buckets = f"frame_processing_duration_seconds_bucket{{{_STAGE}}}"
    rate = f"rate({buckets}[$__rate_interval])"
    slow = jaeger_search(
        "${service}", "pipeline.name=${pipeline} k8s.namespace.name=${namespace}", min_duration="${slower_than}"
    )
    return [
        lines("Stage latency (p95)", "95th percentile of the time that a frame takes at a stage. Points are single frames: a click opens the frame's trace.", "s", over_time(f"histogram_quantile(0.95, sum by (stage, le) ({rate}))", "{{stage}}", exemplars=True)),
        lines("Latency by camera and stage (p95)", "The recorded series frame_processing_duration.", "s", over_time(f"max by (camera, stage) (frame_processing_duration{{{_STAGE}}})", "{{camera}} {{stage}}")),
        heat_map("How long frames take", "How many frames took how long, at the chosen stages. Points are single frames.", "s", heat(f"sum by (le) (increase({buckets}[$__rate_interval]))")),
        table_of("Slow frames", "Frames with a span in the service above that took longer than said above. A click on the trace ID shows the journey.", "none", slow, source=JAEGER, width=24, links=_SHOW),
    ]  # fmt: skip


def _frames() -> list[Any]:
    captured = f"sum by (camera) (rate(frametrace_frames_captured_total{{{_CAMERA}}}[$__rate_interval]))"
    ended = f"sum by (outcome, reason) (rate(frametrace_frames_ended_total{{{_STAGE}}}[$__rate_interval]))"
    lag = f"max by (camera, stage) (frametrace_queue_lag_frames{{{_STAGE}}})"
    dead = (
        f'sum by (camera, stage) (frametrace_frames_ended_total{{{_STAGE},outcome="dead_lettered"}}) or on () vector(0)'
    )
    up = f"max by (camera) (frametrace_camera_up{{{_CAMERA}}})"
    broker = f"min(frametrace_broker_up{{{_PIPELINE}}})"
    errors = f"sum by (camera, reason) (rate(frametrace_camera_errors_total{{{_CAMERA}}}[$__rate_interval])) or on () vector(0)"
    return [
        lines("Frames a second", "Frames captured a second, by camera.", "suffix: frames/s", over_time(captured, "{{camera}}")),
        lines("Outcomes", "Branches of frames that end a second: completed, dropped and why, or dead-lettered.", "suffix: frames/s", over_time(ended, "{{outcome}} {{reason}}")),
        lines("Broker lag", "Frames that wait for a stage, by camera.", "suffix: frames", over_time(lag, "{{camera}} {{stage}}")),
        states("Cameras and broker", "When each camera gave pictures, and when the broker answered.", over_time(up, "{{camera}}"), over_time(broker, "broker"), width=8),
        lines("Camera errors", "Errors of cameras a second, by reason.", "suffix: errors/s", over_time(errors, "{{camera}} {{reason}}")),
        lines("Dead letters", "Frames that stages gave up since their processes began.", "suffix: frames", over_time(dead, "{{camera}} {{stage}}")),
    ]  # fmt: skip


def _tracing() -> list[Any]:
    complete, missing = (
        f"max(frametrace_guard_{name}{{{_PIPELINE}}})" for name in ("complete_ratio", "missing_limit_ratio")
    )
    state = f"max by (state) (frametrace_guard_state{{{_PIPELINE}}})"
    overhead, most = (
        f"max(frametrace_guard_{name}{{{_PIPELINE}}})" for name in ("overhead_ratio", "overhead_limit_ratio")
    )
    size, budget = (f"max(frametrace_guard_{name}_bytes_per_day{{{_PIPELINE}}})" for name in ("projected", "budget"))
    spans = f"{{{_PIPELINE}}}[$__rate_interval]"
    dropped = f"sum by (cause) (rate(frametrace_spans_dropped_total{spans})) or on () vector(0)"
    audited = f"max by (result) (frametrace_guard_audit_frames{{{_PIPELINE}}})"
    lost = f"sum(rate(frametrace_context_lost_total{{{_CAMERA}}}[$__rate_interval]))"
    return [
        lines("Completeness", "Share of the frames looked up whose trace is whole; below the line the guard acts.", "percentunit", over_time(complete, "complete"), over_time(f"1 - {missing}", "limit")),
        states("Rollback timeline", "What state the guard was in: a rollback is RollingBack, then RolledBack, then Probation.", over_time(state, "{{state}}"), width=16),
        lines("Overhead", "CPU of tracing, of the pods' CPU without it: as the guard measured it, and as the pods' own counts give it.", "percentunit", over_time(overhead, "guard"), over_time(f"pipeline:frametrace_tracing_overhead:ratio{{{_PIPELINE}}}", "pods"), over_time(most, "limit")),
        lines("Storage a day", "Bytes of traces a day at the present rate: the guard's projection, the pods' own counts at 900 bytes a span, and the budget.", "decbytes", over_time(size, "projected"), over_time(f"pipeline:frametrace_trace_bytes:per_day{{{_PIPELINE}}}", "by spans"), over_time(budget, "budget")),
        lines("Spans", "Spans made, taken by Jaeger, and lost by cause, a second.", "suffix: spans/s", over_time(f"sum(rate(frametrace_spans_created_total{spans}))", "made"), over_time(f"sum(rate(frametrace_spans_exported_total{spans}))", "exported"), over_time(dropped, "lost {{cause}}")),
        lines("Audits", "Frames of the guard's last audit: expected, looked up, missing, unknown.", "suffix: frames", over_time(audited, "{{result}}"), width=12),
        lines("Context lost", "Frames that came to a stage without trace context, a second; they go on under the trace ID of their frame ID.", "suffix: frames/s", over_time(lost, "lost"), width=12),
    ]  # fmt: skip
