"""How much memory and storage the managed Redis and Jaeger get. Figures and arithmetic; must not know manifests.

Sizes go up in powers of two: a change of size restarts the server, and one that keeps everything in memory loses it.
So a camera or stage more restarts it only when a power is passed; and no size depends on a sampling ratio, which
changes live.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from frametrace_api.backend import Storage
from frametrace_api.capture import Capture, Encoding
from frametrace_api.quantities import bytes_of
from frametrace_api.spec import CameraPipelineSpec

__all__ = ["ARITHMETIC", "FRAMES_PER_SECOND", "JaegerSize", "RedisSize", "jaeger_size", "max_frames", "redis_size"]

ARITHMETIC: Final = 2
"""Raised with each change of what comes out here: other sizes are then a new operator's, and no changed resource's."""

MEBIBYTE: Final = 1024**2
GIBIBYTE: Final = 1024**3

FRAMES_PER_SECOND: Final = 30
"""What a camera is taken to send when no limit is set."""

_WIDTH: Final = 1920
_BYTES_A_PIXEL: Final = {Encoding.JPEG: 0.15, Encoding.RAW: 3.0}  # 300 kB for a full-HD JPEG of quality 85
_MOST_FRAMES: Final = 1_000_000

_REDIS_LEAST, _REDIS_MOST = 256 * MEBIBYTE, 16 * GIBIBYTE
_REDIS_SHARE: Final = (
    0.75  # the rest is for clients' buffers, scripts and fragmentation, which maxmemory does not bound
)

# Measured on Jaeger 2.13: 1.3 kB of memory a span in a full ring, and 0.9 kB on badger's disk with the attributes of pods, as the guard reckons.
_CAPTURE_SPANS: Final = 4
_STAGE_SPANS: Final = 2
_SPAN_BYTES: Final = {Storage.MEMORY: 2048, Storage.BADGER: 900}
_TRACES_LEAST: Final = {Storage.MEMORY: 256 * MEBIBYTE, Storage.BADGER: GIBIBYTE}
_TRACES_MOST: Final = {Storage.MEMORY: 2 * GIBIBYTE, Storage.BADGER: 256 * GIBIBYTE}
_BADGER_SLACK: Final = 2  # expired spans leave the disk only when whole files are compacted
_JAEGER_BASE: Final = 256 * MEBIBYTE  # the process itself and what is on its way in
_BADGER_MEMORY: Final = 768 * MEBIBYTE  # its tables and caches


@dataclass(frozen=True, slots=True)
class RedisSize:
    """Bytes: the container's limit, and what Redis may fill of it."""

    limit: int
    max_memory: int


@dataclass(frozen=True, slots=True)
class JaegerSize:
    """Bytes for traces (memory or volume) and of the container's memory limit; the ring's length in traces."""

    storage: int
    limit: int
    max_traces: int


def max_frames(spec: CameraPipelineSpec) -> int:
    """Most frames that wait for one camera and hop."""
    retention = spec.broker.retention
    derived = min(ceil(retention.frame_seconds * _rate(spec.capture)), _MOST_FRAMES)
    return retention.max_frames if retention.max_frames is not None else derived


def redis_size(spec: CameraPipelineSpec) -> RedisSize:
    """Room for the pictures of all cameras for as long as they are kept."""
    pictures = len(spec.cameras) * _rate(spec.capture) * spec.broker.retention.frame_seconds
    limit = _bucket(pictures * _picture_bytes(spec.capture) / _REDIS_SHARE, _REDIS_LEAST, _REDIS_MOST)
    return RedisSize(limit=limit, max_memory=int(limit * _REDIS_SHARE))


def jaeger_size(spec: CameraPipelineSpec) -> JaegerSize:
    """Room for every frame's trace over the retention, as far as it is bounded or `size` says otherwise."""
    managed = spec.tracing.backend.managed
    storage = managed.storage if managed is not None else Storage.MEMORY
    traces = len(spec.cameras) * _rate(spec.capture) * spec.tracing.retention.trace_seconds
    trace_bytes = _power_of_two(_CAPTURE_SPANS + _STAGE_SPANS * len(spec.stages)) * _SPAN_BYTES[storage]
    needed = traces * trace_bytes * (_BADGER_SLACK if storage is Storage.BADGER else 1)
    derived = _bucket(needed, _TRACES_LEAST[storage], _TRACES_MOST[storage])
    size = bytes_of(managed.size) if managed is not None and managed.size is not None else derived
    in_memory = size if storage is Storage.MEMORY else _BADGER_MEMORY
    return JaegerSize(storage=size, limit=in_memory + _JAEGER_BASE, max_traces=max(1, size // trace_bytes))


def _rate(capture: Capture) -> float:
    return FRAMES_PER_SECOND if capture.frames_per_second is None else float(capture.frames_per_second)


def _picture_bytes(capture: Capture) -> float:
    width = capture.max_width or _WIDTH
    return width * width * 9 / 16 * _BYTES_A_PIXEL[capture.encoding]


def _bucket(needed: float, least: int, most: int) -> int:
    return min(max(_power_of_two(needed), least), most)


def _power_of_two(number: float) -> int:
    """The smallest power of two that is not below the number."""
    return 1 << max(0, ceil(number) - 1).bit_length()
