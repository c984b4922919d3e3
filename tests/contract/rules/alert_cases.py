"""For each alert: series with which it fires, and series with which it does not, in promtool's notation (a value every 15 s)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CASES", "Case"]

_YARD = 'namespace="site",pipeline="yard"'
_MOTION = f'{_YARD},camera="cam01",stage="motion"'
Series = dict[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """What an alert is fed with, and when it is looked at.

    Attributes:
        labels: of the alert, besides its name, state and severity.
        since: when it begins to fire; a look at the rules earlier or later, as promtool may reckon what is recorded after it.
        at: when it fires still.
    """

    alert: str
    fires: Series
    silent: Series
    labels: str = _YARD
    since: str = "0s"
    at: str = "15m"


def _guard(**values: str) -> Series:
    """Series of the guard of one pipeline, as the leading operator tells them."""
    return {f'frametrace_guard_{name}{{{_YARD},pod="operator-1"}}': value for name, value in values.items()}


def _state(name: str, value: str = "1x80") -> Series:
    return {f'frametrace_guard_state{{{_YARD},state="{name}"}}': value}


def _pipeline(name: str, value: str, label: str = "") -> Series:
    """A series of one pipeline, as the leading operator tells it."""
    return {f'frametrace_pipeline_{name}{{{_YARD},pod="operator-1"{label}}}': value}


def _shared(name: str, backend: str) -> Series:
    """A pipeline of 100 spans a second, with traces in that Jaeger."""
    labels = f'namespace="site",pipeline="{name}"'
    return {
        f"frametrace_spans_exported_total{{{labels}}}": "0+1500x80",
        f'frametrace_pipeline_external_jaeger{{{labels},backend="{backend}"}}': "1x80",
    }


def _audited(expected: str = "900x80", at: str = "0+15x80") -> Series:
    return {
        **_guard(audit_timestamp_seconds=at),
        f'frametrace_guard_audit_frames{{{_YARD},pod="operator-1",result="expected"}}': expected,
    }


_CPU = f"frametrace_tracing_cpu_seconds_total{{{_YARD}}}"
_OVERHEAD = _guard(overhead_ratio="0.08x80", overhead_limit_ratio="0.05x80")
_LAG = f"frametrace_queue_lag_frames{{{_MOTION}}}"
_CAPTURED = f'frametrace_frames_captured_total{{{_YARD},camera="cam01"}}'
_ENDED = f'frametrace_frames_ended_total{{{_MOTION},outcome="dead_lettered",reason=""}}'
_COMPLETED = f'frametrace_frames_ended_total{{{_MOTION},outcome="completed",reason=""}}'
_DROPPED = f'frametrace_frames_ended_total{{{_MOTION},outcome="dropped",reason="overflow"}}'
_LEADS = 'frametrace_operator_leader{{namespace="o",job="{job}",pod="{pod}"}}'
_SILENCE = 'frametrace_operator_ledger_silence_seconds{namespace="o",pod="a"}'
_OTHERS = 'frametrace_pipeline_unreadable_pods{namespace="site",pipeline="gate",pod="operator-1"}'
_STARTED = 'frametrace_operator_start_time_seconds{namespace="o",pod="a"}'
_UP = f'frametrace_camera_up{{{_YARD},camera="cam01"}}'
_MISSING = _guard(missing_ratio="0.02x80", missing_limit_ratio="0.01x80")
_CAPTURES = ',state="Capturing"'
_UNAUDITED = {**_state("Healthy", "1x300"), **_pipeline("ready", "1x300")}
_LONG = {**_guard(missing_ratio="0.02x300", missing_limit_ratio="0.01x300"), **_state("Healthy", "1x300")}

CASES = (
    Case(
        "FrametraceTracesMissing",
        since="30s",
        fires={**_MISSING, **_state("Healthy"), **_audited()},
        silent={**_guard(missing_ratio="0.01x80", missing_limit_ratio="0.01x80"), **_state("Healthy"), **_audited()},
    ),
    # rolled back; the cameras are away, so that no frame ends; ledgers cannot be read, so that nobody looks
    Case(
        "FrametraceTracesMissing",
        since="30s",
        fires={**_MISSING, **_state("Suspect"), **_audited()},
        silent={**_MISSING, **_state("Suspect", "1x5 0x75"), **_state("RolledBack", "0x5 1x75"), **_audited()},
    ),
    Case(
        "FrametraceTracesMissing",
        since="30s",
        fires={**_MISSING, **_state("Healthy"), **_audited("900x8 0x31 900x40")},
        silent={**_MISSING, **_state("Healthy"), **_audited("900x8 0x72")},
    ),
    Case(
        "FrametraceTracesMissing",
        since="30s",
        fires={**_LONG, **_audited("900x300", "0+15x300")},
        silent={**_LONG, **_audited("900x300", "0x300")},
        at="60m",
    ),
    Case(
        "FrametraceTracesUnknown",
        since="3m30s",
        fires={**_guard(unknown_windows="0+1x20 20x80"), **_state("Healthy")},
        silent={**_guard(unknown_windows="0+1x9 0+1x9 0+1x9 0+1x9 0+1x9 0+1x9 0+1x9 0x20"), **_state("Healthy")},
    ),
    Case(
        "FrametraceTracesUnknown",
        since="1m",
        fires={**_guard(unknown_windows="10x80"), **_state("Suspect")},
        silent={**_guard(unknown_windows="10x80"), **_state("Healthy", "0x80"), **_state("RolledBack")},
    ),
    Case(
        "FrametraceTracingOverhead",
        since="2m45s",
        fires={**_OVERHEAD, _CPU: "0+1x80"},
        silent={**_OVERHEAD, _CPU: "0+0.2x80"},
    ),
    Case(
        "FrametraceTracingOverhead",
        since="2m45s",
        fires={**_OVERHEAD, _CPU: "0+1x80"},
        silent={**_guard(overhead_ratio="0.04x80", overhead_limit_ratio="0.05x80"), _CPU: "0+1x80"},
    ),
    Case(
        "FrametraceJaegerUnstable",
        since="3m",
        fires=_guard(backend_failed_probes="0x10 3x80"),
        silent=_guard(backend_failed_probes="2x80"),
    ),
    Case(
        "FrametraceJaegerUnstable",
        since="15s",
        fires=_guard(backend_failed_spans_ratio="0.02x80"),
        silent=_guard(backend_failed_spans_ratio="0.01x80"),
    ),
    Case(
        "FrametraceJaegerUnstable",
        since="15s",
        fires=_guard(backend_restarts="2x80"),
        silent=_guard(backend_restarts="1x80"),
    ),
    Case(
        "FrametraceTracingRolledBack",
        fires={**_state("RollingBack", "0x80"), **_state("RolledBack")},
        silent={**_state("RollingBack", "0x80"), **_state("RolledBack", "0x80"), **_state("Probation")},
    ),
    Case("FrametraceTracingRolledBack", fires=_state("RollingBack"), silent=_state("RollingBack", "1x40 0x40")),
    Case(
        "FrametraceTraceBudgetExceeded",
        since="2m",
        fires=_guard(projected_bytes_per_day="6e9x80", budget_bytes_per_day="5e9x80"),
        silent=_guard(projected_bytes_per_day="5e9x80", budget_bytes_per_day="5e9x80"),
    ),
    # 270 spans a second are 10.5 GB a day, 240 are 9.3 GB: two pods' spans add up
    Case(
        "FrametraceTraceStorageGrowth",
        since="10m",
        fires={f'frametrace_spans_exported_total{{{_YARD},pod="{pod}"}}': "0+1012x80" for pod in "ab"},
        silent={f'frametrace_spans_exported_total{{{_YARD},pod="{pod}"}}': "0+900x80" for pod in "ab"},
    ),
    Case(
        "FrametraceCameraAway",
        since="2m",
        fires={_UP: "0x80"},
        silent={_UP: "1x50 0x6 1x80"},
        labels=f'{_YARD},camera="cam01"',
    ),
    Case(
        "FrametraceCamerasUnavailable",
        since="5m",
        fires=_pipeline("cameras", "1x80", ',state="Unknown"'),
        silent={
            **_pipeline("cameras", "0x80", ',state="Unknown"'),
            **_pipeline("cameras", "1x80", ',state="Starting"'),
        },
    ),
    # three pipelines of 7.8 GB a day each: in one Jaeger, and one alone in another
    Case(
        "FrametraceSharedStorageGrowth",
        since="8m30s",
        fires={**_shared("a", "shared:16686"), **_shared("b", "shared:16686"), **_shared("c", "other:16686")},
        silent={**_shared("a", "one:16686"), **_shared("b", "two:16686"), **_shared("c", "three:16686")},
        labels='backend="shared:16686"',
    ),
    # of every two minutes pictures come for half a minute, or are missing for half a minute
    Case(
        "FrametraceCamerasUnavailable",
        since="5m30s",
        fires=_pipeline("cameras", " ".join(["0x1 1x5"] * 12), ',state="Unavailable"'),
        silent=_pipeline("cameras", " ".join(["1x1 0x5"] * 12), ',state="Unavailable"'),
    ),
    Case(
        "FrametraceCameraAway",
        since="2m30s",
        fires={_UP: " ".join(["1x1 0x5"] * 12)},
        silent={_UP: " ".join(["0x1 1x5"] * 12)},
        labels=f'{_YARD},camera="cam01"',
    ),
    Case(
        "FrametraceBrokerDown",
        since="9m15s",
        fires=_pipeline("broker_available", "1x16 0x60"),
        silent=_pipeline("broker_available", "1x40 0x18 1x24"),
    ),
    Case(
        "FrametraceStagesUnavailable",
        since="9m15s",
        fires=_pipeline("unavailable_stages", "0x16 1x60"),
        silent=_pipeline("unavailable_stages", "0x46 1x15 0x20"),
    ),
    Case(
        "FrametracePipelineNotReady",
        since="10m",
        fires=_pipeline("ready", "0x100", ',reason="Progressing"'),
        silent={
            **_pipeline("ready", "0x24 _x90", ',reason="Progressing"'),
            **_pipeline("ready", "_x24 1x90", ',reason="FramesFlowing"'),
        },
        at="20m",
    ),
    # it changes to and fro, and is ready for a third of the time; cameras have an alert of their own
    Case(
        "FrametracePipelineNotReady",
        since="14m",
        fires=_pipeline("ready", " ".join(["1x3 0x7"] * 10), ',reason="Stalled"'),
        silent=_pipeline("ready", "0x100", ',reason="CamerasUnavailable"'),
        at="20m",
    ),
    # suspended while it was not ready
    Case(
        "FrametracePipelineNotReady",
        since="10m",
        fires=_pipeline("ready", "0x80", ',reason="Stalled"'),
        silent=_pipeline("ready", "0x45 _x40", ',reason="Stalled"'),
    ),
    # 20 frames a second, and one or two of them dropped
    Case(
        "FrametraceFramesDropped",
        since="5m15s",
        fires={_DROPPED: "0+30x80", _CAPTURED: "0+300x80"},
        silent={_DROPPED: "0+14x80", _CAPTURED: "0+300x80"},
        labels=_MOTION,
    ),
    # 20 frames a second: 600 of them wait for 30 s
    Case(
        "FrametraceQueueLag",
        since="2m15s",
        fires={_LAG: "700x80", _CAPTURED: "0+300x80"},
        silent={_LAG: "500x80", _CAPTURED: "0+300x80"},
        labels=_MOTION,
    ),
    # frameSeconds is 30: at 30 frames a second the queue is full with 900, and 15 s of it are 450
    Case(
        "FrametraceQueueLag",
        since="2m15s",
        fires={_LAG: "900x80", _CAPTURED: "0+450x80", **_pipeline("lag_limit_seconds", "15x80")},
        silent={_LAG: "400x80", _CAPTURED: "0+450x80", **_pipeline("lag_limit_seconds", "15x80")},
        labels=_MOTION,
    ),
    # maxFrames is 50
    Case(
        "FrametraceQueueLag",
        since="2m",
        fires={_LAG: "49x80", _CAPTURED: "0+450x80", **_pipeline("queue_limit_frames", "50x80")},
        silent={_LAG: "20x80", _CAPTURED: "0+450x80", **_pipeline("queue_limit_frames", "50x80")},
        labels=_MOTION,
    ),
    # a frame a second, of which each may wait for a second
    Case(
        "FrametraceQueueLag",
        since="2m15s",
        fires={_LAG: "3x80", _CAPTURED: "0+15x80", **_pipeline("lag_limit_seconds", "0.5x80")},
        silent={
            _LAG: "1x80",
            _CAPTURED: "0+15x80",
            **_pipeline("lag_limit_seconds", "0.5x80"),
            **_pipeline("queue_limit_frames", "1x80"),
        },
        labels=_MOTION,
    ),
    Case(
        "FrametraceDeadLetters",
        since="10m15s",
        fires={_ENDED: "1x40 3x40"},
        silent={_ENDED: "3x80", _COMPLETED: "0+5x80"},
        labels=_MOTION,
    ),
    # a pod that runs for long, which Prometheus sees for the first time or after a gap
    Case(
        "FrametraceDeadLetters",
        since="12m45s",
        fires={_ENDED: "_x50 0 1x30"},
        silent={_ENDED: "500x5 _x50 500x30"},
        labels=_MOTION,
    ),
    Case(
        "FrametraceNoLeader",
        since="1m",
        fires={f'frametrace_operator_leader{{pod="{pod}"}}': "0x80" for pod in "ab"},
        silent={'frametrace_operator_leader{pod="a"}': "0x80", 'frametrace_operator_leader{pod="b"}': "1x80"},
        labels="",
    ),
    Case("FrametraceNoLeader", since="1m", fires={}, silent={"frametrace_operator_leader": "1x80"}, labels=""),
    # two releases, and one of them has no pods any more; or another pod of the same one leads
    Case(
        "FrametraceNoLeader",
        since="6m15s",
        fires={_LEADS.format(job="west", pod="a"): "1x20 stale", _LEADS.format(job="east", pod="b"): "1x80"},
        silent={
            _LEADS.format(job="west", pod="a"): "1x20 stale",
            _LEADS.format(job="west", pod="c"): "0x22 1x60",
            _LEADS.format(job="east", pod="b"): "1x80",
        },
        labels='namespace="o",job="west"',
    ),
    Case(
        "FrametraceOperatorBlind",
        since="1m",
        fires={_SILENCE: "61x80", **_pipeline("unreadable_pods", "2x80")},
        silent={_SILENCE: "59x80", **_pipeline("unreadable_pods", "2x80")},
        labels='namespace="o",pod="a"',
    ),
    # the only pod of the only pipeline crashes again and again; or that of another one gives no ledger, either
    Case(
        "FrametraceOperatorBlind",
        since="1m",
        fires={_SILENCE: "61x80", **_pipeline("unreadable_pods", "1x80"), _OTHERS: "1x80"},
        silent={_SILENCE: "61x80", **_pipeline("unreadable_pods", "1x80"), _OTHERS: "0x80"},
        labels='namespace="o",pod="a"',
    ),
    # it is stuck, and its liveness probe restarts it every two minutes; or it was restarted once
    Case(
        "FrametraceOperatorBlind",
        since="5m",
        fires={_STARTED: "10x7 130x7 250x7 370x60"},
        silent={_STARTED: "10x7 stale _x4 190x70"},
        labels='namespace="o",pod="a"',
    ),
    Case(
        "FrametraceLedgersUnreadable",
        since="2m",
        fires={f"frametrace_pipeline_unreadable_pods{{{_YARD}}}": "2x80"},
        silent={f"frametrace_pipeline_unreadable_pods{{{_YARD}}}": "0x50 2x4 0x80"},
    ),
    Case(
        "FrametraceAuditOverdue",
        since="46m15s",
        fires={**_guard(audit_timestamp_seconds="0x300"), **_state("Healthy", "1x300")},
        silent={
            **_guard(audit_timestamp_seconds="0x300"),
            **_state("Healthy", "0x300"),
            **_state("RolledBack", "1x300"),
        },
        at="60m",
    ),
    # never looked at; a pipeline that is suspended, and one that is looked at
    Case(
        "FrametraceAuditOverdue",
        since="46m",
        fires=_UNAUDITED | _pipeline("cameras", "1x300", _CAPTURES),
        silent=_state("Healthy", "1x300") | _pipeline("cameras", "1x300", _CAPTURES),
        at="60m",
    ),
    Case(
        "FrametraceAuditOverdue",
        since="46m",
        fires=_UNAUDITED | _pipeline("cameras", "1x300", _CAPTURES),
        silent={
            **_UNAUDITED,
            **_pipeline("cameras", "1x300", _CAPTURES),
            **_guard(audit_timestamp_seconds="_x10 0+15x220 _x70"),
        },
        at="60m",
    ),
    # one camera captures but for two minutes; or all of them are away, so that no frame can be looked at
    Case(
        "FrametraceAuditOverdue",
        since="46m",
        fires=_UNAUDITED | _pipeline("cameras", "0x4 1x100 0x4 1x180", _CAPTURES),
        silent=_UNAUDITED | _pipeline("cameras", "0x300", _CAPTURES),
        at="60m",
    ),
)
