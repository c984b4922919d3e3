"""Live values of cameras and stages, from two readings of their pods. Pure; times are the caller's monotonic clock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from frame_tracking import CAPTURE_HOP, HopCount, Ledger, Metric, Outcome
from prometheus_client.parser import text_string_to_metric_families

__all__ = ["CameraLive", "Reading", "StageLive", "camera_live", "reading_of", "stage_live"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a pod told at `at` seconds: its ledger, and by camera what only its metrics have."""

    at: float
    ledger: Ledger
    lag: Mapping[str, int] = field(default_factory=dict)
    reconnects: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CameraLive:
    """A camera now: frames a second, captured and lost at capture; seconds since its last frame; reconnects so far."""

    fps: float | None = None
    dropped_per_second: float | None = None
    last_frame_seconds: float | None = None
    reconnects: int | None = None


@dataclass(frozen=True, slots=True)
class StageLive:
    """A stage now: frames a second, handled and lost in it; frames that wait for it."""

    fps: float | None = None
    dropped_per_second: float | None = None
    lag: int | None = None


Pair = tuple[Reading | None, Reading]
"""Two readings of one pod, the earlier one first; None if there is no earlier one."""


def reading_of(at: float, ledger: bytes, metrics: bytes) -> Reading:
    """Read a pod's answers.

    Raises:
        ValueError: if they are none.
    """
    samples = [
        sample
        for family in text_string_to_metric_families(metrics.decode("utf-8", errors="replace"))
        for sample in family.samples
        if "camera" in sample.labels
    ]

    def by_camera(name: str) -> dict[str, int]:
        return {sample.labels["camera"]: int(sample.value) for sample in samples if sample.name == name}

    return Reading(
        at,
        Ledger.model_validate_json(ledger),
        lag=by_camera(Metric.QUEUE_LAG),
        reconnects=by_camera(f"{Metric.CAMERA_RECONNECTS}_total"),
    )


def camera_live(camera: str, pods: Iterable[Pair], wall: float) -> CameraLive:
    """A camera as its capture's pods tell it; `wall` is now, in seconds since 1970."""
    pairs = list(pods)
    counts = [count for _, new in pairs for count in _hops(new.ledger, CAPTURE_HOP, camera)]
    last = max((count.last_frame for count in counts), default=0.0)
    return CameraLive(
        fps=_rate(pairs, CAPTURE_HOP, lambda count: count.entered, camera),
        dropped_per_second=_rate(pairs, CAPTURE_HOP, _lost, camera),
        last_frame_seconds=max(0.0, wall - last) if last else None,
        reconnects=sum(new.reconnects.get(camera, 0) for _, new in pairs) if pairs else None,
    )


def stage_live(stage: str, pods: Iterable[Pair]) -> StageLive:
    """A stage as its pods tell it. All of them see the same queues, so the largest lag of a camera counts."""
    pairs = list(pods)
    cameras = {camera for _, new in pairs for camera in new.lag}
    lag = sum(max(new.lag.get(camera, 0) for _, new in pairs) for camera in cameras)
    return StageLive(
        fps=_rate(pairs, stage, lambda count: count.left + sum(count.ended.values())),
        dropped_per_second=_rate(pairs, stage, _lost),
        lag=lag if pairs else None,
    )


def _hops(ledger: Ledger, hop: str, camera: str = "") -> Iterable[HopCount]:
    return (count for count in ledger.hops if count.hop == hop and camera in ("", count.camera))


def _lost(count: HopCount) -> int:
    return sum(number for outcome, number in count.ended.items() if outcome.partition(":")[0] != Outcome.COMPLETED)


def _rate(pairs: list[Pair], hop: str, counted: Callable[[HopCount], int], camera: str = "") -> float | None:
    """Growth a second over all pods that were read twice in one life; None if there is none."""
    rates = [
        (_total(new, hop, counted, camera) - _total(old, hop, counted, camera)) / (new.at - old.at)
        for old, new in pairs
        if old is not None and old.ledger.started == new.ledger.started and new.at > old.at
    ]
    return max(0.0, sum(rates)) if rates else None


def _total(reading: Reading, hop: str, counted: Callable[[HopCount], int], camera: str) -> int:
    return sum(counted(count) for count in _hops(reading.ledger, hop, camera))
