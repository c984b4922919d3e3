"""What happens at night, as the series that tell of it, and which alerts fire when: no other ones. A value every 15 s, unless said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["STORIES", "Story"]

_YARD = 'namespace="site",pipeline="yard"'
_CAMERA = f'{_YARD},camera="cam01"'
_MOTION = f'{_CAMERA},stage="motion"'


@dataclass(frozen=True, slots=True)
class Story:
    """A story.

    Attributes:
        series: in promtool's notation.
        firing: by time, the names of the alerts that fire then.
        seconds: from one scrape to the next.
    """

    name: str
    series: Mapping[str, str]
    firing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    seconds: int = 15


def _told(name: str, value: str, *, by: str = "operator-1", more: str = "") -> dict[str, str]:
    """A series of the pipeline, by the operator that leads."""
    return {f'frametrace_{name}{{{_YARD},pod="{by}"{more}}}': value}


def _all_well(steps: int) -> dict[str, str]:
    """What a pipeline tells whose frames flow, 30 a second."""
    return {
        **_told("guard_state", f"1x{steps}", more=',state="Healthy"'),
        f"frametrace_frames_captured_total{{{_CAMERA}}}": f"0+450x{steps}",
        'frametrace_operator_leader{namespace="o",pod="operator-1"}': f"1x{steps}",
    }


_NONE: frozenset[str] = frozenset()
_DROPPED = f'frametrace_frames_ended_total{{{_MOTION},outcome="dropped",reason="%s"}}'
_CAPTURING = ',state="Capturing"'
_READY = ',reason="FramesFlowing"'

STORIES = (
    Story(
        "the only stage crashes at five minutes, and its own series end",
        {
            **_all_well(100),
            f"frametrace_queue_lag_frames{{{_MOTION}}}": "5x20 stale",
            _DROPPED % "overflow": "0x24 0+450x80",
            **_told("pipeline_unavailable_stages", "0x20 1x80"),
            **_told("pipeline_ready", "1x20 stale", more=_READY),
            **_told("pipeline_ready", "_x21 0x80", more=',reason="StagesUnavailable"'),
            **_told("pipeline_broker_available", "1x100"),
        },
        {
            "5m": _NONE,
            "8m": _NONE,
            "11m": frozenset({"FrametraceStagesUnavailable"}),
            "20m": frozenset({"FrametraceStagesUnavailable", "FrametraceFramesDropped", "FrametracePipelineNotReady"}),
        },
    ),
    Story(
        "the broker is away from the fifth minute to the twelfth",
        {
            **_all_well(100),
            **_told("pipeline_broker_available", "1x20 0x27 1x60"),
            **_told("pipeline_ready", "1x20 stale _x28 1x60", more=_READY),
            **_told("pipeline_ready", "_x21 0x27 stale", more=',reason="BrokerUnavailable"'),
            **_told("pipeline_unavailable_stages", "0x100"),
        },
        {"8m": _NONE, "10m": _NONE, "11m": frozenset({"FrametraceBrokerDown"}), "13m": _NONE, "20m": _NONE},
    ),
    Story(
        "a pipeline is new, and the image of its Redis is pulled for three minutes",
        {
            **_all_well(100),
            **_told("pipeline_broker_available", "0x11 1x80"),
            **_told("pipeline_ready", "0x13 stale", more=',reason="Progressing"'),
            **_told("pipeline_ready", "_x14 1x80", more=_READY),
        },
        dict.fromkeys(("1m30s", "2m30s", "3m15s", "5m", "15m"), _NONE),
    ),
    Story(
        "a switch starts again: ten cameras are away for a minute",
        {
            **_all_well(160),
            **_told("pipeline_cameras", "0x80 10x3 0x70", more=',state="Unavailable"'),
            **_told("pipeline_cameras", "10x80 0x3 10x70", more=_CAPTURING),
        },
        dict.fromkeys(("21m", "24m", "27m", "30m", "33m"), _NONE),
    ),
    Story(
        "ten cameras are away for a quarter of an hour",
        {
            **_all_well(160),
            **_told("pipeline_cameras", "0x40 10x60 0x60", more=',state="Unavailable"'),
            **_told("pipeline_cameras", "10x40 0x60 10x60", more=_CAPTURING),
        },
        {"14m": _NONE, "17m": frozenset({"FrametraceCamerasUnavailable"}), "33m": _NONE},
    ),
    Story(
        "a camera that was away is taken out of its pipeline, or the pipeline suspended",
        {
            **_all_well(100),
            f"frametrace_camera_up{{{_CAMERA}}}": "0x40 stale",
            **_told("pipeline_cameras", "1x40 stale", more=',state="Unavailable"'),
        },
        {"9m": frozenset({"FrametraceCameraAway", "FrametraceCamerasUnavailable"}), "12m45s": _NONE, "15m": _NONE},
    ),
    Story(
        "another operator takes the lead while much is wrong",
        {
            **{
                f'frametrace_{name}{{{_YARD},pod="{pod}"{more}}}': f"{gap}{value}x{steps}{end}"
                for pod, gap, steps, end in (("operator-1", "", 80, " stale"), ("operator-2", "_x84 ", 60, ""))
                for name, value, more in (
                    ("guard_state", 1, ',state="RolledBack"'),
                    ("pipeline_unavailable_stages", 2, ""),
                    ("pipeline_broker_available", 0, ""),
                    ("pipeline_ready", 0, ',reason="BrokerUnavailable"'),
                )
            },
            'frametrace_operator_leader{namespace="o",pod="operator-1"}': "1x80 stale",
            'frametrace_operator_leader{namespace="o",pod="operator-2"}': "0x83 1x60",
        },
        {
            at: frozenset(
                {
                    "FrametraceTracingRolledBack",
                    "FrametraceStagesUnavailable",
                    "FrametraceBrokerDown",
                    "FrametracePipelineNotReady",
                }
            )
            for at in ("19m", "20m30s", "20m45s", "21m", "22m", "30m")
        },
    ),
    Story(
        "a pipeline is suspended for the night",
        {
            **_told("guard_state", "1x100", more=',state="Healthy"'),
            **_told("pipeline_ready", "1x20 stale", more=_READY),
            **_told("pipeline_broker_available", "1x20 stale"),
            **_told("pipeline_unavailable_stages", "0x100"),
            f"frametrace_frames_captured_total{{{_CAMERA}}}": "0+450x20 stale",
            'frametrace_operator_leader{namespace="o",pod="operator-1"}': "1x100",
        },
        {"6m": _NONE, "12m": _NONE, "24m": _NONE},
    ),
    Story(
        "a queue that is full is trimmed, scraped once a minute",
        {
            f"frametrace_frames_captured_total{{{_CAMERA}}}": "0+1800x30",
            _DROPPED % "overflow": "0x5 0+360x25",
            f"frametrace_queue_lag_frames{{{_MOTION}}}": "0x5 900x25",
            **_told("pipeline_queue_limit_frames", "900x30"),
            **_told("pipeline_lag_limit_seconds", "15x30"),
            'frametrace_operator_leader{namespace="o",pod="operator-1"}': "1x30",
        },
        {"6m": _NONE, "16m": frozenset({"FrametraceQueueLag", "FrametraceFramesDropped"})},
        seconds=60,
    ),
)
