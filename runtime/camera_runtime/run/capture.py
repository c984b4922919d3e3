"""A capture process: one camera, from its stream into the pipeline's first queue."""

from __future__ import annotations

from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE
from frametrace_api.contract import CaptureContract
from telemetry import Service

from camera_runtime.run.capture_parts import capture_parts
from camera_runtime.run.contracts import read_process
from camera_runtime.run.process import Options, Process

__all__ = ["run_capture"]


def run_capture(options: Options) -> bool:
    """Run until the process is told to end; True if its work had no fault and every span was sent.

    Raises:
        ContractError: if a contract cannot be used.
    """
    contract = read_process(options.config, CaptureContract)
    service = Service(CAPTURE_SERVICE, contract.pipeline.name)
    process = Process(service, contract.pipeline, CAPTURE_HOP, options, contract.camera.id)
    broker = process.connect(contract.broker)
    producer = broker.producer(contract.camera.id, CAPTURE_HOP)
    parts = capture_parts(contract, (process.tracer, process.account), producer, broker.system)
    endpoints = process.endpoints(
        unhealthy=lambda: "" if parts.capturer.alive else "the capture loop is stuck",
        unready=parts.unready,
        cameras=lambda: (parts.status.snapshot(),),
        snapshot=parts.snapshot if contract.pictures_allowed else None,
    )
    try:
        return process.run(parts.capturer, endpoints)
    finally:
        broker.close()
