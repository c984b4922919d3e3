"""The parts of one stage's replica, put together from its contract: for a pod, and for a pipeline in one process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from frame_tracking import Topology
from frametrace_api.contract import StageContract
from telemetry.tracer import FrameTracer

from camera_runtime.account import FrameAccount
from camera_runtime.stages.handler import Handler
from camera_runtime.stages.settle import StageTools
from camera_runtime.stages.worker import StageWorker
from camera_runtime.transports.base import Broker

__all__ = ["CLAIM_MARGIN_SECONDS", "stage_worker"]

CLAIM_MARGIN_SECONDS: Final = 5.0
"""How much longer than a handler's time-out a replica may sit on a frame before another takes it over."""


def stage_worker(
    contract: StageContract,
    handler: Handler,
    traced: tuple[FrameTracer, FrameAccount],
    broker: Broker,
    topology: Callable[[], Topology],
) -> StageWorker:
    """Put a stage together; `topology` returns the live tree of stages. It reads no camera before `follow`."""
    tools = StageTools(
        name=contract.name,
        consumer=broker.consumer(
            contract.name,
            contract.input,
            claim_after_seconds=contract.handler_timeout_seconds + CLAIM_MARGIN_SECONDS,
        ),
        tracer=traced[0],
        account=traced[1],
        destination=cache(lambda camera: broker.producer(camera, contract.name).destination),
        has_readers=lambda: bool(topology().children(contract.name)),
        system=broker.system,
        max_deliveries=contract.max_deliveries,
        timeout_seconds=contract.handler_timeout_seconds,
    )
    return StageWorker(tools, handler)
