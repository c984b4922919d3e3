"""The check beside `overhead.py`: two pipelines of processes as in pods on one camera at once, one with `OTEL_SDK_DISABLED=true`."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE
from frametrace_api.contract import BrokerContract

from scripts.bench.pairs import ratio_of_pairs
from scripts.bench.processor_time import processor_seconds
from scripts.camera.clip import ClipSpec
from scripts.camera.local import CameraOptions, running_camera
from scripts.servers.pipeline import LocalPipeline, Plan, running
from scripts.servers.redis import RedisServer

__all__ = ["measure_processes"]

_FPS = 10
"""A rate that two pipelines and the camera's server keep up with on two cores."""
_WARM_UP_SECONDS = 3.0


def measure_processes(
    folder: Path, receiver: str, clip_seconds: int, pairs: int, seconds: float
) -> tuple[float, float, float]:
    """Return (lower end, ratio, upper end) of traced over untraced CPU time a frame; a pair is one slice of time of both."""
    with contextlib.ExitStack() as stack:
        camera = stack.enter_context(
            running_camera(CameraOptions(clip=ClipSpec(fps=_FPS, seconds=clip_seconds), port=0))
        )
        traced, untraced = (_start(stack, folder / name, camera, receiver, name) for name in ("traced", "untraced"))
        for pipeline in (traced, untraced):
            pipeline.wait_for_frames("motion", 2 * _FPS)
        time.sleep(_WARM_UP_SECONDS)
        return ratio_of_pairs(_pairs(traced, untraced, pairs, seconds))


def _start(stack: contextlib.ExitStack, folder: Path, camera: str, receiver: str, name: str) -> LocalPipeline:
    folder.mkdir()
    server = RedisServer(folder)
    stack.callback(server.stop)
    environment = {"OTEL_SDK_DISABLED": "true" if name == "untraced" else "false", "OTEL_BSP_SCHEDULE_DELAY": "5000"}
    plan = Plan(camera, BrokerContract(url=server.url), receiver, environment=environment)
    return stack.enter_context(running(folder, plan))


def _pairs(traced: LocalPipeline, untraced: LocalPipeline, pairs: int, seconds: float) -> list[tuple[float, float]]:
    before, found = [_used(traced), _used(untraced)], []
    for _ in range(pairs):
        time.sleep(seconds)
        now = [_used(traced), _used(untraced)]
        one, other = ((b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(before, now, strict=True))
        found.append((one, other))
        before = now
    return found


def _used(pipeline: LocalPipeline) -> tuple[float, int]:
    """Return CPU seconds of capture and stage so far, and the frames captured."""
    frames = sum(hop.entered for hop in pipeline.ledger(CAPTURE_SERVICE).hops if hop.hop == CAPTURE_HOP)
    return sum(processor_seconds(process.pid) for process in pipeline.processes.values()), frames
