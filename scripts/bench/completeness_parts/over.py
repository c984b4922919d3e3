"""One pipeline over one transport, with a Jaeger of its own, and the audit of its frames."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from frame_tracking import FrameID, Topology
from frametrace_api.contract import BrokerContract

from scripts.bench.completeness_parts.audit import Audit, audit, first_frames
from scripts.bench.completeness_parts.handlers import SEEN_VARIABLE
from scripts.bench.completeness_parts.in_memory import run_in_memory
from scripts.bench.completeness_parts.processes import run_processes
from scripts.servers.jaeger import JaegerServer
from scripts.servers.pipeline import Plan
from scripts.servers.rabbitmq import RabbitServer
from scripts.servers.redis import RedisServer

__all__ = ["FRAMES", "QUICK_FRAMES", "TRANSPORTS", "one"]

STAGES = (("look", "capture"), ("again", "look"), ("aside", "capture"))
_HANDLERS = "scripts.bench.completeness_parts.handlers"
HANDLERS = {"look": f"{_HANDLERS}:write_down", "again": f"{_HANDLERS}:hand_on", "aside": f"{_HANDLERS}:hand_on"}
FRAMES, QUICK_FRAMES = 10_000, 1_000
CAMERA = "test://?width=320&height=180&fps=90"


def over_memory(_: Path, otlp: str, frames: int) -> int:
    """Run a pipeline in this process."""
    return run_in_memory(CAMERA, otlp, Topology.of(STAGES), HANDLERS, frames)


def over_redis(folder: Path, otlp: str, frames: int) -> int:
    """Run processes over a Redis."""
    server = RedisServer(folder)
    try:
        return _processes(folder, BrokerContract(url=server.url), otlp, frames)
    finally:
        server.stop()


def over_rabbitmq(folder: Path, otlp: str, frames: int) -> int:
    """Run processes over a RabbitMQ."""
    server = RabbitServer(folder)
    try:
        return _processes(folder, BrokerContract(type="RabbitMQ", url=server.url, overflow="DropNewest"), otlp, frames)
    finally:
        server.stop()


TRANSPORTS: dict[str, Callable[[Path, str, int], int]] = {
    "memory": over_memory,
    "redis": over_redis,
    "rabbitmq": over_rabbitmq,
}


def _processes(folder: Path, broker: BrokerContract, otlp: str, frames: int) -> int:
    environment = {SEEN_VARIABLE: os.environ[SEEN_VARIABLE]}
    return run_processes(folder, Plan(CAMERA, broker, otlp, STAGES, HANDLERS, environment), frames)


def one(transport: str, frames: int) -> Audit:
    """Run it over one transport, with a Jaeger of its own."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="frametrace-complete-") as made:
        folder = Path(made)
        seen = folder / "seen"
        os.environ[SEEN_VARIABLE] = str(seen)
        jaeger = JaegerServer(folder)
        try:
            told = TRANSPORTS[transport](folder, jaeger.otlp_url, frames)
            frame_ids, gaps = first_frames([FrameID(line) for line in seen.read_text().splitlines()], frames)
            if gaps > told:
                raise RuntimeError(f"{gaps} frames never reached a stage, and the capture told of {told} only")
            found = audit(jaeger.query_url, frame_ids, Topology.of(STAGES))
        finally:
            jaeger.stop()
    print(
        f"{transport}: {found.complete} of {frames} complete, {time.monotonic() - begun:.0f} s, {found.wrong}",
        flush=True,
    )
    return found
