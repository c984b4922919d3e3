"""A pipeline as processes over a real broker, until so many frames have passed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from frame_tracking import CAPTURE_SERVICE

from scripts.servers.pipeline import LocalPipeline, Plan, running

__all__ = ["run_processes"]

_STUCK_SECONDS = 900.0


def run_processes(folder: Path, plan: Plan, frames: int) -> int:
    """Run until `frames` frames were handed on and have ended; return how many ended before that, at capture."""
    with running(folder, plan) as pipeline:
        while (captured := pipeline.wait_for_frames(CAPTURE_SERVICE, frames, _STUCK_SECONDS).hops[0]).left < frames:
            time.sleep(0.5)
        pipeline.end(CAPTURE_SERVICE)
        for name, _ in plan.stages:
            pipeline.wait_for_frames(name, frames, _STUCK_SECONDS)
        _wait_until_still(pipeline, [name for name, _ in plan.stages])
        return sum(captured.ended.values())


def _wait_until_still(pipeline: LocalPipeline, stages: Sequence[str]) -> None:
    """Wait until no stage finishes a frame any more."""
    before, now = -1, 0
    while now != before:
        before = now
        time.sleep(1)
        now = sum(sum(hop.ended.values()) + hop.left for stage in stages for hop in pipeline.ledger(stage).hops)
