"""Which captured frames are traced: by their trace ID and a ratio, so that every process would decide the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from frame_tracking import FrameID
from frametrace_api.contract import LiveContract, TracingState

__all__ = ["Keep", "Sampling", "is_sampled"]

_LOW_64: Final = 1 << 64
_MILLISECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Keep:
    """Which frames are traced although sampling left them out, from the hop on that finds them so.

    Attributes:
        errors: those that fail.
        slower_ns: those whose handling at a hop takes longer, in nanoseconds; 0 keeps none for being slow.
    """

    errors: bool = False
    slower_ns: int = 0

    def __bool__(self) -> bool:
        return self.errors or self.slower_ns > 0

    def holds(self, *, failed: bool = False, took_ns: int = 0) -> bool:
        """Return whether a frame is kept that failed, or took so long."""
        return (failed and self.errors) or 0 < self.slower_ns < took_ns


@dataclass(frozen=True, slots=True)
class Sampling:
    """What capture decides by.

    Attributes:
        ratio: share of the frames that are traced, 0 to 1.
        by_camera: cameras whose share differs.
        revision: names the tree of stages; written on root spans.
        on: whether tracing is on at all; traces that a user's own code begins outside frames follow it.
        keep: which of the other frames are traced all the same.
    """

    ratio: float = 1.0
    by_camera: Mapping[str, float] = field(default_factory=dict)
    revision: str = ""
    on: bool = True
    keep: Keep = Keep()

    @classmethod
    def of(cls, contract: LiveContract) -> Sampling:
        """Read the live contract; a ratio that is no number counts as 0: tracing never wins over doubt."""
        tracing = contract.tracing
        by_camera = {camera: _ratio(text) for camera, text in tracing.camera_ratios.items()}
        on = tracing.state is not TracingState.OFF
        keep = Keep(tracing.keep_errors, max(0, tracing.keep_slower_than_milliseconds) * _MILLISECOND)
        return cls(_ratio(tracing.ratio), by_camera, contract.revision, on, keep)

    def ratio_of(self, camera: str) -> float:
        """Return the share for `camera`."""
        return self.by_camera.get(camera, self.ratio)


def is_sampled(frame_id: FrameID, ratio: float) -> bool:
    """Decide as OpenTelemetry's TraceIdRatioBased does: by the trace ID's low 64 bits."""
    return ratio >= 1.0 or int(frame_id.trace_id[16:], 16) < round(ratio * _LOW_64)


def _ratio(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= 1.0 else 0.0
