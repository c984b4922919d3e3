"""For each alert: series with which it fires, and series with which it does not, in promtool's notation (a value every 15 s)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CASES", "Case"]

_YARD = 'namespace="site",pipeline="yard"'
_MOTION = f'{_YARD},camera="cam01",stage="motion"'
Series = dict[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """What an alert is fed with. `labels`: of the alert, besides its name, state and severity. `at`: when it is looked at."""

    alert: str
    fires: Series
    silent: Series
    labels: str = _YARD
    at: str = "15m"


def _guard(**values: str) -> Series:
    """Series of the guard of one pipeline, as the leading operator tells them."""
    return {f'frametrace_guard_{name}{{{_YARD},pod="operator-1"}}': value for name, value in values.items()}


def _state(name: str, value: str = "1x80") -> Series:
    return {f'frametrace_guard_state{{{_YARD},state="{name}"}}': value}


_CPU = f"frametrace_tracing_cpu_seconds_total{{{_YARD}}}"
_OVERHEAD = _guard(overhead_ratio="0.08x80", overhead_limit_ratio="0.05x80")
_LAG = f"frametrace_queue_lag_frames{{{_MOTION}}}"
_CAPTURED = f'frametrace_frames_captured_total{{{_YARD},camera="cam01"}}'
_ENDED = f'frametrace_frames_ended_total{{{_MOTION},outcome="dead_lettered",reason=""}}'
_COMPLETED = f'frametrace_frames_ended_total{{{_MOTION},outcome="completed",reason=""}}'
_UP = f'frametrace_camera_up{{{_YARD},camera="cam01"}}'

CASES = (
    Case(
        "FrametraceTracesMissing",
        fires=_guard(missing_ratio="0.02x80", missing_limit_ratio="0.01x80"),
        silent=_guard(missing_ratio="0.01x80", missing_limit_ratio="0.01x80"),
    ),
    Case(
        "FrametraceTracesUnknown",
        fires={**_guard(unknown_windows="0+1x20 20x80"), **_state("Healthy")},
        silent={**_guard(unknown_windows="0+1x9 0+1x9 0+1x9 0+1x9 0+1x9 0+1x9 0+1x9 0x20"), **_state("Healthy")},
    ),
    Case(
        "FrametraceTracesUnknown",
        fires={**_guard(unknown_windows="10x80"), **_state("Suspect")},
        silent={**_guard(unknown_windows="10x80"), **_state("Healthy", "0x80"), **_state("RolledBack")},
    ),
    Case("FrametraceTracingOverhead", fires={**_OVERHEAD, _CPU: "0+1x80"}, silent={**_OVERHEAD, _CPU: "0+0.2x80"}),
    Case(
        "FrametraceTracingOverhead",
        fires={**_OVERHEAD, _CPU: "0+1x80"},
        silent={**_guard(overhead_ratio="0.04x80", overhead_limit_ratio="0.05x80"), _CPU: "0+1x80"},
    ),
    Case(
        "FrametraceJaegerUnstable",
        fires=_guard(backend_failed_probes="0x10 3x80"),
        silent=_guard(backend_failed_probes="2x80"),
    ),
    Case(
        "FrametraceJaegerUnstable",
        fires=_guard(backend_failed_spans_ratio="0.02x80"),
        silent=_guard(backend_failed_spans_ratio="0.01x80"),
    ),
    Case("FrametraceJaegerUnstable", fires=_guard(backend_restarts="2x80"), silent=_guard(backend_restarts="1x80")),
    Case(
        "FrametraceTracingRolledBack",
        fires={**_state("RollingBack", "0x80"), **_state("RolledBack")},
        silent={**_state("RollingBack", "0x80"), **_state("RolledBack", "0x80"), **_state("Probation")},
    ),
    Case("FrametraceTracingRolledBack", fires=_state("RollingBack"), silent=_state("RollingBack", "1x40 0x40")),
    Case(
        "FrametraceTraceBudgetExceeded",
        fires=_guard(projected_bytes_per_day="6e9x80", budget_bytes_per_day="5e9x80"),
        silent=_guard(projected_bytes_per_day="5e9x80", budget_bytes_per_day="5e9x80"),
    ),
    # 270 spans a second are 10.5 GB a day, 240 are 9.3 GB: two pods' spans add up
    Case(
        "FrametraceTraceStorageGrowth",
        fires={f'frametrace_spans_exported_total{{{_YARD},pod="{pod}"}}': "0+1012x80" for pod in "ab"},
        silent={f'frametrace_spans_exported_total{{{_YARD},pod="{pod}"}}': "0+900x80" for pod in "ab"},
    ),
    Case("FrametraceCameraAway", fires={_UP: "0x80"}, silent={_UP: "1x50 0x6 1x80"}, labels=f'{_YARD},camera="cam01"'),
    Case(
        "FrametraceCamerasUnavailable",
        fires={f'frametrace_pipeline_cameras{{{_YARD},state="Unknown"}}': "1x80"},
        silent={
            f'frametrace_pipeline_cameras{{{_YARD},state="Unknown"}}': "0x80",
            f'frametrace_pipeline_cameras{{{_YARD},state="Starting"}}': "1x80",
        },
    ),
    # 20 frames a second: 600 of them wait for 30 s
    Case(
        "FrametraceQueueLag",
        fires={_LAG: "700x80", _CAPTURED: "0+300x80"},
        silent={_LAG: "500x80", _CAPTURED: "0+300x80"},
        labels=_MOTION,
    ),
    Case(
        "FrametraceDeadLetters",
        fires={_ENDED: "1x40 3x40"},
        silent={_ENDED: "3x80", _COMPLETED: "0+5x80"},
        labels=_MOTION,
    ),
    Case("FrametraceDeadLetters", fires={_ENDED: "_x50 1x30"}, silent={_ENDED: "2x80"}, labels=_MOTION),
    Case(
        "FrametraceNoLeader",
        fires={f'frametrace_operator_leader{{pod="{pod}"}}': "0x80" for pod in "ab"},
        silent={'frametrace_operator_leader{pod="a"}': "0x80", 'frametrace_operator_leader{pod="b"}': "1x80"},
        labels="",
    ),
    Case("FrametraceNoLeader", fires={}, silent={"frametrace_operator_leader": "1x80"}, labels=""),
    Case(
        "FrametraceOperatorBlind",
        fires={'frametrace_operator_ledger_pass_age_seconds{namespace="o",pod="a"}': "61x80"},
        silent={'frametrace_operator_ledger_pass_age_seconds{namespace="o",pod="a"}': "59x80"},
        labels='namespace="o",pod="a"',
    ),
    Case(
        "FrametraceOperatorBlind",
        fires={'frametrace_operator_watch_age_seconds{namespace="o",pod="a"}': "121x80"},
        silent={'frametrace_operator_watch_age_seconds{namespace="o",pod="a"}': "100x80"},
        labels='namespace="o",pod="a"',
    ),
    Case(
        "FrametraceLedgersUnreadable",
        fires={f"frametrace_pipeline_unreadable_pods{{{_YARD}}}": "2x80"},
        silent={f"frametrace_pipeline_unreadable_pods{{{_YARD}}}": "0x50 2x4 0x80"},
    ),
    Case(
        "FrametraceAuditOverdue",
        fires={**_guard(audit_timestamp_seconds="0x300"), **_state("Healthy", "1x300")},
        silent={
            **_guard(audit_timestamp_seconds="0x300"),
            **_state("Healthy", "0x300"),
            **_state("RolledBack", "1x300"),
        },
        at="60m",
    ),
)
